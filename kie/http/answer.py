"""An HTTP answer before it is interpreted."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body."""

    status: int
    body: bytes
