"""One field of a model's input, checked as strictly as kie.ai checks it.

The text "5" is not the number 5, and a number is not a boolean. A complaint has a key and fields,
so that it can be shown in the user's language.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kie.catalogue.user_file import TELEGRAM_LIMIT, UNTOLD, UserFile
from supervisor.values.foreign import number

MEGABYTE = 1024 * 1024


class InputType(enum.StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    INTEGER = "integer"
    NUMBER = "number"
    SWITCH = "switch"
    FIXED = "fixed"
    SOURCE = "source"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"


#: What users are never asked for.
UNASKED = frozenset({InputType.FIXED, InputType.SOURCE})
FILES = frozenset({InputType.IMAGE, InputType.AUDIO, InputType.VIDEO})
NUMBERS = frozenset({InputType.INTEGER, InputType.NUMBER})

#: Each complaint for the log. Users read the sentences ``bad_…`` of the feature ``making``.
_WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "unknown": "is unknown",
    "not_text": "expected a text",
    "too_short": "{n} characters, at least {min}",
    "too_long": "{n} characters, at most {max}",
    "not_a_choice": "expected one of {choices}",
    "not_a_switch": "expected true or false",
    "not_a_number": "expected a number",
    "not_whole": "expected a whole number",
    "too_small": "at least {min}",
    "too_big": "at most {max}",
    "not_fixed": "is always {value!r}",
    "no_source": "expected a name of what an earlier job has made",
    "no_file": "expected a file of a user",
    "wrong_kind": "expected {kind}",
    "wrong_format": "{mime} is not one of {formats}",
    "too_heavy": "{n} MB, at most {max} MB",
    "unknown_length": "how long it plays is unknown",
    "plays_too_long": "plays {n} s, at most {max} s",
    "too_few_files": "{n} files, at least {min}",
    "too_many_files": "{n} files, at most {max}",
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why kie.ai would refuse a value."""

    name: str
    key: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name}: {_WORDS[self.key].format(**self.fields)}"


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a model's input and how the user is asked for it."""

    name: str
    type: InputType
    title: Mapping[str, str] = field(default_factory=dict)
    required: bool = False  #: the user is asked before the confirmation
    default: Any = None  #: sent when the user gives nothing
    value: Any = None  #: fixed only
    takes: str = ""  #: source only: what of the earlier job it is (``follow.py``)
    min_length: int = 1  #: characters, as kie.ai counts them; text only
    max_length: int = 0
    choices: tuple[Any, ...] = ()
    labels: Mapping[Any, Mapping[str, str]] = field(default_factory=dict)  #: of choices
    min: float | None = None
    max: float | None = None
    many: bool = False  #: kie.ai wants a list of files
    min_items: int = 1
    max_items: int = 1
    formats: tuple[str, ...] = ()  #: MIME types; empty: any
    max_mb: float = TELEGRAM_LIMIT / MEGABYTE
    max_seconds: float | None = None
    timed: bool = False  #: the price depends on how long it plays

    @property
    def asked(self) -> bool:
        """Whether the user gives it."""
        return self.type not in UNASKED

    @property
    def is_file(self) -> bool:
        return self.type in FILES

    def problem(self, value: Any) -> Complaint | None:
        """Why kie.ai would refuse ``value``; None: it is fine."""
        match self.type:
            case InputType.TEXT:
                return self._text_problem(value)
            case InputType.CHOICE:
                if not is_one_of(value, self.choices):
                    choices = ", ".join(map(str, self.choices))
                    return self._complaint("not_a_choice", choices=choices)
            case InputType.INTEGER | InputType.NUMBER:
                return self._number_problem(value)
            case InputType.SWITCH:
                if not isinstance(value, bool):
                    return self._complaint("not_a_switch")
            case InputType.FIXED:
                if not same(value, self.value):
                    return self._complaint("not_fixed", value=self.value)
            case InputType.SOURCE:
                if not isinstance(value, str) or not value:
                    return self._complaint("no_source")
            case InputType.IMAGE | InputType.AUDIO | InputType.VIDEO:
                return self._files_problem(value)
        return None

    def file_problem(self, file: UserFile) -> Complaint | None:
        """Why this one file cannot be used here."""
        if file.kind != self.type:
            return self._complaint("wrong_kind", kind=self.type.value)
        if self.formats and file.mime not in {*self.formats, UNTOLD}:
            formats = ", ".join(each.partition("/")[2] for each in self.formats)
            return self._complaint("wrong_format", mime=file.mime, formats=formats)
        if file.size > self.max_mb * MEGABYTE:
            size = round(file.size / MEGABYTE, 1)
            return self._complaint("too_heavy", n=size, max=round(self.max_mb, 1))
        if self.timed and not file.seconds:
            return self._complaint("unknown_length")
        if self.max_seconds is not None and (file.seconds or 0) > self.max_seconds:
            seconds = round(file.seconds or 0)
            return self._complaint("plays_too_long", n=seconds, max=round(self.max_seconds))
        return None

    # ------------------------------------------------------------- internal --

    def _text_problem(self, value: Any) -> Complaint | None:
        if not isinstance(value, str) or not value.strip():
            return self._complaint("not_text")
        length = prompt_length(value)
        if length > self.max_length:
            return self._complaint("too_long", n=length, max=self.max_length)
        if length < self.min_length:
            return self._complaint("too_short", n=length, min=self.min_length)
        return None

    def _number_problem(self, value: Any) -> Complaint | None:
        if number(value) is None:
            return self._complaint("not_a_number")
        if self.type is InputType.INTEGER and not isinstance(value, int):
            return self._complaint("not_whole")
        if self.min is not None and value < self.min:
            return self._complaint("too_small", min=self.min)
        if self.max is not None and value > self.max:
            return self._complaint("too_big", max=self.max)
        return None

    def _files_problem(self, value: Any) -> Complaint | None:
        if self.many != isinstance(value, list):
            return self._complaint("no_file")
        for each in value if self.many else [value]:
            file = UserFile.of(each)
            if file is None:
                return self._complaint("no_file")
            problem = self.file_problem(file)
            if problem is not None:
                return problem
        if self.many and len(value) > self.max_items:
            return self._complaint("too_many_files", n=len(value), max=self.max_items)
        if self.many and len(value) < self.min_items:
            return self._complaint("too_few_files", n=len(value), min=self.min_items)
        return None

    def _complaint(self, key: str, **fields: Any) -> Complaint:
        return Complaint(self.name, key, fields)


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: 1, 1.0, true and "1" are four different values."""
    return type(one) is type(other) and bool(one == other)


def is_one_of(value: Any, choices: Sequence[Any]) -> bool:
    """Whether ``value`` is the same as one of these."""
    for each in choices:  # noqa: SIM110 a generator takes twice the time, and each card asks often
        if same(value, each):
            return True
    return False


def prompt_length(text: str) -> int:
    """The length of a prompt as kie.ai's limit counts it.

    kie.ai does not say whether it counts characters or UTF-16 units; characters (code
    points) are assumed.
    """
    return len(text)
