"""Everything that is derived from the bot's token.

The token itself appears in no URL and no log line. Public identifiers are HMACs of fixed labels
under the token: they are the same after every deploy, different for each purpose, and do not
reveal the token.
"""

import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache

from supervisor.runtime.secret import Secret


@dataclass(frozen=True, slots=True)
class Identity:
    """The identifiers and keys of one bot."""

    token: Secret

    @property
    def bot_id(self) -> int:
        """The number before the colon. Every row of this bot contains it."""
        return int(self.token.reveal().partition(":")[0])

    @property
    def lock_key(self) -> int:
        """The key of the advisory lock, 63 bits. It never changes: older releases use it too."""
        digest = hashlib.sha256(b"telegram_polling:" + self.token.reveal().encode()).digest()
        return int.from_bytes(digest[:8], "big") & 0x7FFFFFFFFFFFFFFF

    @property
    def fence_key(self) -> int:
        """The key of the advisory lock that fenced transactions share."""
        return int.from_bytes(self._derive("fence")[:8], "big") & 0x7FFFFFFFFFFFFFFF

    @property
    def webhook_id(self) -> str:
        """The last part of the webhook's path."""
        return self._derive("webhook-path").hex()[:32]

    @property
    def webhook_secret(self) -> Secret:
        """The value of the header ``X-Telegram-Bot-Api-Secret-Token`` of Telegram's requests."""
        return Secret(self._derive("webhook-secret").hex())

    @property
    def metrics_token(self) -> Secret:
        """The bearer token for /metrics; ``run.py status --metrics-token`` prints it."""
        return Secret(self._derive("metrics").hex())

    def callback_signature(self, job_id: int) -> str:
        """The last part of the callback's path for one job."""
        key = self._derive("kie-callback")
        return hmac.new(key, str(job_id).encode(), hashlib.sha256).hexdigest()[:32]

    def owns_callback(self, job_id: int, signature: str) -> bool:
        """Whether ``signature`` is that of this job, compared in constant time."""
        expected = self.callback_signature(job_id).encode()
        return hmac.compare_digest(expected, signature.encode("utf-8", "replace"))

    def order_signature(self, order_id: int, user_id: int, stars: int) -> str:
        """What an invoice's payload proves its order with."""
        text = f"{order_id}|{user_id}|{stars}".encode()
        return hmac.new(self._derive("order"), text, hashlib.sha256).hexdigest()[:22]

    def owns_order(self, order_id: int, user_id: int, stars: int, signature: str) -> bool:
        """Whether ``signature`` is ours for this order; compared in constant time."""
        expected = self.order_signature(order_id, user_id, stars).encode()
        return hmac.compare_digest(expected, signature.encode("utf-8", "replace"))

    def invite_code(self, user_id: int) -> str:
        """The end of a user's own link; it tells nobody who that is."""
        key = self._derive("invite")
        return hmac.new(key, str(user_id).encode(), hashlib.sha256).hexdigest()[:10]

    def wish_code(self, job_id: int) -> str:
        """The end of the link under a result in a group; who knows it has seen the result."""
        key = self._derive("wish")
        return hmac.new(key, str(job_id).encode(), hashlib.sha256).hexdigest()[:16]

    def owns_wish(self, job_id: int, code: str) -> bool:
        """Whether ``code`` is that of this job, compared in constant time."""
        return hmac.compare_digest(self.wish_code(job_id).encode(), code.encode("utf-8", "replace"))

    def person(self, user_id: int) -> bytes:
        """A keyed hash of a forgotten user. Without the token nobody can tell who that is."""
        return hmac.digest(self._derive("person"), str(user_id).encode(), "sha256")

    def webhook_url(self, base_url: str) -> str:
        return f"{base_url.rstrip('/')}/telegram/{self.webhook_id}"

    def callback_url(self, base_url: str, job_id: int) -> str:
        signature = self.callback_signature(job_id)
        return f"{base_url.rstrip('/')}/callbacks/kie/{job_id}/{signature}"

    def _derive(self, label: str) -> bytes:
        return _derived(self.token.reveal(), label)


@lru_cache(maxsize=64)  # each update and each press needs the key of its purpose
def _derived(token: str, label: str) -> bytes:
    return hmac.digest(token.encode(), f"trt:{label}".encode(), "sha256")
