"""What is known of an upload: a row of the history, and what is claimed for a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from mediaflow_assets.core.errors import BadInput

State = Literal[
    "to approve", "approved", "registered", "received", "delivered", "failed", "retry", "past", "by hand", "rejected"
]
"""to approve: a project waits for a person (APPROVE_PROJECTS=ask), approved: who has said yes;
registered: a project waits for its run; received: its archive is here; delivered; failed: see the
reason; retry: a run was asked for again; past: fetched by the replaced application, or added by hand;
by hand: a link that a person has to open; rejected: a file of the inbox that is no project. The last
three have no project."""
CLAIMABLE = ("by hand", "rejected")
"""States that stop nobody from registering the same upload."""


class Upload(NamedTuple):
    """One row of the history; times are ISO 8601 UTC."""

    identity: str
    project: str
    state: State
    reason: str = ""
    sha256: str | None = None
    sent_at: str | None = None
    first_seen: str = ""
    updated_at: str = ""
    kind: str = ""
    filename: str = ""
    fallback: str = ""
    """Identity of the second link, until that has a row of its own."""
    fingerprint: str = ""
    """Identity of the content from samples, see :mod:`fingerprint`; empty when it is not known."""


class Claim(NamedTuple):
    """What is to be registered.

    ``choose_project`` is asked for a partition key for attempt 1, 2 … until one is unused.
    """

    identity: str
    choose_project: Callable[[int], str]
    kind: str = ""
    filename: str = ""
    fallback: str = ""
    fingerprint: str = ""
    sent_at: str | None = None
    ask: bool = False
    """Whether the project waits for a person before it is started."""


def known_links(uploads: Iterable[Upload]) -> dict[str, str]:
    """Identities that need not be fetched (again), with the reason.

    A failed project keeps its first link until somebody retries or forgets it; its second link is free.
    """
    known = {}
    for upload in uploads:
        if upload.state in CLAIMABLE:
            continue
        what = f"project {upload.project}" if upload.project else "an earlier download"
        reason = f"{what} is {upload.state}"
        if upload.state == "failed":
            reason += f" ({upload.reason} Use mediaflow history retry {upload.project})"
        known[upload.identity] = reason
        if upload.fallback and upload.state != "failed":
            known.setdefault(upload.fallback, reason)
    return known


def same_archive(name: str, upload: Upload) -> BadInput:
    """The sentence for an archive that came again, whichever way."""
    again = "history retry" if upload.state == "failed" else "backfill"
    return BadInput(
        name,
        f"is the same archive as project {upload.project}, which is {upload.state}",
        f"Nothing is made twice; to make that project again: mediaflow {again} {upload.project}",
    )
