"""Carries one delivery out: which calls to Telegram, in which order.

A file is tried in several forms (``media.py``), at last as a link in a text. A message that
cannot be edited any more is sent as a new one where the delivery allows it. Every call passes the
gate first.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from loguru import logger

from handlers.bot_api import star_calls
from handlers.bot_api.calls import ReplyKeyboardTelegram, message_id, remove_reply_keyboard
from handlers.bot_api.client import load_ptb
from handlers.bot_api.errors import (
    BadButtons,
    BadMarkup,
    ChatUnreachable,
    MessageGone,
    NotTheContent,
    ReplyGone,
    TooManyRequests,
    TopicGone,
)
from handlers.bot_api.inline_parts import (
    InlineTelegram,
    inline_keyboard,
    inline_options,
    inline_results,
    keyboard,
    set_commands,
)
from handlers.bot_api.star_calls import StarTelegram
from handlers.delivery.claimed import SendContext
from handlers.delivery.media import Media
from handlers.delivery.outcome import LINK_PATIENCE, NotBegun, Sent
from handlers.delivery.payloads import Payload, presses
from handlers.delivery.sent_messages import FileLost, SentMessages
from handlers.delivery.sent_messages import Telegram as SentMessagesTelegram
from handlers.words.texts import without_markup
from kie.files.link_reader import Files, LinkReader, SourceUnavailable
from kie.http.transport import Gone
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import (
    BotError,
    Fenced,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    Unavailable,
)

#: Seconds after the first call in which the answer to a press or a payment is repeated, and
#: seconds between two of its calls.
AGAIN_WITHIN, AGAIN_PAUSE = 2.0, 0.4

#: What is carried out without PTB's objects.
_WITHOUT_PTB = frozenset({"say", "edit", "remove", "toast"})
_QUIET = {"is_disabled": True}  #: no preview of a link


class Telegram(SentMessagesTelegram, ReplyKeyboardTelegram, StarTelegram, InlineTelegram, Protocol):
    """What is used of the bot."""


class TelegramCalls:
    """``carry`` raises only children of ``BotError``."""

    def __init__(self, telegram: Telegram, files: Files, clock: Clock) -> None:
        self._telegram = telegram
        self._media = Media(telegram, LinkReader(files, clock))
        self._sent_messages = SentMessages(telegram)
        self._loading: asyncio.Task[None] | None = None

    async def carry(self, context: SendContext, payload: Payload) -> Sent:
        """Send it. Raises ``NotBegun`` if no call was made, else the error of the last call."""
        if payload["do"] not in _WITHOUT_PTB:
            await load_ptb()
        context = replace(context, reply_to=payload.get("reply_to"))
        sent = await self._somehow(context, payload)
        if text := payload.get("unkey"):
            try:
                await load_ptb()
            except Unavailable as error:
                logger.bind(error=str(error)).warning("reply_keyboard_not_removed")
                return sent  # the message itself has arrived
            await remove_reply_keyboard(self._telegram, context.chat_id, text, context.call)
        if self._loading is None:
            # Somebody uses the bot: what follows this answer should not wait for PTB.
            self._loading = asyncio.create_task(load_ptb())
        return sent

    async def _somehow(self, context: SendContext, payload: Payload) -> Sent:
        """Without what Telegram refuses of the rest: the reply, the topic, buttons. Links, sharing
        and copying depend on names and on what the bot is allowed; other buttons do not."""
        while True:
            try:
                return await self._carry(context, payload)
            except TopicGone as error:
                # Without its number a reply stands in the topic of what it replies to, if it can.
                if context.thread is None and context.reply_to is None:
                    raise
                kept = context.reply_to if context.thread is not None else None
                context = replace(context, thread=None, reply_to=kept)
                logger.bind(error=str(error)).debug("topic_left")
            except ReplyGone:
                if context.reply_to is None:
                    raise
                context = replace(context, reply_to=None)
            except BadButtons as error:
                keyboard = payload.get("keyboard", [])
                if presses(keyboard) == keyboard:
                    raise
                logger.bind(error=str(error)).error("buttons_refused")
                payload = {**payload, "keyboard": presses(keyboard)}

    async def _carry(self, context: SendContext, payload: Payload) -> Sent:
        if "first" in payload:  # written by 0.1.0, which may run beside this release
            await self._last_words(context, payload["first"])
        match payload["do"]:
            case "say":
                return await self._say(context, payload)
            case "edit":
                return await self._edit(context, payload)
            case "remove" | "buttons" | "kept":
                return await self._change(context, payload)
            case "invoice":
                where = context.chat_id, context.thread
                call = star_calls.send_invoice(self._telegram, *where, payload)
                return Sent(message_id(await context.call(call)))
            case "subscribe":
                link = await context.call(star_calls.subscription_link(self._telegram, payload))
                return await self._say(context, star_calls.inviting(payload, link))
            case "media" | "album":
                return await self._file(context, payload)
            case "text_file":
                return await self._media.text(context, payload, keyboard(payload))
            case _:
                return await self._without_message(context, payload)

    async def _without_message(self, context: SendContext, payload: Payload) -> Sent:
        match payload["do"]:
            case "toast":
                return await self._toast(context, payload)
            case "checkout":
                return await self._checkout(context, payload)
            case "inline":
                return await self._inline(context, payload)
            case "refund":
                await context.call(star_calls.refund(self._telegram, payload))
            case "end_subscription":
                await context.call(star_calls.end_subscription(self._telegram, payload))
            case "commands":
                await context.call(set_commands(self._telegram, context.chat_id, payload))
            case unknown:
                raise Rejected(f"a delivery that says {unknown!r}")
        return Sent()

    # ------------------------------------------------------------------ words --

    async def _say(self, context: SendContext, payload: Payload) -> Sent:
        fields = {
            "chat_id": context.chat_id,
            "reply_markup": inline_keyboard(payload["keyboard"]),
            "link_preview_options": _QUIET,
            **context.fields,
        }
        sent = await self._formatted(context, "sendMessage", payload["text"], fields)
        return Sent(message_id(sent))

    async def _edit(self, context: SendContext, payload: Payload) -> Sent:
        fields = {
            "chat_id": context.chat_id,
            "message_id": payload["message_id"],
            "reply_markup": inline_keyboard(payload["keyboard"]),
            "link_preview_options": _QUIET,
        }
        try:
            await self._formatted(context, "editMessageText", payload["text"], fields)
        except MessageGone:
            if not payload["or_say"]:
                raise
            return await self._say(context, payload)
        return Sent(payload["message_id"])

    async def _last_words(self, context: SendContext, payload: Payload) -> None:
        """Edit the progress message a last time. A failure does not stop the result after it."""
        try:
            await self._edit(context, payload)
        except (NotBegun, TooManyRequests, Misconfigured, ChatUnreachable, Fenced):
            raise
        except BotError as error:
            logger.bind(error=str(error)).debug("progress_not_edited")

    async def _formatted(
        self, context: SendContext, method: str, text: str, fields: Mapping[str, Any]
    ) -> Any:
        """Send with formatting; a text that Telegram cannot parse is sent without it."""
        whole = {**fields, "text": text, "parse_mode": "HTML"}
        try:
            return await context.call(self._telegram.direct(method, whole))
        except BadMarkup as error:
            logger.bind(error=str(error)).error("markup_refused")
            bare = {**fields, "text": without_markup(text)}
            return await context.call(self._telegram.direct(method, bare))

    async def _toast(self, context: SendContext, payload: Payload) -> Sent:
        answer = {
            "callback_query_id": payload["query_id"],
            "text": payload["text"] or None,
            "show_alert": payload["alert"] or None,
        }
        return await self._while_somebody_waits(
            context,
            lambda: self._telegram.direct("answerCallbackQuery", answer),
        )

    async def _checkout(self, context: SendContext, payload: Payload) -> Sent:
        return await self._while_somebody_waits(
            context, lambda: star_calls.decide(self._telegram, payload)
        )

    async def _inline(self, context: SendContext, payload: Payload) -> Sent:
        """Answer with files by their file_ids; where Telegram refuses the kind of one of them, each
        as what it was sent: one refused file refuses them all."""
        query_id, rest = payload["query_id"], inline_options(payload)
        listed = payload["results"]

        def answering(*, by_id: bool) -> Callable[[], object]:
            results = inline_results(listed, by_id=by_id)
            return lambda: self._telegram.answer_inline_query(query_id, results, **rest)

        try:
            return await self._while_somebody_waits(context, answering(by_id=False))
        except Rejected:
            if not listed:
                raise
            return await self._while_somebody_waits(context, answering(by_id=True))

    async def _while_somebody_waits(self, context: SendContext, call: Callable[[], Any]) -> Sent:
        """Repeat a call that failed or was not answered at once: its user waits for it now.
        Telegram refuses a second answer, so a repetition does no harm."""
        now = asyncio.get_running_loop().time
        began = now()
        while True:
            try:
                await context.call(call())
                return Sent()
            except (NotBegun, TooManyRequests):
                raise
            except (Unavailable, OutcomeUnknown):
                if now() - began > AGAIN_WITHIN:
                    raise
            await asyncio.sleep(AGAIN_PAUSE)

    # ------------------------------------------------------------------ files --

    async def _file(self, context: SendContext, payload: Payload) -> Sent:
        """In the first form that Telegram takes; at last as links in a text."""
        markup = keyboard(payload)

        try:
            if payload["do"] == "album":
                return await self._media.album(context, payload)
            return await self._media.one(context, payload, markup)
        except SourceUnavailable as error:
            if context.age <= LINK_PATIENCE:
                raise
            reason: BotError = error
        except Rejected as error:
            if isinstance(error, NotTheContent | Gone):
                raise
            reason = error
        logger.bind(error=str(reason)).warning("file_sent_as_link")
        words = {"text": payload["link"], "keyboard": payload["keyboard"]}
        return await self._say(context, words)

    # ------------------------------------------------------------ sent messages --

    async def _change(self, context: SendContext, payload: Payload) -> Sent:
        """Change or delete a message that was sent."""
        match payload["do"]:
            case "remove":
                return await self._sent_messages.remove(context, payload["message_id"])
            case "buttons":
                return await self._sent_messages.change_buttons(context, payload, keyboard(payload))
            case _:
                return await self._kept(context, payload)

    async def _kept(self, context: SendContext, payload: Payload) -> Sent:
        try:
            return await self._sent_messages.show(context, payload, keyboard(payload))
        except FileLost:
            return await self._say(context, payload["instead"])
