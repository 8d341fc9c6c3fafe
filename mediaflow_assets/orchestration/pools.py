"""What may run side by side, over all runs, and where.

On one machine a pool limits steps; limits are stored in Dagster's database, and
``mediaflow_assets.orchestration.instance`` sets them from the settings each time the system starts. With
Celery a step goes to the queue that its ``op_tags`` name, and the workers of a queue are its limit.
"""

from __future__ import annotations

from mediaflow_assets.execution.cluster import ClusterSettings
from mediaflow_assets.execution.devices import ComputeSettings, uses_gpu

INFERENCE = "inference"
"""Steps that hold models in memory: one at a time on a GPU."""
ENCODING = "encoding"
"""Steps that use every core without models."""
DELIVERY = "delivery"
"""Deliveries: they wait for no encoder, so that a correction is delivered at once."""
NETWORK = "network"
"""Downloads."""
GENERAL = "general"
"""Queue of all steps that name none: they are light, and some need the upload history at hand."""
_DELIVERIES = 2
_MANY = 200
"""More workers than there will be: their number is the limit then, not the pool."""


def queue(name: str) -> dict[str, str]:
    """``op_tags`` of an asset whose step goes to the Celery queue ``name``."""
    return {"dagster-celery/queue": name}


def limits(compute: ComputeSettings, cluster: ClusterSettings) -> dict[str, int]:
    """Size of each pool of this installation."""
    if cluster.executor == "celery":
        return {INFERENCE: _MANY, ENCODING: _MANY, DELIVERY: _DELIVERIES, NETWORK: compute.network_steps}
    on_gpu = uses_gpu(compute)
    return {
        INFERENCE: compute.gpu_steps if on_gpu else compute.cpu_steps,
        ENCODING: compute.cpu_steps,
        DELIVERY: _DELIVERIES,
        NETWORK: compute.network_steps,
    }
