"""Answers with ``ok: true`` that a library may be unable to read.

``ODD_ANSWERS`` are whole bodies, ``ODD_RESULTS`` changes of the result of a call that was carried
out. Both are names for tests; a fault carries the body or the change itself.
"""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.telegram.faults import Faults

#: Bodies for the fault "answer".
ODD_ANSWERS: Mapping[str, str] = {
    "nothing": '{"ok":true}',
    "empty object": "{}",
    "null": "null",
    "list": "[]",
    "text": '"abc"',
    "result true": '{"ok":true,"result":true}',
    "result null": '{"ok":true,"result":null}',
    "result text": '{"ok":true,"result":"abc"}',
    "result number": '{"ok":true,"result":7}',
    "result list": '{"ok":true,"result":[]}',
    "result empty": '{"ok":true,"result":{}}',
    "half": '{"ok":true,"result":{"message_id":',
    "no json": "OK",
    "no text": "\x00",
    "explicit nulls": '{"ok":true,"result":$RESULT,"description":null,"parameters":null}',
    "huge number beside": '{"ok":true,"result":$RESULT,"extra":' + "9" * 5000 + "}",
}
#: Parameters of the fault "patch".
ODD_RESULTS: Mapping[str, Mapping[str, Any]] = {
    "user without is_bot": {"without": ["is_bot"]},
    "message without date": {"without": ["date"]},
    "message without chat": {"without": ["chat"]},
    "message without number": {"without": ["message_id"]},
    "chat as text": {"fields": {"chat": "private"}},
    "sender as text": {"fields": {"from": "bot"}},
    "photo as text": {"fields": {"photo": "sizes"}},
    "preview options as text": {"fields": {"link_preview_options": "none"}},
    "entities as text": {"fields": {"entities": "bold"}},
    "date as text": {"fields": {"date": "yesterday"}},
    "number as text": {"fields": {"message_id": "7"}},
    "number too large": {"fields": {"message_id": 10**30}},
    "number is no number": {"fields": {"message_id": None}},
    "date too large": {"fields": {"date": 10**18}},
    "name with NUL": {"fields": {"from.first_name": "a\x00b", "first_name": "a\x00b"}},
    "name with half a surrogate": {"fields": {"from.first_name": "\ud800", "first_name": "\ud800"}},
    "explicit nulls": {"fields": {"edit_date": None, "caption": None, "reply_markup": None}},
}


def answer_text(faults: Faults, method: str, chat_id: Any, result: str, description: str) -> str:
    """The body of an answer, changed as the faults of this call ask for."""
    patch = faults.take("patch", method, chat_id)
    if patch is not None:
        result = json.dumps(_patched(json.loads(result), patch.fields, patch.without))
    whole = faults.take("answer", method, chat_id)
    if whole is not None:
        return whole.body.replace("$RESULT", result)
    said = f', "description": {json.dumps(description)}' if description else ""
    return f'{{"ok": true, "result": {result}{said}}}'


def _patched(result: Any, fields: Mapping[str, Any], without: list[str]) -> Any:
    """A copy with ``without`` left out at every depth, and ``fields`` set. Dots lead into objects.
    A list is patched item by item."""
    if isinstance(result, list):
        return [_patched(item, fields, without) for item in result]
    if not isinstance(result, dict):
        return result
    found = _left_out(result, set(without))
    for path, value in fields.items():
        *way, last = path.split(".")
        target: Any = found
        for step in way:
            target = target.get(step) if isinstance(target, dict) else None
        if isinstance(target, dict):
            target[last] = value
    return found


def _left_out(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _left_out(each, names) for name, each in value.items() if name not in names}
    if isinstance(value, list):
        return [_left_out(each, names) for each in value]
    return value
