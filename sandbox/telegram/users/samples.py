"""Small real files that users send when they have none of their own."""

from sandbox.files.picture import draw
from sandbox.files.sound import silence, voice
from sandbox.files.video import film


def sample(kind: str) -> bytes:
    """A small real file of that kind."""
    if kind == "video":
        return film("sample", "16:9", 3)
    if kind in {"audio", "voice"}:
        return silence("sample", 2) if kind == "audio" else voice(2)
    if kind == "document":
        return b"%PDF-1.4\n%%EOF\n"
    return draw("a photo", "4:3")
