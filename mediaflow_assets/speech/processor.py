"""How a diarization engine runs, and what it tries next when a GPU's memory is full."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mediaflow_assets.execution.devices import DeviceChoice


@dataclass(frozen=True)
class Processor:
    """Device, batch and precision of an engine's networks."""

    device: DeviceChoice
    batch: int
    """Windows of 10 s given to a network at once."""
    half_precision: bool
    """fp16 on CUDA; ignored on a CPU."""
    threads: int

    def retreated(self) -> str:
        """One sentence for readers of the result, about the processor that was retreated to."""
        return f"The GPU's memory was full: {self.device.device} with batches of {self.batch}."


def retreat(processor: Processor) -> Processor:
    """The next thing to try when memory is full: half the batch, down to 1, and then the CPU."""
    if processor.batch > 1:
        return replace(processor, batch=processor.batch // 2)
    return to_cpu(processor, "even with one window at a time")


def to_cpu(processor: Processor, when: str) -> Processor:
    """The CPU, because the GPU's memory was full ``when``."""
    cpu = DeviceChoice("cpu", f"the memory of {processor.device.name} was full {when}")
    return replace(processor, device=cpu, half_precision=False)
