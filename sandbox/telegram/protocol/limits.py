"""Telegram's flood limits: one message a second and chat, thirty over all, twenty a minute and
group.

The real limits are unpublished and adaptive; these are those of Telegram's FAQ. A small burst is
allowed.
"""

import time
from collections import defaultdict, deque

from sandbox.telegram.errors import too_many

CHAT_BURST, CHAT_SECONDS = 5, 5.0
GROUP_COUNT, GROUP_SECONDS = 20, 60.0
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
        of_chat = (GROUP_COUNT, GROUP_SECONDS) if chat_id < 0 else (CHAT_BURST, CHAT_SECONDS)
        for window, count, seconds in (
            (self._chats[chat_id], *of_chat),
            (self._all, GLOBAL_COUNT, GLOBAL_SECONDS),
        ):
            while window and window[0] <= now - seconds:
                window.popleft()
            if len(window) >= count:
                raise too_many(max(1, round(window[0] + seconds - now)))
        self._chats[chat_id].append(now)
        self._all.append(now)
