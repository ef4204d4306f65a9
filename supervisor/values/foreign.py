r"""Conversion of values from outside: from Telegram, kie.ai, users, files and libraries.

Where such a value enters, it is converted into one of these:

``Storable``
    A text that PostgreSQL's ``text`` and ``jsonb`` accept: without NUL and lone surrogates, and
    not longer than its caller can use. It may have many lines.
``Printable``
    One line for people: in logs, for operators, on terminals. Characters that move the cursor,
    end the line or change the writing direction are escaped (``\n``, ``\x1b``, ``\u202e``). A
    line that is too long is cut and ends with an ellipsis. Every ``Printable`` is ``Storable``.
numbers
    ``whole`` and ``number`` return a number within a range, or None. Booleans, texts, NaN and
    infinity are not numbers. ``whole_text`` reads a number from a text (a command's argument, a
    header). It accepts only ASCII digits, while ``str.isdecimal`` and ``\d`` accept the digits
    of every script.
JSON
    ``from_json`` reads it and ``storable_json`` writes it. The result of reading has no NaN and
    no number that Python could not print; what is written can be stored as ``jsonb``.

No function raises because of a value, except ``from_json``, which raises ``ValueError`` for text
that is not JSON.
"""

import json
import math
import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from typing import Any, NewType

Storable = NewType("Storable", str)
Printable = NewType("Printable", Storable)

LONGEST_TEXT = 100_000  #: characters of a text that is kept
LONGEST_LINE = 300  #: characters of a line for people
DEEPEST = 100  #: levels of JSON that are kept; PostgreSQL's own limit depends on its stack
MOST_DIGITS = 300  #: of a number in JSON; a float has no more, and Python prints 4300
INT8 = 2**63 - 1  #: the largest BIGINT
EXACT = 2**53  #: above it a float does not represent every whole number

_REPLACEMENT = "\ufffd"
_ELLIPSIS = "…"
#: Control characters, line separators, invisible characters, and those that change the writing
#: direction. Joiners (U+200C, U+200D) stay: names and emoji need them.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_LONG_NUMBER = re.compile(f"[0-9]{{{MOST_DIGITS}}}")
_DIGITS = re.compile(r"-?[0-9]{1,20}", re.ASCII)


def storable(value: object, most: int = LONGEST_TEXT) -> Storable:
    """``value`` as a text that the database accepts, cut to ``most`` characters."""
    if type(value) is str and len(value) <= most and value.isascii() and "\x00" not in value:
        return Storable(value)  # as most are
    text = _text(value)[: most + 1]
    if "\x00" in text:
        text = text.replace("\x00", _REPLACEMENT)
    try:
        text.encode()
    except UnicodeEncodeError:
        # A surrogate pair becomes one character, a lone surrogate a replacement character.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return Storable(text[:most])


def printable(value: object, most: int = LONGEST_LINE) -> Printable:
    """``value`` as one printable line of at most ``most`` characters."""
    line = _UNPRINTABLE.sub(lambda found: _escaped(found.group()), _text(value)[: most + 1])
    if len(line) > most:
        line = line[: max(0, most - len(_ELLIPSIS))] + _ELLIPSIS
    return Printable(Storable(line))


def whole(value: object, low: int = -INT8, high: int = INT8) -> int | None:
    """``value`` if it is a whole number from ``low`` to ``high``, also in the form 5.0."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= EXACT:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if low <= value <= high else None


def number(value: object, low: float = -math.inf, high: float = math.inf) -> float | None:
    """``value`` if it is a finite number from ``low`` to ``high``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) and low <= found <= high else None


def whole_text(text: object, low: int = -INT8, high: int = INT8) -> int | None:
    """The whole number that ``text`` contains, in ASCII digits; blanks around it are allowed."""
    if not isinstance(text, str) or _DIGITS.fullmatch(text.strip()) is None:
        return None
    return whole(int(text), low, high)


def from_json(body: bytes | str) -> Any:
    """The value of a JSON text in UTF-8. Raises ``ValueError`` for anything else.

    NaN, infinities and numbers with too many digits become None. Other encodings are refused;
    ``json.loads`` would detect UTF-16 and UTF-32.
    """
    try:
        text = body.removeprefix(BOM_UTF8).decode() if isinstance(body, bytes) else body
        # A function that is called for each number takes longer than this search for a long one.
        return (_CAREFUL if _has_long_number(text) else _USUAL).decode(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON ({type(error).__name__})") from None


def storable_json(value: object) -> Storable:
    """``value`` as JSON for a ``jsonb`` column: clean texts, finite numbers, bounded depth."""
    return Storable(json.dumps(_clean(value, DEEPEST), ensure_ascii=False, allow_nan=False))


# ------------------------------------------------------------------ internal --


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if value is None:
        return ""
    try:
        return str(value)
    except Exception:  # noqa: BLE001 any object: an int of 5,000 digits, an exception with a bug
        return f"<{type(value).__name__}>"


def _escaped(character: str) -> str:
    code = ord(character)
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    if short is not None:
        return short
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _has_long_number(text: str) -> bool:
    # A run of ``MOST_DIGITS`` digits holds one of every ``MOST_DIGITS``-th character.
    some = text[MOST_DIGITS - 1 :: MOST_DIGITS]
    return any(map(str.isdigit, some)) and _LONG_NUMBER.search(text) is not None


def _parsed_int(digits: str) -> int | None:
    return int(digits) if len(digits) <= MOST_DIGITS else None


def _parsed_float(digits: str) -> float | None:
    return number(float(digits))


_USUAL = json.JSONDecoder(parse_float=_parsed_float, parse_constant=lambda _: None)
_CAREFUL = json.JSONDecoder(
    parse_int=_parsed_int, parse_float=_parsed_float, parse_constant=lambda _: None
)


def _clean(value: object, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, int):
        return value if value.bit_length() <= 3 * MOST_DIGITS else None
    if isinstance(value, float):
        return number(value)
    if depth == 0:
        return None
    if isinstance(value, Mapping):
        return {storable(key): _clean(each, depth - 1) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each, depth - 1) for each in value]
    return storable(value)
