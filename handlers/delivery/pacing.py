"""How fast we may talk to one chat. Pure: the time is given.

Telegram does not publish its limits and adapts them; about one message a second per
private chat and twenty a minute per group are safe, with a small burst. Edits count too.
What Telegram itself says (429) comes on top and is kept in the table.
"""

from dataclasses import dataclass

PRIVATE_RATE, PRIVATE_BURST = 1.0, 3.0
GROUP_RATE, GROUP_BURST = 20 / 60, 3.0
#: What is not an answer, over all chats: 30 in any second.
BACKGROUND_RATE, BACKGROUND_BURST = 25.0, 5.0
#: So many chats refused for flooding within so many seconds: it is not the chats.
FLOOD_CHATS, FLOOD_WITHIN = 3, 2.0
#: Buckets that are full again are forgotten once there are this many.
MOST_BUCKETS = 2000


@dataclass(slots=True)
class Bucket:
    """Tokens that come back over time."""

    rate: float
    burst: float
    tokens: float
    at: float

    def wait(self, now: float) -> float:
        """Seconds until a token is there; 0.0: now."""
        self._refill(now)
        return max(0.0, (1.0 - self.tokens) / self.rate)

    def take(self, now: float) -> None:
        self._refill(now)
        self.tokens -= 1.0

    def whole(self, now: float) -> int:
        """How many may be taken now."""
        self._refill(now)
        return max(0, int(self.tokens))

    def is_full(self, now: float) -> bool:
        self._refill(now)
        return self.tokens >= self.burst

    def _refill(self, now: float) -> None:
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now


class FloodDetector:
    """Refusals for flooding (429) of late. When several chats are refused at once, it is not
    the chats: then everything is silent, for the shortest time that Telegram asked. A longer
    one was meant for its own chat, and if it was not, the next refusals say so."""

    def __init__(self) -> None:
        self._refused: dict[int, tuple[float, float]] = {}  #: chat → when, seconds

    def refused(self, chat_id: int, seconds: float, now: float) -> float | None:
        """Seconds for which all chats are to be left alone; None: it is this chat alone."""
        self._refused[chat_id] = (now, seconds)
        self._refused = {
            chat: (at, asked)
            for chat, (at, asked) in self._refused.items()
            if now - at <= FLOOD_WITHIN
        }
        if len(self._refused) < FLOOD_CHATS:
            return None
        return min(asked for _, asked in self._refused.values())


class Pacing:
    """One bucket for each chat that was written to of late."""

    def __init__(self) -> None:
        self._buckets: dict[int, Bucket] = {}

    def took(self, chat_id: int, now: float) -> None:
        """Something goes to this chat now."""
        bucket = self._buckets.get(chat_id)
        if bucket is None:
            self._forget_full(now)
            rate, burst = (
                (PRIVATE_RATE, PRIVATE_BURST) if chat_id > 0 else (GROUP_RATE, GROUP_BURST)
            )
            bucket = self._buckets[chat_id] = Bucket(rate, burst, burst, now)
        bucket.take(now)

    def wait(self, chat_id: int, now: float) -> float:
        """Seconds until something may go to this chat."""
        bucket = self._buckets.get(chat_id)
        return 0.0 if bucket is None else bucket.wait(now)

    def held(self, now: float) -> list[int]:
        """The chats that have to wait."""
        return [chat for chat, bucket in self._buckets.items() if bucket.wait(now) > 0.0]

    def _forget_full(self, now: float) -> None:
        if len(self._buckets) >= MOST_BUCKETS:
            self._buckets = {
                chat: bucket for chat, bucket in self._buckets.items() if not bucket.is_full(now)
            }
