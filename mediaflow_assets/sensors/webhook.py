"""The webhook sensor: each eligible link becomes one project and one run."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

import dagster as dg

from mediaflow_assets.formats.manifest import Origin, read_document
from mediaflow_assets.intake.eligibility import LinkDecision, decide
from mediaflow_assets.intake.history import History
from mediaflow_assets.intake.records import Payload
from mediaflow_assets.intake.register import UploadRequest, register_all
from mediaflow_assets.intake.uploads import Upload, known_links
from mediaflow_assets.intake.url_identity import identity, parse
from mediaflow_assets.intake.webhook import fetch_records
from mediaflow_assets.jobs import process_project
from mediaflow_assets.operations.alerts import Alert
from mediaflow_assets.orchestration.partitions import projects
from mediaflow_assets.orchestration.project_states import unfinished_runs, write_state
from mediaflow_assets.resources.workspace import Workspace
from mediaflow_assets.sensors.alerts import ask_for_approval, send
from mediaflow_assets.sensors.request import project_run

MAX_PER_TICK = 50
"""Projects; a tick has 60 seconds, and what is left is taken by the next one."""
_MAX_LINES = 500
"""Lines that one tick writes to its log, and rows of the table of links."""

webhook_links = dg.AssetSpec(
    "webhook_links",
    group_name="intake",
    description="What is on the webhook and what is done with each link; observed when that changes.",
    owners=["team:media"],
    kinds={"json"},
)


def webhook_sensor(interval: int = 15) -> dg.SensorDefinition:
    """The sensor.

    Args:
        interval: seconds between two polls.
    """

    @dg.sensor(
        job=process_project,
        name="webhook",
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=interval,
        description="Polls WEBHOOK_JSON_URL and starts one run per new eligible link.",
    )
    def webhook(context: dg.SensorEvaluationContext, workspace: Workspace) -> dg.SensorResult:
        return _poll(context, workspace)

    return webhook


def _poll(context: dg.SensorEvaluationContext, workspace: Workspace) -> dg.SensorResult:
    """Decide about every record; register and request what is to be fetched.

    The cursor is a digest of all decisions: they are shown when they change, not at each poll.
    """
    settings = workspace.settings.intake
    if not settings.webhook_url:
        return dg.SensorResult(skip_reason="off: WEBHOOK_JSON_URL is not set")
    payload = fetch_records(settings.webhook_url, settings.webhook_timeout, use_environment=settings.use_environment)
    history = workspace.history
    # A dry run makes no history: where there is none, nothing is known.
    uploads = [] if settings.dry_run and not history.path.exists() else _uploads(workspace)
    decisions = decide(payload.records, settings, known_links(uploads))
    summary = _summary(decisions, payload)
    digest = _digest(decisions, payload)
    if settings.dry_run:
        digest = f"dry run {digest}"
        if digest != context.cursor:
            _show(context, decisions, payload)
        return dg.SensorResult(skip_reason=f"dry run: {summary}", cursor=digest)
    events = []
    if digest != context.cursor:
        _show(context, decisions, payload)
        _tell(context, workspace, _remember(history, decisions))
        events.append(dg.AssetObservation(webhook_links.key, metadata=_metadata(decisions, payload)))
    fetched = [decision for decision in decisions if decision.action == "fetch"][:MAX_PER_TICK]
    ask = settings.approve == "ask"
    arrivals = [_arrival(decision, ask=ask) for decision in fetched]
    registered = register_all(workspace.layout, history, arrivals, settings.keyword)
    if ask:  # the inbox sensor starts them when somebody has said yes
        ask_for_approval(context, workspace, [origin.project for origin, new in registered if new])
        registered = []
    origins = [origin for origin, _ in registered]
    origins += _waiting(workspace, uploads, decisions)
    keys = list(dict.fromkeys(origin.project for origin in origins))
    runs = unfinished_runs(context.instance) if keys else {}
    for key in keys:
        write_state(workspace.layout, history, key, runs.get(key))
    return dg.SensorResult(
        run_requests=[project_run(origin) for origin in origins],
        dynamic_partitions_requests=[projects.build_add_request(keys)] if keys else [],
        asset_events=events,
        cursor=digest,
        skip_reason=None if origins else f"nothing to fetch: {summary}",
    )


def _arrival(decision: LinkDecision, *, ask: bool) -> UploadRequest:
    return UploadRequest(
        kind="webhook",
        filename=decision.filename,
        identity=decision.urls[0],
        urls=decision.urls,
        sent_at=decision.record.sent_at,
        name_is_guessed=not decision.record.original_filename,
        ask=ask,
    )


def _uploads(workspace: Workspace) -> list[Upload]:
    """The history, without uploads whose registration was ended before it was whole: they are made again."""
    return [
        upload
        for upload in workspace.history.all()
        if upload.state not in ("registered", "to approve") or workspace.project(upload.project).origin.exists()
    ]


def _waiting(workspace: Workspace, uploads: Iterable[Upload], decisions: Iterable[LinkDecision]) -> list[Origin]:
    """Listed uploads that wait for a run, which the tick that registered them may not have asked for.

    Dagster drops what it has had. What is not on the webhook was registered by somebody else.
    """
    listed = {url for decision in decisions for url in decision.urls}
    waiting = [upload for upload in uploads if upload.state == "registered" and upload.identity in listed]
    return [read_document(workspace.project(upload.project).origin, Origin) for upload in waiting[:MAX_PER_TICK]]


def _remember(history: History, decisions: Iterable[LinkDecision]) -> list[LinkDecision]:
    """Note links for a person, and earlier time stamps of known ones; returns the new links for a person."""
    known = {upload.identity for upload in history.all()}
    by_hand = {identity(decision.link): decision for decision in decisions if decision.by_hand}
    rows = [(key, decision.record.sent_at) for key, decision in by_hand.items()]
    history.add(rows, "by hand", kind="webhook")
    stamps: dict[str, str] = {}
    for decision in decisions:
        if decision.action == "known" and (sent_at := decision.record.sent_at):
            for url in decision.urls:
                stamps[url] = min(sent_at, stamps.get(url, sent_at))
    history.keep_earliest(stamps)
    return [decision for key, decision in by_hand.items() if key not in known]


def _tell(context: dg.SensorEvaluationContext, workspace: Workspace, by_hand: list[LinkDecision]) -> None:
    """One alert for all links that nobody was told of yet."""
    if not by_hand:
        return
    links = [
        {
            "url": decision.link,
            "button": f"Open {parse(decision.link).host}",
            "file": decision.filename,
            "reason": decision.reason,
            "sent": decision.record.sent_at or "",
        }
        for decision in by_hand
    ]
    text = f"{len(links)} links have to be opened by a person: {', '.join(link['url'] for link in links)}."
    if len(links) == 1:
        text = f"A link has to be opened by a person: {links[0]['url']}."
    alert = Alert(
        event="links_by_hand",
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        text=f"{text} Put the archive into the inbox, and say: mediaflow history add LINK.",
        details={"links": links},
    )
    send(alert, workspace, context)


def _summary(decisions: list[LinkDecision], payload: Payload) -> str:
    counts = Counter(decision.action for decision in decisions)
    parts = [f"{count} {action}" for action, count in sorted(counts.items())]
    if payload.problems:
        parts.append(f"{len(payload.problems)} that are no records")
    return ", ".join(parts) or "no record"


def _digest(decisions: list[LinkDecision], payload: Payload) -> str:
    digest = hashlib.sha256()
    for decision in decisions:
        digest.update(f"{decision.action}\0{decision.reason}\0{decision.record.url}\n".encode("utf-8", "replace"))
    for problem in payload.problems:
        digest.update(f"{problem}\n".encode("utf-8", "replace"))
    return digest.hexdigest()


def _show(context: dg.SensorEvaluationContext, decisions: list[LinkDecision], payload: Payload) -> None:
    lines = [*payload.problems, *(f"{row['action']}: {row['link']}: {row['reason']}" for row in _rows(decisions))]
    for line in lines[:_MAX_LINES]:
        context.log.info(line)
    if len(lines) > _MAX_LINES:
        context.log.info(f"and {len(lines) - _MAX_LINES} more")


def _rows(decisions: list[LinkDecision]) -> list[dict[str, str]]:
    """What needs a person first. Only a link for a person is shown whole: others hold a permission to read."""
    order = ["by hand", "refused", "fetch", "known", "ignored"]
    ranked = sorted(decisions, key=lambda decision: order.index(decision.action))
    return [
        {
            "action": decision.action,
            "link": decision.link if decision.by_hand else decision.filename or decision.record.url.split("?")[0],
            "reason": decision.reason,
            "sent": decision.record.sent_at or decision.record.timestamp,
        }
        for decision in ranked
    ]


def _metadata(decisions: list[LinkDecision], payload: Payload) -> dict[str, dg.MetadataValue]:
    return {
        "summary": dg.MetadataValue.text(_summary(decisions, payload)),
        "links": dg.MetadataValue.table(
            records=[dg.TableRecord(dict(row)) for row in _rows(decisions)[:_MAX_LINES]],
            schema=dg.TableSchema(columns=[dg.TableColumn(name) for name in ("action", "link", "reason", "sent")]),
        ),
    }
