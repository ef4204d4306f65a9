"""Strict checks of YAML values. Every error message names its place in the file."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from kie.catalogue.model import LANGUAGES

#: Bytes of a name or choice: it travels in the data of a button, which takes 64.
LONGEST_WORD = 40


class Strict:
    """Collects complaints instead of raising at the first one."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def mapping(
        self,
        raw: Any,
        at: str,
        wanted: Mapping[str, type],
        optional: Mapping[str, type] | None = None,
    ) -> dict[Any, Any]:
        """``raw`` with exactly the keys of ``wanted`` and any of ``optional``, types checked."""
        if not isinstance(raw, dict):
            self.problems.append(f"{at}: expected a mapping, got {raw!r}")
            return {}
        allowed = {**wanted, **(optional or {})}
        for key, value in raw.items():
            if key not in allowed:
                self.problems.append(f"{at}.{key}: is unknown")
            elif not fits(value, allowed[key]):
                expected = allowed[key].__name__
                self.problems.append(f"{at}.{key}: expected {expected}, got {value!r}")
        self.problems += [f"{at}.{key}: is missing" for key in wanted if key not in raw]
        return raw

    def languages(self, raw: Any, at: str) -> None:
        self.mapping(raw, at, dict.fromkeys(LANGUAGES, str))

    def one_of(self, value: Any, words: Sequence[str], at: str) -> bool:
        if isinstance(value, str) and value in words:
            return True
        self.problems.append(f"{at}: expected one of {', '.join(words)}, got {value!r}")
        return False

    def positive(self, value: Any, at: str) -> None:
        if fits(value, float) and value <= 0:
            self.problems.append(f"{at}: must be more than 0, got {value!r}")

    def ordered(self, low: float, high: float, at: str) -> None:
        if low > high:
            self.problems.append(f"{at}: {low:g} is more than {high:g}")

    def word(self, value: Any, at: str, longest: int = LONGEST_WORD) -> None:
        if isinstance(value, str) and not 0 < len(value.encode()) <= longest:
            self.problems.append(f"{at}: expected 1 to {longest} bytes, got {value!r}")


def fits(value: Any, kind: type) -> bool:
    """Whether ``value`` has the type ``kind``. Booleans and ``.nan`` are not numbers; an int may
    stand for a float."""
    if kind is float:
        return type(value) in {int, float} and math.isfinite(value)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind)
