"""What came back from a call, before anybody has read it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer as it came."""

    status: int
    body: bytes
