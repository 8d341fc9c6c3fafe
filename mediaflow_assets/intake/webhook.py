"""Reading the webhook."""

from __future__ import annotations

import json

import requests
from urllib3.exceptions import HTTPError

from mediaflow_assets.core.errors import Interrupted
from mediaflow_assets.intake.records import Payload, read_records

MAX_BYTES = 32 << 20


def fetch_records(url: str, timeout: float) -> Payload:
    """What is on the webhook now.

    Raises:
        Interrupted: it cannot be reached or answers with an error.
        BadInput: its answer is not a list of records.
    """
    try:
        with requests.get(url, timeout=timeout, stream=True) as response:
            response.raise_for_status()
            body = response.raw.read(MAX_BYTES + 1, decode_content=True)
            if len(body) > MAX_BYTES:
                raise Interrupted("webhook", f"answered with more than {MAX_BYTES} bytes", "Check WEBHOOK_JSON_URL")
        payload = json.loads(body)
    except (requests.RequestException, HTTPError) as error:
        raise Interrupted("webhook", f"cannot be read ({type(error).__name__})", "It is tried again") from None
    except ValueError as error:
        raise Interrupted("webhook", f"did not answer with JSON ({error})", "Check WEBHOOK_JSON_URL") from None
    return read_records(payload)
