"""The type of a picture by its first bytes."""

#: What kie.ai's models read.
USABLE = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}
_BEGINNINGS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}


def picture_type(content: bytes) -> str | None:
    """One of ``USABLE``; None: it is no such picture."""
    for beginning, mime in _BEGINNINGS.items():
        if content.startswith(beginning):
            return mime
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    return None
