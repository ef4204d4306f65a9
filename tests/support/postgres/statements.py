"""Counts the statements in a server's log, as they were sent."""

import re

#: Frames of a transaction: BEGIN, alone or with limits and fence, COMMIT and ROLLBACK. A BEGIN that
#: brings a statement counts.
_COUNTED = re.compile(
    r"statement: (?!(?:COMMIT|ROLLBACK|BEGIN(?:; EXECUTE trt_database_\w+ \([^)\n]*\))*)\s*$)",
    re.M,
)


def statements_in(log: str) -> int:
    """All but the frames of transactions."""
    return len(_COUNTED.findall(log))
