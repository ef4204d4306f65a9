"""answerInlineQuery: what a user may choose from after typing the bot's name."""

import time
from collections.abc import Mapping
from typing import Any

from sandbox.telegram.errors import bad_request
from sandbox.telegram.messages import keyboards
from sandbox.telegram.protocol.methods import Handler
from sandbox.telegram.state.shown import shown
from sandbox.telegram.state.store import State

RESULTS_LIMIT = 50
QUERY_SECONDS = 30.0
#: Results that hold a file of Telegram's: the field with the file_id, and what it must be.
CACHED = {
    "photo": ("photo_file_id", "photo"),
    "video": ("video_file_id", "video"),
    "audio": ("audio_file_id", "audio"),
    "voice": ("voice_file_id", "voice"),
    "document": ("document_file_id", "document"),
}
_ARTICLE = {"type", "id", "title", "input_message_content", "reply_markup", "description"}
_CACHED_FIELDS = {
    *("type", "id", "title", "description", "caption", "parse_mode", "caption_entities"),
    *("show_caption_above_media", "reply_markup", "input_message_content"),
}


class Inline:
    """Each query is answered once, within 30 s."""

    def __init__(self, state: State) -> None:
        self._state = state

    def methods(self) -> Mapping[str, Handler]:
        return {"answerInlineQuery": self._answer}

    async def _answer(self, p: Mapping[str, Any]) -> Any:
        query = self._state.inline_queries.get(p["inline_query_id"])
        age = 0.0 if query is None else time.monotonic() - query.asked_at
        if query is None or query.answered_after is not None or age > QUERY_SECONDS:
            raise bad_request(
                "query is too old and response timeout expired or query ID is invalid"
            )
        results = p["results"]
        if not isinstance(results, list) or len(results) > RESULTS_LIMIT:
            raise bad_request("RESULTS_TOO_MUCH")
        for result in results:
            self._check(result)
        ids = [result["id"] for result in results]
        if len(set(ids)) != len(ids):
            raise bad_request("RESULT_ID_DUPLICATE")
        query.answered_after, query.results = age, results
        query.button, query.next_offset = p.get("button"), p.get("next_offset", "")
        self._state.events.tell({"type": "inline", "user": query.user_id, "query": query.id})
        return True

    def _check(self, result: Any) -> None:
        """Raises for a result that Telegram refuses; notes fields that it would ignore."""
        if not isinstance(result, dict) or not 1 <= len(str(result.get("id", "")).encode()) <= 64:
            raise bad_request("RESULT_ID_INVALID")
        kind = result.get("type")
        keyboards.checked(result.get("reply_markup"))
        if kind == "article":
            said = result.get("input_message_content")
            if (
                not result.get("title")
                or not isinstance(said, dict)
                or not said.get("message_text")
            ):
                raise bad_request("can't parse inline query result")
            unknown = set(result) - _ARTICLE
        elif kind in CACHED and CACHED[kind][0] in result:
            field, part = CACHED[kind]
            stored = self._state.files.stored.get(result[field])
            if stored is None or part not in shown(self._state.files, part, stored):
                raise bad_request("wrong file identifier/HTTP URL specified")
            unknown = set(result) - _CACHED_FIELDS - {field}
        else:
            raise bad_request(f"can't parse inline query result of type {kind}")
        if unknown:
            self._state.violations.append(f"answerInlineQuery: unknown {sorted(unknown)}")
