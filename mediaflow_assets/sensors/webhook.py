"""The webhook sensor: each eligible link becomes one project and one run."""

from collections import Counter

import dagster as dg

from mediaflow_assets.intake.eligibility import decide
from mediaflow_assets.intake.register import register
from mediaflow_assets.intake.webhook import fetch_records
from mediaflow_assets.jobs import process_project
from mediaflow_assets.partitions import projects
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.sensors.request import project_run

MOST_PER_TICK = 50
"""A tick has 60 seconds; what is left is taken by the next one."""


@dg.sensor(
    job=process_project,
    name="webhook",
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=15,
    description="Polls WEBHOOK_JSON_URL and starts one run per new eligible link.",
)
def webhook_sensor(context: dg.SensorEvaluationContext, workspace: Workspace) -> dg.SensorResult | dg.SkipReason:
    """Decide about every record; register and request what is to be fetched."""
    settings = workspace.settings.intake
    if not settings.webhook_url:
        return dg.SkipReason("off: WEBHOOK_JSON_URL is not set")
    decisions = decide(fetch_records(settings.webhook_url, settings.webhook_timeout), settings)
    history = workspace.history
    seen = {upload.identity: upload for upload in history.all()}
    counts: Counter[str] = Counter()
    keys: list[str] = []
    requests: list[dg.RunRequest] = []
    for decision in decisions:
        upload = seen.get(decision.identity)
        if decision.action != "fetch":
            counts[decision.action] += 1
            context.log.info(f"{decision.action}: {decision.reason}")
        elif upload is not None and (upload.state != "registered" or upload.project in keys):
            # The second part: the same link twice in one payload; Dagster refuses a key given twice.
            counts["known"] += 1
        elif settings.dry_run:
            counts["dry run"] += 1
            context.log.info(f"dry run: would fetch {decision.filename}")
        elif len(requests) < MOST_PER_TICK:
            origin, new = register(
                workspace.layout,
                history,
                kind="webhook",
                filename=decision.filename,
                identity=decision.identity,
                urls=decision.record.urls,
                sent_at=decision.record.sent_at,
                keyword=settings.keyword,
            )
            seen[decision.identity] = history.get(decision.identity) or seen[decision.identity]
            counts["new" if new else "waiting"] += 1
            keys.append(origin.project)
            requests.append(project_run(origin))
    summary = ", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "no record"
    if not requests:
        return dg.SkipReason(f"nothing to fetch: {summary}")
    context.log.info(summary)
    return dg.SensorResult(run_requests=requests, dynamic_partitions_requests=[projects.build_add_request(keys)])
