"""The remote trigger: a URL that may ask for projects to be started.

Off unless both its settings are set. The answer must carry the shared token, so that whoever takes
over the URL cannot start anything, and an id, so that a command is carried out once.
"""

from __future__ import annotations

import hmac

import msgspec
import requests

from mediaflow_assets.core.errors import BadInput, Interrupted

MAX_BYTES = 1 << 20


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of the remote server."""

    command_pending: bool = False
    id: str = ""
    """Unique per command; the same id is never carried out twice."""
    token: str = ""
    projects: tuple[str, ...] = ()
    """Partition keys to start; empty means every project that is not delivered."""


def fetch_command(url: str, token: str, timeout: float) -> Command | None:
    """The pending command, or None.

    Raises:
        Interrupted: the server cannot be reached or answers with an error.
        BadInput: its answer is no command, has no id, or does not carry the token.
    """
    try:
        with requests.get(
            url, timeout=timeout, headers={"Authorization": f"Bearer {token}"}, allow_redirects=False, stream=True
        ) as response:
            response.raise_for_status()
            body = response.raw.read(MAX_BYTES, decode_content=True)
    except requests.RequestException as error:
        raise Interrupted(
            "remote trigger", f"cannot be read ({type(error).__name__})", "Check REMOTE_TRIGGER_URL"
        ) from None
    try:
        command = msgspec.json.decode(body, type=Command)
    except msgspec.DecodeError as error:
        raise BadInput("remote trigger", f"sent no command ({error})", "Check REMOTE_TRIGGER_URL") from None
    if not command.command_pending:
        return None
    if not hmac.compare_digest(command.token.encode(), token.encode()):
        raise BadInput("remote trigger", "sent a command without the right token", "Nothing was started")
    if not command.id:
        raise BadInput("remote trigger", "sent a command without an id", "Nothing was started")
    return command
