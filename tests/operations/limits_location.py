"""A code location of quick assets in our pools and partitions, which write down when they ran.

Loaded by a real daemon in ``test_limits.py`` with the project's own ``dagster.yaml``.
"""

import json
import os
import time
from pathlib import Path

import dagster as dg

from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.orchestration.pools import ENCODING, INFERENCE

JOURNAL = Path(os.environ.get("LIMITS_JOURNAL", "journal"))
SECONDS = 1.0


def write_down(context: dg.AssetExecutionContext, pool: str) -> None:
    """One file per step with its start, end and process; the start alone if it is killed."""
    entry = JOURNAL / f"{pool}-{context.partition_key}-{context.run_id[:8]}.json"
    facts = {"pool": pool, "project": context.partition_key, "pid": os.getpid(), "start": time.time(), "end": None}
    entry.write_text(json.dumps(facts))
    time.sleep(600 if (JOURNAL / f"hang-{context.partition_key}").exists() else SECONDS)
    entry.write_text(json.dumps({**facts, "end": time.time()}))


@dg.asset(partitions_def=projects, pool=ENCODING)
def encode(context: dg.AssetExecutionContext) -> None:
    write_down(context, "encoding")


@dg.asset(partitions_def=projects, pool=INFERENCE, deps=[encode])
def infer(context: dg.AssetExecutionContext) -> None:
    write_down(context, "inference")


defs = dg.Definitions(assets=[encode, infer], jobs=[dg.define_asset_job("both")], executor=dg.in_process_executor)
