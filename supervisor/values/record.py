"""Records that are made many times for each update.

``dataclass(frozen=True)`` sets each field by a call, which takes four times as long as a plain
assignment: a tenth of what it took to handle a text. For the type checker, which looks at every
line, a record is frozen as well.
"""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """A dataclass with slots whose fields nobody changes: what does is no valid program."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
