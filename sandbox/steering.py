"""Calls to the ``/sandbox/`` paths of a simulator; standard library only."""

import json
import urllib.error
import urllib.request
from typing import Any


def call(base_url: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """GET, or POST when there is a body. A mistake of the caller raises ``ValueError``."""
    request = urllib.request.Request(  # noqa: S310 the address of our own simulator
        f"{base_url}/sandbox/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310 see above  # nosec B310
            answer: dict[str, Any] = json.loads(reply.read())
            return answer
    except urllib.error.HTTPError as error:
        with error:
            raise ValueError(error.read().decode()) from None
