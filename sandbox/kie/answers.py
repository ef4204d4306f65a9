"""kie.ai's envelope, and where documents and wire differ."""

from collections.abc import Set
from typing import Any

from aiohttp import web

#: Where documents, old answers and the wire differ; a test may ask for any of them.
DIALECTS = {
    "message": "the text is called message, not msg",
    "cost_ms": "costTime in milliseconds",
    "integer_credits": "the balance is a whole number",
    "no_credits_consumed": "no creditsConsumed, as in April 2026",
    "update_time": "updateTime is there",
    "param_object": "input inside of param is an object, not text",
    "empty_errors": "failCode and failMsg are empty texts instead of null",
}


def answer(
    code: int,
    message: str,
    data: Any = None,
    *,
    status: int = 200,
    dialects: Set[str] = frozenset(),
) -> web.Response:
    name = "message" if "message" in dialects else "msg"
    return web.json_response({"code": code, name: message, "data": data}, status=status)
