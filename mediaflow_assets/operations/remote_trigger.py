"""The remote trigger: a URL that may ask for projects to be started.

Off unless both its settings are set. The answer must carry the shared token, so that whoever takes
over the URL cannot start anything, and an id, so that a command is carried out once.
"""

from __future__ import annotations

import hmac

import msgspec

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.intake.polling import Polled, poll_json

MAX_BYTES = 1 << 20


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of the remote server."""

    command_pending: bool = False
    id: str = ""
    """Unique per command; the same id is never carried out twice."""
    token: str = ""
    projects: tuple[str, ...] = ()
    """Partition keys to start; empty means every project that is not delivered."""


def fetch_command(url: str, token: str, timeout: float, *, use_environment: bool = False) -> Command | None:
    """The pending command, or None.

    Args:
        url: that is asked.
        token: sent with the question, and expected in the answer.
        timeout: seconds of the whole exchange.
        use_environment: proxies of the environment are used.

    Raises:
        Interrupted: the server cannot be reached, takes too long, or answers with an error.
        BadInput: its answer is no command, has no id, or does not carry the token.
    """
    polled = Polled(
        "remote trigger", "REMOTE_TRIGGER_URL", url, timeout, max_bytes=MAX_BYTES, use_environment=use_environment
    )
    answer = poll_json(polled, {"Authorization": f"Bearer {token}"})
    try:
        command = msgspec.convert(answer, Command)
    except msgspec.ValidationError as error:
        raise BadInput("remote trigger", f"sent no command ({error})", "Check REMOTE_TRIGGER_URL") from None
    if not command.command_pending:
        return None
    if not hmac.compare_digest(command.token.encode(), token.encode()):
        raise BadInput("remote trigger", "sent a command without the right token", "Nothing was started")
    if not command.id:
        raise BadInput("remote trigger", "sent a command without an id", "Nothing was started")
    return command
