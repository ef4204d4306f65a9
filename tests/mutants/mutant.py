"""One mistake: a text of one file, what stands there instead, and the test that turns red."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    name: str
    file: str
    text: str  #: stands in the file exactly once
    instead: str
    killer: str
    slow: bool = False  #: its test takes many seconds: only with LONG=1
