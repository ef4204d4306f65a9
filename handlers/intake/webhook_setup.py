"""Sets the webhook: reads it first, changes it only when it differs, reads it back.

The secret cannot be read back, so the digest of the URL and secret that Telegram was last given is
kept in the table ``webhooks``. Without a row, or with another digest, the webhook is set again. For
a bot that changes to polling the same row proves that the webhook is this installation's own. The
path proves nothing: a laptop with production's token derives the same.
"""

import asyncio
import datetime
import hashlib
from collections.abc import Callable
from typing import Protocol

from loguru import logger

import sql
from handlers.bot_api.calls import result_of
from handlers.bot_api.errors import STOP_PAUSE, until_open
from handlers.bot_api.gate_hook import before_first_byte
from handlers.delivery.outbox import Told
from handlers.intake.envelope import ALLOWED_UPDATES
from handlers.intake.webhook_info import WantedWebhook, WebhookComparison, WebhookInfo
from handlers.words.texts import plain
from supervisor.database.transactions import Database, Tx
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition, Misconfigured, Unavailable
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.waits import pause, until_stopped
from supervisor.settings.identity import Identity

CALL_WITHIN = 10.0  #: seconds
NEED = 2.5  #: seconds of trust; the calls are idempotent
MAX_CONNECTIONS = 40
LOOK_EVERY = 60.0  #: seconds between two checks of a right webhook
#: Looks for which the digest in the table is taken as known, while the webhook stays right.
KNOWN_FOR = 5
#: Seconds for which an error counts as current: Telegram tries again at least every two minutes.
FRESH = 180.0
PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)  #: seconds after failures in a row
ERROR_SHOWN = 160  #: characters of Telegram's own error

_SQL = sql.load("intake")


class WebhookApi(Protocol):
    """What is used of PTB's ``Bot``."""

    async def get_webhook_info(self, *, read_timeout: float) -> object: ...

    async def set_webhook(
        self,
        url: str,
        *,
        max_connections: int,
        allowed_updates: tuple[str, ...],
        secret_token: str,
        read_timeout: float,
    ) -> object: ...

    async def delete_webhook(
        self, drop_pending_updates: bool, *, read_timeout: float
    ) -> object: ...


