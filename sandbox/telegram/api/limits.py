"""Telegram's flood limits: about one message a second and chat, thirty over all.

The real numbers are unpublished and adaptive; these are the ones that Telegram's own
FAQ names. A small burst is tolerated.
"""

import time
from collections import defaultdict, deque

from sandbox.telegram.errors import too_many

CHAT_BURST, CHAT_SECONDS = 5, 5.0
GLOBAL_COUNT, GLOBAL_SECONDS = 30, 1.0


class FloodLimits:
    """Off until switched on. Edits count as messages do."""

    def __init__(self) -> None:
        self.enabled = False
        self._chats: defaultdict[int, deque[float]] = defaultdict(deque)
        self._all: deque[float] = deque()

    def check(self, chat_id: int) -> None:
        """Count one message. Raises 429 when it is one too many."""
        if not self.enabled:
            return
        now = time.monotonic()
        for window, count, seconds in (
            (self._chats[chat_id], CHAT_BURST, CHAT_SECONDS),
            (self._all, GLOBAL_COUNT, GLOBAL_SECONDS),
        ):
            while window and window[0] <= now - seconds:
                window.popleft()
            if len(window) >= count:
                raise too_many(max(1, round(window[0] + seconds - now)))
        self._chats[chat_id].append(now)
        self._all.append(now)
