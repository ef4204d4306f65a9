"""Answers of proxies, load balancers and gateways in front of a service.

Both simulators give them. The bodies are those of the products, as their users quote them; none is
an answer of the service itself.
"""

import json
from collections.abc import Callable, Mapping

from aiohttp import web

_REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}
_TEXT, _HTML, _JSON = "text/plain", "text/html", "application/json"


def _reason(status: int) -> str:
    return _REASONS.get(status, "Unknown Status")


def _traefik(status: int) -> tuple[str, str]:
    texts = {404: "404 page not found\n", 401: "401 Unauthorized\n", 504: "Gateway Timeout"}
    return _TEXT, texts.get(status, _reason(status))


def _nginx(status: int) -> tuple[str, str]:
    title = f"{status} {_reason(status)}"
    return _HTML, (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{title}</h1></center>\r\n<hr><center>nginx/1.26.2</center>\r\n"
        "</body>\r\n</html>\r\n"
    )


def _cloudflare(status: int) -> tuple[str, str]:
    return _HTML, (
        '<!DOCTYPE html>\n<html lang="en-US"><head>'
        f"<title>api.example | {status}: {_reason(status)}</title></head>\n"
        f"<body><h1>Error {status}</h1><p>Ray ID: 8f0c0ffee0ddba11 &bull; Cloudflare</p>"
        "</body></html>\n"
    )


def _cloudflare_short(status: int) -> tuple[str, str]:
    return _TEXT, f"error code: {status}"


def _gateway(status: int) -> tuple[str, str]:
    """Kong, AWS and others."""
    return _JSON, json.dumps({"message": _reason(status)})


def _spring(status: int) -> tuple[str, str]:
    said = {"timestamp": "2026-11-29T10:00:00.000+00:00", "status": status}
    return _JSON, json.dumps({**said, "error": _reason(status), "path": "/bot/call"})


def _problem(status: int) -> tuple[str, str]:
    """RFC 9457."""
    said = {"type": "about:blank", "title": _reason(status), "status": status}
    return "application/problem+json", json.dumps(said)


def _not_ok(status: int) -> tuple[str, str]:
    """It looks like the Bot API's refusal, and has no error_code."""
    return _JSON, json.dumps({"ok": False, "error": _reason(status)})


def _other_code(status: int) -> tuple[str, str]:
    """It looks like the Bot API's refusal, and its error_code is not the status."""
    code = 401 if status != 401 else 404
    return _JSON, json.dumps({"ok": False, "error_code": code, "description": _reason(code)})


def _empty(status: int) -> tuple[str, str]:
    del status
    return _TEXT, ""


#: By name: content type and body for a status.
PAGES: Mapping[str, Callable[[int], tuple[str, str]]] = {
    "traefik": _traefik,
    "nginx": _nginx,
    "cloudflare": _cloudflare,
    "cloudflare_short": _cloudflare_short,
    "gateway": _gateway,
    "spring": _spring,
    "problem": _problem,
    "not_ok": _not_ok,
    "other_code": _other_code,
    "empty": _empty,
}


def page(name: str, status: int) -> web.Response:
    """The answer. KeyError: there is no such page."""
    content_type, body = PAGES[name](status)
    headers = {"Server": name}
    if status == 401:
        headers["WWW-Authenticate"] = f'Basic realm="{name}"'
    return web.Response(status=status, text=body, content_type=content_type, headers=headers)
