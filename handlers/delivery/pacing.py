"""How fast messages may be sent to one chat, and to all. Pure: the time is given.

Telegram does not publish its limits and adapts them. About one message a second to a private chat
and twenty a minute to a group are safe, with a small burst. Edits count too. Pauses that Telegram
asks for (429) are kept in the table besides.
"""

from collections.abc import Callable
from dataclasses import dataclass

PRIVATE_RATE, PRIVATE_BURST = 1.0, 3.0
GROUP_RATE, GROUP_BURST = 20 / 60, 3.0
#: Background deliveries, over all chats; Telegram's limit is 30 a second.
BACKGROUND_RATE, BACKGROUND_BURST = 25.0, 5.0
#: So many chats refused within so many seconds: the limit is that of the bot, not of a chat.
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


def background_bucket(now: float) -> Bucket:
    """For background deliveries to all chats."""
    return Bucket(BACKGROUND_RATE, BACKGROUND_BURST, BACKGROUND_BURST, now)


class FloodDetector:
    """Recent 429s. When several chats are refused at once, the bot's own limit is reached: all
    chats pause, for the shortest time that Telegram asked for. A longer time was meant for one
    chat; if it was not, the next refusals say so.

    ``silenced`` is called with True when ``FLOOD_CHATS`` chats were refused without a delivery
    between them, however far apart, and with False at the next delivery."""

    def __init__(self, silenced: Callable[[bool], None] = lambda _: None) -> None:
        self._refused: dict[int, tuple[float, float]] = {}  #: chat → when, seconds
        self._silenced = silenced
        self._since_delivery: set[int] = set()  #: chats; at most ``FLOOD_CHATS``

    def refused(self, chat_id: int, seconds: float, now: float) -> float | None:
        """Seconds for which all chats pause; None: only this chat does."""
        self._refused[chat_id] = (now, seconds)
        if len(self._since_delivery) < FLOOD_CHATS and chat_id not in self._since_delivery:
            self._since_delivery.add(chat_id)
            if len(self._since_delivery) == FLOOD_CHATS:
                self._silenced(True)
        self._refused = {
            chat: (at, asked)
            for chat, (at, asked) in self._refused.items()
            if now - at <= FLOOD_WITHIN
        }
        if len(self._refused) < FLOOD_CHATS:
            return None
        return min(asked for _, asked in self._refused.values())

    def delivered(self) -> None:
        """A message has arrived."""
        if len(self._since_delivery) == FLOOD_CHATS:
            self._silenced(False)
        self._since_delivery.clear()


class Silence:
    """The pause for all chats, after refusals or as an earlier term has kept it in the table."""

    def __init__(self, now: float, floods: FloodDetector) -> None:
        self._until = now
        self._floods = floods
        self.unwritten = 0.0  #: seconds of a pause that is not in the table yet

    def lasts(self, seconds: float, now: float) -> None:
        """The pause lasts for at least so many seconds from now on."""
        self._until = max(self._until, now + seconds)

    def left(self, now: float) -> float:
        """Seconds until it is over; 0.0: there is none."""
        return max(0.0, self._until - now)

    def refused(self, chat_id: int, seconds: float, now: float) -> float | None:
        """As ``FloodDetector.refused``; the pause begins."""
        silence = self._floods.refused(chat_id, seconds, now)
        if silence is not None:
            self.lasts(silence, now)
            self.unwritten = max(self.unwritten, silence)
        return silence

    def written(self, seconds: float) -> None:
        """A pause of so many seconds is in the table now; a longer one that began meanwhile is
        not."""
        self.unwritten = 0.0 if self.unwritten == seconds else self.unwritten

    def delivered(self) -> None:
        self._floods.delivered()


class Pacing:
    """A token bucket for each chat with recent messages."""

    def __init__(self) -> None:
        self._buckets: dict[int, Bucket] = {}
        self._emptied: set[int] = set()  #: chats that may have to wait

    def took(self, chat_id: int, now: float) -> None:
        """A message goes to this chat now."""
        bucket = self._buckets.get(chat_id)
        if bucket is None:
            self._forget_full(now)
            rate, burst = (
                (PRIVATE_RATE, PRIVATE_BURST) if chat_id > 0 else (GROUP_RATE, GROUP_BURST)
            )
            bucket = self._buckets[chat_id] = Bucket(rate, burst, burst, now)
        bucket.take(now)
        if bucket.tokens < 1.0:
            self._emptied.add(chat_id)

    def wait(self, chat_id: int, now: float) -> float:
        """Seconds until a message may go to this chat."""
        bucket = self._buckets.get(chat_id)
        return 0.0 if bucket is None else bucket.wait(now)

    def held(self, now: float) -> list[int]:
        """The chats that have to wait."""
        self._emptied = {chat for chat in self._emptied if self.wait(chat, now) > 0.0}
        return list(self._emptied)

    def admits(self, chat_id: int, now: float) -> bool:
        """Whether this chat need not wait. Changes nothing, so any thread may ask."""
        bucket = self._buckets.get(chat_id)
        return bucket is None or bucket.tokens + (now - bucket.at) * bucket.rate >= 1.0

    def _forget_full(self, now: float) -> None:
        if len(self._buckets) >= MOST_BUCKETS:
            self._buckets = {
                chat: bucket for chat, bucket in self._buckets.items() if not bucket.is_full(now)
            }
