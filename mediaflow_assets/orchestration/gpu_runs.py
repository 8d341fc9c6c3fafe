"""Runs that use a GPU say so in a tag, whoever starts them.

``mediaflow/gpu`` is ``only`` for runs without a step before the models: they would hold a place in the queue
just to wait for each other, so ``dagster.yaml`` lets one of them run at a time. Runs that also download and
convert are ``some``: they go on beside each other, and the pool ``inference`` orders their steps.
"""

from __future__ import annotations

from collections.abc import Collection

import dagster as dg

from mediaflow_assets.execution.devices import ComputeSettings, uses_gpu

GPU_TAG = "mediaflow/gpu"
MODEL_STAGES = frozenset({"scenes_csv", "audio_json", "tracking_json", "transcript_json"})
FIRST_STAGES = frozenset({"source_archive", "extracted_archive", "video_25fps"})


def gpu_tags(compute: ComputeSettings, stages: Collection[str]) -> dict[str, str]:
    """Tags of a run over ``stages``; none where no GPU is used."""
    if not MODEL_STAGES & set(stages) or not uses_gpu(compute):
        return {}
    return {GPU_TAG: "some" if FIRST_STAGES & set(stages) else "only"}


def tag_run(instance: dg.DagsterInstance, run: dg.DagsterRun, compute: ComputeSettings) -> None:
    """Tag a run that has come to a step with models, if whoever started it did not."""
    if GPU_TAG not in run.tags:
        stages = {key.to_user_string() for key in run.asset_selection or ()} or MODEL_STAGES | FIRST_STAGES
        if tags := gpu_tags(compute, stages):
            instance.add_run_tags(run.run_id, tags)
