"""A file that a user sent, from PTB's message to a reference.

Telegram converts photos, voice and round videos itself and says what they are; the sender of
a document says it, and is not believed beyond its name: kie.ai looks at the bytes.
"""

import mimetypes
from collections.abc import Mapping
from typing import Any

from telegram import Animation, Audio, Document, Message, PhotoSize, Video, VideoNote, Voice

from kie.catalogue.user_file import UserFile

NAME_LIMIT = 100  #: characters of a file's name that are kept
#: What else the same formats are called.
_ALIASES = {
    "image/jpg": "image/jpeg",
    "audio/mp3": "audio/mpeg",
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "audio/x-aac": "audio/aac",
    "audio/opus": "audio/ogg",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
}

Sent = PhotoSize | Video | Animation | VideoNote | Voice | Audio | Document


def user_file(sent: Mapping[str, Any]) -> UserFile | None:
    """The picture, recording or clip in a message; None: there is none.

    Raises what PTB does for what is not as the Bot API says.
    """
    message = Message.de_json(dict(sent), None)
    # An animation is sent as a document, too: it comes first.
    for found, mime in (
        (_largest(message.photo), "image/jpeg"),
        (message.animation, "video/mp4"),
        (message.video, "video/mp4"),
        (message.video_note, "video/mp4"),
        (message.voice, "audio/ogg"),
        (message.audio, "audio/mpeg"),
    ):
        if found is not None:
            return _reference(found, getattr(found, "mime_type", None) or mime)
    document = message.document
    if document is None:
        return None
    guessed = mimetypes.guess_type(document.file_name or "")[0]
    return _reference(document, document.mime_type or guessed or "")


def _largest(sizes: tuple[PhotoSize, ...]) -> PhotoSize | None:
    return max(sizes, key=lambda each: each.width * each.height, default=None)


def _reference(sent: Sent, told: str) -> UserFile | None:
    mime = _ALIASES.get(told.lower(), told.lower())
    kind = mime.partition("/")[0]
    if kind not in {"image", "audio", "video"}:
        return None
    ending = mimetypes.guess_extension(mime) or ""
    name = getattr(sent, "file_name", None) or f"{kind}{ending}"
    # PTB's attribute changes its type with a setting of the environment; Telegram's does not.
    seconds = sent.to_dict().get("duration")
    return UserFile(
        file_id=sent.file_id,
        kind=kind,
        size=sent.file_size or 0,
        name=name[:NAME_LIMIT],
        mime=mime[:NAME_LIMIT],
        seconds=None if seconds is None else float(seconds),
    )