class WebhookSetup:
    """Bodies of a ``LoopService``: ``maintain`` in webhook mode; ``clear`` before polling."""

    def __init__(
        self,
        *,
        api: WebhookApi,
        database: Database,
        identity: Identity,
        clock: Clock,
        base_url: str | None,
        configured: Callable[[bool], None] = lambda _: None,
        trouble: Callable[[str | None], None] = lambda _: None,
        alert: Callable[[Tx, str, Told], object] = lambda *_: None,
    ) -> None:
        """``trouble`` is called with the reason why updates do not come, with None when they do.
        ``alert`` tells the operators within a transaction."""
        self._api = api
        self._database = database
        self._identity = identity
        self._clock = clock
        self._base_url = base_url
        self._configured = configured
        self._trouble = trouble
        self._alert = alert
        self._known_right = False
        #: Kinds of updates that the server does not know; asked anew in each term.
        self._unknown: frozenset[str] = frozenset()
        self._failures = 0
        self._looks = 0  #: with the digest that was read last, while it was right
        self._last_error: datetime.datetime | None = None  #: current at the last check

    # ----------------------------------------------------------- webhook mode --

    async def maintain(self, term: Term, gate: Gate, stop: asyncio.Event) -> None:
        """Make the webhook right, then check it every ``LOOK_EVERY`` seconds, until ``stop``.

        Raises ``Misconfigured`` when the token is refused.
        """
        logger.bind(epoch=term.epoch).info("[WEBHOOK_SETUP] 🔧 Calling ensure_webhook")
        try:
            with before_first_byte(lambda: gate.check(NEED)):
                await until_stopped(self._maintain(term, gate, stop), stop)
        finally:
            # The next ACTIVE instance reports its own trouble.
            self._trouble(None)

    async def _maintain(self, term: Term, gate: Gate, stop: asyncio.Event) -> None:
        self._known_right, self._failures, self._last_error = False, 0, None
        self._unknown = frozenset()
        while not stop.is_set():
            wait = until_open(gate, NEED) or await self._look(term)
            await pause(stop, self._clock.jitter(wait))

    async def _look(self, term: Term) -> float:
        """Check the webhook once. Returns the seconds until the next check."""
        try:
            seen = await self.look()
            changed = await self._make_right(seen, term)
        except Misconfigured:
            raise
        except BotError as error:
            if error.disposition is Disposition.STEP_DOWN:
                return STOP_PAUSE
            return self._failed(error)
        if changed or not self._known_right:
            self._succeeded()
        self._known_right, self._failures = True, 0
        self._trouble(self._persisting(seen.info))
        return LOOK_EVERY

    async def look(self) -> WebhookComparison:
        """Compare what Telegram shows with what is wanted."""
        wanted, info = self._wanted(), await self._info()
        if self._known_right and self._looks < KNOWN_FOR:
            seen = WebhookComparison(info, wanted, secret_known=True)
            if seen.matches:
                self._looks += 1
                return seen
        known = await asyncio.to_thread(self._fingerprint)
        self._looks = 1
        return WebhookComparison(info, wanted, secret_known=known == wanted.fingerprint)

    async def url(self) -> str:
        """The URL to which Telegram posts; empty: no webhook is set."""
        return (await self._info()).url

    async def ensure(self, term: Term | None) -> bool:
        """Make the webhook right; True: it had to be set.

        Raises what the calls raise, and ``Unavailable`` when Telegram confirms it and still shows
        another one.
        """
        return await self._make_right(await self.look(), term)

    async def _make_right(self, seen: WebhookComparison, term: Term | None) -> bool:
        wanted = seen.wanted
        if seen.matches and seen.secret_known:
            return False
        await result_of(
            self._api.set_webhook(
                wanted.url,
                max_connections=MAX_CONNECTIONS,
                allowed_updates=ALLOWED_UPDATES,
                secret_token=self._identity.webhook_secret.reveal(),
                read_timeout=CALL_WITHIN,
            )
        )
        info = await self._info()
        self._unknown = info.left_out
        if not WebhookComparison(info, self._wanted(), secret_known=True).matches:
            raise Unavailable("Telegram took the webhook but shows another one")
        if self._unknown:
            logger.bind(kinds=sorted(self._unknown)).warning("webhook_kinds_unknown")
        taken_by = seen.info.url if seen.secret_known and seen.info.url != wanted.url else None
        await asyncio.to_thread(self._remember, term, wanted.fingerprint, taken_by)
        return True

    # ----------------------------------------------------------- polling mode --

    async def clear(self, term: Term | None, *, take_over: bool) -> None:
        """No webhook is set on return, and no pending update was dropped.

        Raises ``Misconfigured`` for a webhook that this installation did not set, unless
        ``take_over``.
        """
        url = (await self._info()).url
        if not url:
            return
        own = await asyncio.to_thread(self._fingerprint) == self._digest(url)
        if not own and not take_over:
            raise Misconfigured(
                [
                    f"BOT_MODE: polling, but this bot has a webhook at {_host(url)} that this"
                    " installation did not set; polling would cut off whoever uses it."
                    " Use another bot's token, or start with --take-over to remove it"
                ]
            )
        await result_of(self._api.delete_webhook(False, read_timeout=CALL_WITHIN))
        if (await self._info()).url:
            raise Unavailable("Telegram removed the webhook but still shows one")
        await asyncio.to_thread(self._forget, term)
        logger.bind(host=_host(url), own=own).info("webhook_removed_for_polling")

    # --------------------------------------------------------------- the rest --

    def _succeeded(self) -> None:
        self._configured(True)
        logger.info("[WEBHOOK_SETUP] ✅ ✅ ✅ WEBHOOK CONFIGURED SUCCESSFULLY")
        logger.info("[WEBHOOK_SETUP] ✅ Bot will now receive /start and other commands")

    def _failed(self, error: BotError) -> float:
        pause = PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1
        if isinstance(error, Unavailable) and error.retry_after is not None:
            pause = max(pause, error.retry_after)
        if self._known_right and error.disposition is not Disposition.GIVE_UP:
            # It was right at the last check; a failed check does not mean that it is wrong.
            logger.bind(error=str(error)).warning("webhook_not_looked_at")
            if self._failures >= len(PAUSES):
                self._trouble(f"the webhook cannot be looked at: {error}")
            return pause
        self._known_right = False
        self._configured(False)
        self._trouble(f"the webhook is not set: {error}")
        logger.bind(error=str(error), pause=pause).error(
            "[WEBHOOK_SETUP] ❌ Failed to set webhook! Bot will NOT receive updates."
        )
        return pause

    def _persisting(self, info: WebhookInfo) -> str | None:
        """The error of Telegram's posts, if it has failed again since the last check."""
        at, before = info.last_error_date, self._last_error
        self._last_error = None
        if at is None or info.pending_update_count == 0:
            return None
        # Telegram names a wall-clock time, so it is compared with the wall clock.
        if (datetime.datetime.now(datetime.UTC) - at).total_seconds() > FRESH:
            return None
        self._last_error = at
        if before is None or at <= before:
            return None
        what = info.last_error_message[:ERROR_SHOWN] or "no reason given"
        return (
            f"Telegram cannot reach the webhook: {what}; {info.pending_update_count} updates wait"
        )

    def _wanted(self) -> WantedWebhook:
        if self._base_url is None:
            raise Misconfigured(["WEBHOOK_BASE_URL: is required in webhook mode"])
        url = self._identity.webhook_url(self._base_url)
        return WantedWebhook(url, self._digest(url), self._unknown)

    def _digest(self, url: str) -> str:
        secret = self._identity.webhook_secret.reveal()
        return hashlib.sha256(f"{url}\n{secret}".encode()).hexdigest()

    async def _info(self) -> WebhookInfo:
        asked = self._api.get_webhook_info(read_timeout=CALL_WITHIN)
        return WebhookInfo.read(await result_of(asked))

    def _fingerprint(self) -> str | None:
        with self._database.transaction() as tx:
            row = tx.one(_SQL["webhook_fingerprint"], {"bot_id": self._identity.bot_id})
        return None if row is None else str(row["fingerprint"])

    def _remember(self, term: Term | None, fingerprint: str, taken_by: str | None) -> None:
        """``taken_by``: the URL that another program had set; "": it had removed the webhook."""
        with self._database.transaction(term) as tx:
            tx.run(
                _SQL["remember_webhook"],
                {"bot_id": self._identity.bot_id, "fingerprint": fingerprint},
            )
            if taken_by is not None:
                where = _host(taken_by) if taken_by else "—"
                self._alert(
                    tx,
                    "webhook-lost",
                    lambda language: plain(language, "alert_webhook_lost", where=where),
                )
                logger.bind(host=where).warning("webhook_was_changed")

    def _forget(self, term: Term | None) -> None:
        with self._database.transaction(term) as tx:
            tx.run(_SQL["forget_webhook"], {"bot_id": self._identity.bot_id})


def _host(url: str) -> str:
    """The part of a webhook's URL that may be shown."""
    return url.partition("://")[2].partition("/")[0] or "?"
