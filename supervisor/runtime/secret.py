"""A value that is not shown by accident."""

import hmac


class Secret:
    """Holds a secret string; ``repr``, ``str`` and f-strings show only stars."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the code that sends it to its owner."""
        return self._value

    def matches(self, candidate: str) -> bool:
        """Whether ``candidate`` is the same value, compared in constant time."""
        return hmac.compare_digest(self._value.encode(), candidate.encode("utf-8", "replace"))

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.matches(other._value)

    def __hash__(self) -> int:
        return hash(self._value)
