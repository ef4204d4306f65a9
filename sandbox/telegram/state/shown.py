"""How a stored file stands in a message. What a file is decides how it arrives."""

from typing import Any

from sandbox.files.kinds import size_of_picture
from sandbox.telegram.errors import bad_request
from sandbox.telegram.state.files import Files, StoredFile

#: What may arrive as each kind; anything else of these kinds becomes a document.
_SHOWN_AS = {
    "video": {"video/mp4"},
    "audio": {"audio/mpeg", "audio/mp4", "video/mp4"},
    "voice": {"audio/ogg", "audio/mpeg", "audio/mp4", "video/mp4"},
}


def shown(files: Files, kind: str, stored: StoredFile) -> dict[str, Any]:
    """The part of a message that holds this file. Raises for what is no photo."""
    if kind == "photo":
        return {"photo": _sizes(files, stored)}
    if stored.mime not in _SHOWN_AS.get(kind, {stored.mime}):
        kind = "document"
    common = {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.content),
        "mime_type": stored.mime,
    }
    if kind == "document":
        return {kind: {**common, "file_name": stored.name}}
    names = {"video": ("width", "height"), "audio": ("title", "performer")}.get(kind, ())
    facts = {name: stored.facts[name] for name in names if name in stored.facts}
    found = {**common, "duration": stored.facts.get("duration", 0), **facts}
    return {kind: found if kind == "voice" else {**found, "file_name": stored.name}}


def _sizes(files: Files, stored: StoredFile) -> list[dict[str, Any]]:
    """A photo in its sizes, the smallest first: the original is the last one."""
    size = size_of_picture(stored.content)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    width, height = size
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    small = files.thumbnail()
    found = {"file_id": small.file_id, "file_unique_id": small.unique_id}
    thumbnail = {**found, "file_size": len(small.content), "width": 90, "height": 90}
    own = {"file_id": stored.file_id, "file_unique_id": stored.unique_id}
    return [thumbnail, {**own, "file_size": len(stored.content), "width": width, "height": height}]
