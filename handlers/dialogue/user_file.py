"""The reference to a file that a user sent, from Telegram's JSON.

Telegram converts photos, voice messages and round videos itself and names their types. The type of
a document comes from the sender's app. A type of a picture, a recording or a clip counts, without
parameters and with aliases resolved; after any other one (``application/…``, ``image/*``, none) the
extension of the file name decides. A document without any of these, of which Telegram shows a small
picture, is a picture as well: its type is read from its bytes when it is used.
"""

import mimetypes
import re
from collections.abc import Mapping
from typing import Any

from handlers.dialogue.incoming import Attachment
from handlers.dialogue.json_fields import optional
from kie.catalogue.user_file import UNTOLD, UserFile
from supervisor.values.foreign import number, storable, whole

NAME_LIMIT = 100  #: characters of a file's name that are kept
ID_LIMIT = 400  #: characters of a file id; Telegram's have fewer than 200
LONGEST = 10_000_000.0  #: seconds that a file may claim to play
#: The type of each kind of content when Telegram names none. An animation comes first: its message
#: has a document, too.
_TYPES = {
    "animation": "video/mp4",
    "video": "video/mp4",
    "video_note": "video/mp4",
    "voice": "audio/ogg",
    "audio": "audio/mpeg",
    "document": "",
}
#: Other names of the same types.
_ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "audio/mp3": "audio/mpeg",
    "audio/x-mp3": "audio/mpeg",
    "audio/mpeg3": "audio/mpeg",
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "audio/x-aac": "audio/aac",
    "audio/opus": "audio/ogg",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/x-pn-wav": "audio/wav",
    "audio/x-flac": "audio/flac",
    "video/x-m4v": "video/mp4",
    "video/mov": "video/quicktime",
    # Several shots in one file; kie.ai takes them as little as single ones.
    "image/heic-sequence": "image/heic",
    "image/heif-sequence": "image/heif",
}
_SAYS_WHAT_IT_IS = re.compile(r"(image|audio|video)/[a-z0-9][a-z0-9.+-]*|application/pdf")
#: Types that say nothing.
_NOTHING = {"", "application/octet-stream", "binary/octet-stream", "application/binary"}
_ENDING = re.compile(r"(?=[0-9]*[A-Za-z])[A-Za-z0-9]{1,5}")
_ENDINGS = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "jpe": "image/jpeg",
    "jfif": "image/jpeg",
    "pdf": "application/pdf",
    "png": "image/png",
    "webp": "image/webp",
    "heic": "image/heic",
    "heif": "image/heif",
    "heics": "image/heic",
    "heifs": "image/heif",
    "hif": "image/heif",
    "avif": "image/avif",
    "bmp": "image/bmp",
    "gif": "image/gif",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "oga": "audio/ogg",
    "opus": "audio/ogg",
    "wav": "audio/wav",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "mov": "video/quicktime",
    "mkv": "video/x-matroska",
    "webm": "video/webm",
    "3gp": "video/3gpp",
    "avi": "video/x-msvideo",
}


def user_file(message: Mapping[str, Any]) -> UserFile | None:
    """The picture, recording or clip in a message; None: there is none that can be used."""
    photo = _photo(message)
    if photo is not None:
        return _reference(photo, "image/jpeg")
    for attribute, usual in _TYPES.items():
        found = message.get(attribute)
        if isinstance(found, Mapping):
            return _reference(found, _type_of(found, usual))
    return None


def answered_file(message: Mapping[str, Any], kind: str = "") -> UserFile | None:
    """The same for the message that this one answers, which may be in another chat. ``kind``: only
    a file of this one, and none of a channel's post: every comment answers that."""
    replied = optional(message, "reply_to_message") or optional(message, "external_reply") or {}
    found = user_file(replied)
    if found is None or not kind:
        return found
    return found if found.kind == kind and not replied.get("is_automatic_forward") else None


def photo_file(sizes: object) -> UserFile | None:
    """The same for the sizes of one photo."""
    photo = largest(sizes)
    return None if photo is None else _reference(photo, "image/jpeg")


def largest(sizes: object) -> Mapping[str, Any] | None:
    """The largest size of a photo with a usable file id; None: there is none."""
    listed = sizes if isinstance(sizes, list) else []
    named = [each for each in listed if isinstance(each, Mapping) and _file_id(each)]
    return max(named, key=_area, default=None)


def _photo(message: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The photo, also that of a live photo: only a message itself has it as its ``photo``, too."""
    live = message.get("live_photo")
    still = live.get("photo") if isinstance(live, Mapping) else None
    return largest(message.get("photo")) or largest(still)


def attachment(message: Mapping[str, Any]) -> Attachment | None:
    """The photo or document in a message, of any type."""
    photo, document = _photo(message), message.get("document")
    sent = photo if photo is not None else document
    if not isinstance(sent, Mapping) or not _file_id(sent):
        return None
    unique = storable(str(sent.get("file_unique_id") or sent["file_id"]), ID_LIMIT)
    if photo is not None:
        return Attachment("photo", _file_id(sent), unique, "image/jpeg")
    return Attachment("document", _file_id(sent), unique, _type_of(sent, ""))


def is_heic(message: Mapping[str, Any]) -> bool:
    """Whether the document is a HEIC photo (iPhones), which kie.ai does not take."""
    document = message.get("document")
    if not isinstance(document, Mapping):
        return False
    return _type_of(document, "") in {"image/heic", "image/heif"}


def _type_of(sent: Mapping[str, Any], usual: str) -> str:
    told = sent.get("mime_type")
    bare = re.split("[;,]", told, maxsplit=1)[0].strip().lower() if isinstance(told, str) else ""
    bare = _ALIASES.get(bare, bare)
    if _SAYS_WHAT_IT_IS.fullmatch(bare):
        return bare
    name = sent.get("file_name")
    _, dot, ending = name.rpartition(".") if isinstance(name, str) else ("", "", "")
    by_name = _ENDINGS.get(ending.strip().lower()) if dot else None
    if by_name or usual:
        return by_name or usual
    named = bool(dot) and _ENDING.fullmatch(ending.strip()) is not None
    seen = bare in _NOTHING and not named and isinstance(sent.get("thumbnail"), Mapping)
    return UNTOLD if seen else bare


def _reference(sent: Mapping[str, Any], mime: str) -> UserFile | None:
    kind = mime.partition("/")[0]
    file_id = _file_id(sent)
    if kind not in {"image", "audio", "video"} or not file_id:
        return None
    told = sent.get("file_name")
    name = told if isinstance(told, str) and told.strip() else kind + _ending(mime)
    return UserFile(
        file_id=file_id,
        kind=kind,
        size=whole(sent.get("file_size"), 0) or 0,
        name=storable(name, NAME_LIMIT),
        mime=storable(mime, NAME_LIMIT),
        seconds=number(sent.get("duration"), 0.0, LONGEST),
    )


def _file_id(sent: Mapping[str, Any]) -> str:
    """Telegram's id of the file; empty: there is none that could be used."""
    file_id = sent.get("file_id")
    usable = isinstance(file_id, str) and file_id.isascii() and file_id.isprintable()
    return file_id if isinstance(file_id, str) and usable and len(file_id) <= ID_LIMIT else ""


def _area(size: Mapping[str, Any]) -> int:
    width, height = (whole(size.get(side), 0, 10**6) or 0 for side in ("width", "height"))
    return width * height


def _ending(mime: str) -> str:
    return mimetypes.guess_extension(mime) or ""
