"""Keyboards as the Bot API checks them."""

from typing import Any

from sandbox.telegram.errors import bad_request

_KINDS = {
    *("callback_data", "url", "copy_text", "web_app", "pay", "switch_inline_query"),
    *("switch_inline_query_current_chat", "switch_inline_query_chosen_chat"),
}


def removes(markup: Any) -> bool:
    """Whether it takes the reply keyboard of the chat away."""
    return isinstance(markup, dict) and markup.get("remove_keyboard") is True


def checked(markup: Any) -> dict[str, Any] | None:
    """The inline keyboard, checked. Raises BUTTON_* as Telegram does.

    Of the other kinds only the removal of a reply keyboard is known; it shows nothing."""
    if not markup or removes(markup):
        return None
    rows = markup.get("inline_keyboard") if isinstance(markup, dict) else None
    if not isinstance(rows, list):
        raise bad_request("can't parse reply keyboard markup JSON object")
    for button in (button for row in rows for button in row):
        if not button.get("text"):
            raise bad_request("can't parse inline keyboard button: Text is empty")
        data = button.get("callback_data")
        if data is not None and not 1 <= len(data.encode()) <= 64:
            raise bad_request("BUTTON_DATA_INVALID")
        copied = button.get("copy_text")
        if copied is not None and not 1 <= len(copied.get("text", "")) <= 256:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
        if len(set(button) & _KINDS) != 1:
            raise bad_request("can't parse inline keyboard button: Text buttons are unallowed")
    return {"inline_keyboard": rows} if rows else None
