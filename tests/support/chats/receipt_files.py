"""Files of receipts: what their user puts in place of them, and what operators get of them."""

from typing import Any

from tests.support.chats.conversation import Conversation
from tests.support.chats.star_payments import told
from tests.support.edges import telegram_updates as telegram

USER = 7


def edited(message: dict[str, Any], **content: Any) -> dict[str, Any]:
    """The user has put other content in place of what the message held."""
    known = {key: value for key, value in message["message"].items() if key != "photo"}
    fresh = telegram.message(USER)
    return {"update_id": fresh["update_id"], "edited_message": {**known, **content}}


def pages(talk: Conversation) -> list[str]:
    """The captions of further pages and replaced files that operators were shown."""
    return [each["caption"] for each in told(talk, "notice") if each["do"] == "kept"]
