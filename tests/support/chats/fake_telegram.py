"""A Telegram for tests of the conversation: it does as it is told, and counts."""

from collections.abc import Mapping
from typing import Any

from telegram import (
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyKeyboardRemove,
    ReplyParameters,
)

from handlers.bot_api.calls import keep_result

#: The number of the message that takes a reply keyboard away.
SHORT_LIVED = 1


class FakeTelegram:
    """PTB's ``Bot`` over our request: fails where a test said so; another call is an error."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        #: method → what the next calls do: an exception to raise, or None to succeed
        self.script: dict[str, list[Exception | None]] = {}
        #: method → what has a ``wait`` that its calls await before they answer
        self.held: dict[str, Any] = {}
        #: What the next questions for a member of a group are answered with.
        self.members: list[dict[str, Any]] = []
        self.administrators: list[Any] = []
        self._ids = iter(range(9000, 10**6))

    async def _called(self, method: str, **details: Any) -> None:
        self.calls.append((method, details))
        hold = self.held.get(method)
        if hold is not None:
            await hold.wait()
        queue = self.script.get(method)
        if queue:
            failure = queue.pop(0)
            if failure is not None:
                raise failure
        keep_result(True)

    async def send_message(self, chat_id: int, text: str, **options: Any) -> None:
        if isinstance(options["reply_markup"], ReplyKeyboardRemove):
            # It is gone again at once; tests look at what stays.
            await self._called("remove_reply_keyboard", chat_id=chat_id, text=text)
            keep_result({"message_id": SHORT_LIVED})
            return
        await self._called("send_message", chat_id=chat_id, text=text, **options)
        keep_result(self._message(chat_id))

    async def edit_message_text(self, text: str, **options: Any) -> None:
        await self._called("edit_message_text", text=text, **options)

    async def direct(self, method: str, fields: Mapping[str, Any]) -> None:
        """As the method of PTB's ``Bot`` for the same call, which is what tests look at."""
        given = {"message_thread_id": None, "reply_parameters": None, "parse_mode": None, **fields}
        match method:
            case "sendMessage":
                await self.send_message(**_with_objects(given))
            case "editMessageText":
                made = _with_objects(given)
                del made["message_thread_id"], made["reply_parameters"]
                await self.edit_message_text(**made)
            case "deleteMessage":
                await self.delete_message(**fields)
            case "answerCallbackQuery":
                await self.answer_callback_query(**fields)
            case _:
                raise AssertionError(f"{method} is not made directly")

    async def edit_message_reply_markup(self, **options: Any) -> None:
        await self._called("edit_message_reply_markup", **options)

    async def edit_message_media(self, media: Any, **options: Any) -> None:
        await self._called("edit_message_media", media=media, **options)

    async def delete_message(self, chat_id: int, message_id: int) -> None:
        method = "clear_up" if message_id == SHORT_LIVED else "delete_message"
        await self._called(method, chat_id=chat_id, message_id=message_id)

    async def answer_callback_query(self, callback_query_id: str, **options: Any) -> None:
        await self._called("answer_callback_query", query_id=callback_query_id, **options)

    async def answer_inline_query(self, inline_query_id: str, results: Any, **options: Any) -> None:
        query = {"query_id": inline_query_id, "results": results}
        await self._called("answer_inline_query", **query, **options)

    async def set_my_commands(self, commands: Any, **options: Any) -> None:
        await self._called("set_my_commands", commands=commands, **options)

    async def get_chat_member(self, chat_id: int, user_id: int) -> None:
        await self._called("get_chat_member", chat_id=chat_id, user_id=user_id)
        keep_result(self.members.pop(0))

    async def get_chat_administrators(self, chat_id: int) -> None:
        await self._called("get_chat_administrators", chat_id=chat_id)
        keep_result(self.administrators)

    async def answer_pre_checkout_query(
        self, pre_checkout_query_id: str, ok: bool, **options: Any
    ) -> None:
        query = {"query_id": pre_checkout_query_id, "ok": ok}
        await self._called("answer_pre_checkout_query", **query, **options)

    async def send_invoice(
        self,
        chat_id: int,
        title: str,
        description: str,
        payload: str,
        currency: str,
        prices: Any,
        **options: Any,
    ) -> None:
        invoice = {"title": title, "payload": payload, "currency": currency, "prices": prices}
        await self._called("send_invoice", chat_id=chat_id, **invoice, **options)
        keep_result(self._message(chat_id))

    async def create_invoice_link(
        self,
        title: str,
        description: str,
        payload: str,
        currency: str,
        prices: Any,
        **options: Any,
    ) -> None:
        invoice = {"title": title, "payload": payload, "currency": currency, "prices": prices}
        await self._called("create_invoice_link", **invoice, **options)
        keep_result(f"https://t.me/$link{len(self.calls)}")

    async def edit_user_star_subscription(
        self, user_id: int, telegram_payment_charge_id: str, is_canceled: bool
    ) -> None:
        charge = {"user_id": user_id, "charge_id": telegram_payment_charge_id}
        await self._called("edit_user_star_subscription", **charge, is_canceled=is_canceled)

    async def refund_star_payment(self, user_id: int, telegram_payment_charge_id: str) -> None:
        charge = {"user_id": user_id, "charge_id": telegram_payment_charge_id}
        await self._called("refund_star_payment", **charge)

    async def send_photo(self, chat_id: int, photo: Any, **options: Any) -> None:
        await self._called("send_photo", chat_id=chat_id, photo=photo, **options)
        keep_result(self._message(chat_id, photo=[{"file_id": "photo-file-id"}]))

    async def send_video(self, chat_id: int, video: Any, **options: Any) -> None:
        await self._called("send_video", chat_id=chat_id, video=video, **options)
        keep_result(self._message(chat_id, video={"file_id": "video-file-id"}))

    async def send_audio(self, chat_id: int, audio: Any, **options: Any) -> None:
        await self._called("send_audio", chat_id=chat_id, audio=audio, **options)
        keep_result(self._message(chat_id, audio={"file_id": "audio-file-id"}))

    async def send_media_group(self, chat_id: int, media: Any, **options: Any) -> None:
        await self._called("send_media_group", chat_id=chat_id, media=media, **options)
        photo = [{"file_id": "photo-file-id"}]
        keep_result([self._message(chat_id, photo=photo) for _ in media])

    async def send_document(self, chat_id: int, document: Any, **options: Any) -> None:
        await self._called("send_document", chat_id=chat_id, document=document, **options)
        keep_result(self._message(chat_id, document={"file_id": "document-file-id"}))

    def _message(self, chat_id: int, **content: Any) -> dict[str, Any]:
        return {
            "message_id": next(self._ids),
            "date": 1,
            "chat": {"id": chat_id, "type": "private"},
            **content,
        }

    def sent(self, method: str) -> list[dict[str, Any]]:
        return [details for name, details in self.calls if name == method]


def _with_objects(fields: Mapping[str, Any]) -> dict[str, Any]:
    """PTB's objects for the fields of a message, which PTB writes as the same JSON again."""
    shown, reply = fields["reply_markup"], fields["reply_parameters"]
    made: dict[str, Any] = {
        "reply_markup": InlineKeyboardMarkup.de_json(shown) if shown else None,
        "link_preview_options": LinkPreviewOptions.de_json(fields["link_preview_options"]),
        "reply_parameters": ReplyParameters.de_json(reply) if reply else None,
    }
    for name, value in made.items():
        assert value is None or value.to_dict() == fields[name]
    return {**fields, **made}
