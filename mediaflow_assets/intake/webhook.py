"""Reading the webhook."""

from __future__ import annotations

from mediaflow_assets.intake.polling import Polled, poll_json
from mediaflow_assets.intake.records import Payload, read_records


def fetch_records(url: str, timeout: float, *, use_environment: bool = False) -> Payload:
    """What is on the webhook now.

    Args:
        url: of the webhook.
        timeout: seconds of the whole exchange.
        use_environment: proxies and passwords of the environment are used.

    Raises:
        Interrupted: it cannot be reached, takes too long, or answers with an error.
        BadInput: its answer is not a list of records.
    """
    return read_records(poll_json(Polled("webhook", "WEBHOOK_JSON_URL", url, timeout, use_environment=use_environment)))
