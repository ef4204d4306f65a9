"""The type of a picture by its first bytes."""

#: What kie.ai's models read.
USABLE = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}
_BEGINNINGS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}
#: GIF, TIFF, PDF, Photoshop, archives.
_OTHERS = (b"GIF8", b"II*\x00", b"MM\x00*", b"%PDF-", b"8BPS\x00", b"PK\x03\x04")
_BOX = b"ftyp"  #: of HEIC, AVIF and clips, after the length of the first box


def picture_type(content: bytes) -> str | None:
    """One of ``USABLE``; None: it is no such picture."""
    for beginning, mime in _BEGINNINGS.items():
        if content.startswith(beginning):
            return mime
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    return None


def is_something_else(content: bytes) -> bool:
    """Whether it surely is none of ``USABLE``, whatever its name says: such as a HEIC photo of a
    phone whose name ends in ``.jpg``."""
    return content.startswith(_OTHERS) or content[4:8] == _BOX
