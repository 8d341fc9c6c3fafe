"""The processors of this machine, as stages and operators see them."""

from collections.abc import Mapping

import dagster as dg

from mediaflow_assets.execution import devices
from mediaflow_assets.execution.devices import ComputeSettings, Gpu
from mediaflow_assets.orchestration.gpu_runs import tag_run
from mediaflow_assets.orchestration.pools import limits
from mediaflow_assets.resources.workspace import Workspace


class Compute(dg.ConfigurableResource):  # type: ignore[type-arg]  # gives itself; Dagster's default cannot say so
    """Device policy, GPUs with the memory that is free now, threads, and the sizes of the pools."""

    workspace: dg.ResourceDependency[Workspace]

    @property
    def settings(self) -> ComputeSettings:
        """``MEDIAFLOW_DEVICE`` and how many things run at a time."""
        return self.workspace.settings.compute

    @property
    def gpus(self) -> tuple[Gpu, ...]:
        """What the driver reports at this moment."""
        return devices.gpus()

    @property
    def on_gpu(self) -> bool:
        """Whether stages with models will work on a GPU."""
        return devices.uses_gpu(self.settings)

    @property
    def threads(self) -> int:
        """Threads of a step on the CPU."""
        return self.settings.thread_count()

    @property
    def pools(self) -> Mapping[str, int]:
        """Pool to the number of steps that it lets run at a time."""
        return limits(self.settings, self.workspace.settings.cluster)

    def metadata(self) -> dict[str, dg.MetadataValue]:
        """For a node: what there was to work with."""
        free = [f"{gpu.name}, {gpu.memory_free / 1e9:.1f} of {gpu.memory_total / 1e9:.1f} GB free" for gpu in self.gpus]
        return {"gpus": dg.MetadataValue.text("; ".join(free) or "none"), "threads": dg.MetadataValue.int(self.threads)}

    def tag_run(self, context: dg.AssetExecutionContext) -> None:
        """Say in a tag of the run that it uses a GPU, if it does."""
        tag_run(context.instance, context.run, self.settings)
