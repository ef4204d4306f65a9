"""What users write and send."""

import mimetypes
import time
from collections.abc import Mapping
from typing import Any

from sandbox.files.kinds import mime_of
from sandbox.telegram import entities
from sandbox.telegram.state.people import User
from sandbox.telegram.state.shown import shown
from sandbox.telegram.state.store import Message, State
from sandbox.telegram.state.updates import Update
from sandbox.telegram.users.places import Where, bot_sees, parts
from sandbox.telegram.users.rich import blocks_of
from sandbox.telegram.users.samples import sample

HERE = Where()  # the private chat


class Speaking:
    """Each action becomes an update. KeyError: no such user or message."""

    def __init__(self, state: State) -> None:
        self._state = state

    def say(self, user_id: int, text: str, where: Where = HERE) -> Message:
        user = self._state.users[user_id]
        return self._message(user, where, text=text, entities=entities.marked(text))

    def send(
        self, user_id: int, kind: str, *, caption: str = "", where: Where = HERE, **file: Any
    ) -> Message:
        """A photo, voice, audio, video, document or sticker; ``file`` as for ``_file``."""
        return self._message(
            self._state.users[user_id],
            where,
            **self._file(kind, **file),
            caption=caption,
            caption_entities=entities.marked(caption),
        )

    def album(
        self,
        user_id: int,
        items: list[dict[str, Any]],
        captions: list[str],
        where: Where = HERE,
    ) -> list[Message]:
        """Several files at once: messages that share a group. Missing captions are empty."""
        group = self._state.new_group()
        files = [self._file(**item) for item in items]
        words = captions + [""] * (len(files) - len(captions))
        return [
            self._message(
                self._state.users[user_id],
                where,
                **file,
                media_group_id=group,
                caption=caption,
                caption_entities=entities.marked(caption),
            )
            for file, caption in zip(files, words, strict=True)
        ]

    def rich(
        self, user_id: int, text: str = "", photos: int = 0, blocks: Any = None, where: Where = HERE
    ) -> Message:
        """A rich message: of ``blocks`` as they are, or of a text and so many pictures."""
        made = [self._file("photo")["photo"] for _ in range(photos)]
        content = {"blocks": blocks_of(text, made) if blocks is None else blocks}
        return self._message(self._state.users[user_id], where, rich_message=content)

    def edit(self, user_id: int, message_id: int, text: str, chat: int = 0) -> Message:
        """Change the words of an own message."""
        message = self._own(user_id, message_id, chat)
        name = "text" if "text" in message else "caption"
        marks = "entities" if name == "text" else "caption_entities"
        self._state.changed(message, {name: text, marks: entities.marked(text)})
        if bot_sees(self._state, message):
            queue = f"chat:{message['chat']['id']}"
            self._state.updates.announce("edited_message", message, queue, "message")
        return message

    def delete(self, user_id: int, message_id: int, chat: int = 0) -> None:
        """Delete a message for everyone. Telegram does not tell the bot."""
        if not chat:
            chat = self._state.users[user_id].id
        else:
            self._own(user_id, message_id, chat)
        if not self._state.delete(chat, message_id):
            raise KeyError(f"no message {message_id}")

    def raw(self, body: str, queue: str = "raw", kind: str = "message", life: str = "") -> int:
        """An update whose text is whatever a test says, with ``$ID`` for its number."""
        updates = self._state.updates
        number = updates.next_id()
        ends = time.monotonic() + updates.lives[life or "message"]
        updates.push(Update(number, kind, body.replace("$ID", str(number)), queue, ends))
        return number

    def _own(self, user_id: int, message_id: int, chat: int) -> Message:
        message = self._state.messages[chat or user_id][message_id]
        if message["from"]["id"] != user_id:
            raise ValueError(f"message {message_id} is not of user {user_id}")
        return message

    def _file(
        self,
        kind: str,
        content: bytes = b"",
        name: str = "",
        size: int = 0,
        fields: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The part of a message with a file. ``content``: none is a sample. ``size``: filled up to
        it. ``fields`` replace what Telegram says about the file; None leaves a field out."""
        content = content or sample(kind)
        content += b"\0" * (size - len(content))
        mime = mime_of(content)
        ending = mimetypes.guess_extension(mime) or ".bin"
        stored = self._state.files.store(content, name or f"{kind}{ending}", mime)
        if kind == "sticker":
            ids = {"file_id": stored.file_id, "file_unique_id": stored.unique_id}
            looks = {"type": "regular", "is_animated": False, "is_video": False, "emoji": "🙂"}
            found: dict[str, Any] = {"sticker": {**ids, **looks, "width": 64, "height": 64}}
        else:
            found = shown(self._state.files, kind, stored)
        if not fields:
            return found
        ((name, told),) = found.items()
        if isinstance(told, list):
            raise ValueError("a photo has no fields")
        told = {key: value for key, value in {**told, **fields}.items() if value is not None}
        return {name: told}

    def _message(self, user: User, where: Where, **content: Any) -> Message:
        chat_id, sender, place = parts(self._state, user, where)
        message = self._state.new_message(chat_id, sender, **place, **content)
        if bot_sees(self._state, message):
            self._state.updates.announce("message", message, f"chat:{chat_id}", "message")
        return message
