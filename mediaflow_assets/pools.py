"""Concurrency pools: what may run side by side, over all runs.

Limits are stored in Dagster's database; ``mediaflow_assets.dagster_home`` sets them from the
settings each time the system starts.
"""

from __future__ import annotations

from mediaflow_assets.compute import ComputeSettings, gpus

INFERENCE = "inference"
"""Steps that hold models in memory: one at a time on a GPU."""
ENCODING = "encoding"
"""Steps that use every core without models."""
NETWORK = "network"
"""Downloads."""


def limits(compute: ComputeSettings) -> dict[str, int]:
    """Size of each pool on this machine."""
    on_gpu = compute.device != "cpu" and bool(gpus())
    return {
        INFERENCE: compute.gpu_steps if on_gpu else compute.cpu_steps,
        ENCODING: compute.cpu_steps,
        NETWORK: compute.network_steps,
    }
