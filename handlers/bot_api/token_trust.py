"""Whether the next call may be made: is the token valid, and does Telegram answer?

1. A token that has worked is not given up after one refusal: ``getMe`` is repeated with pauses, and
   no other call is made meanwhile. The token is invalid when Telegram itself has refused it
   ``LEAST_REFUSALS`` times over ``BELIEVED_AFTER`` seconds. A token that never worked is invalid at
   the first refusal.
2. A call without an answer may have happened. Before the next call ``getMe`` must be answered, so
   an outage makes one outcome of each delivery unknown, not those of all its tries.
3. A server that does not serve the bot at all says nothing about a token or a call. ``getMe`` must
   be answered here, too, before the next call.
"""

import asyncio
from collections.abc import Awaitable, Callable

from loguru import logger

from handlers.bot_api.errors import (
    Conflict,
    FileUnavailable,
    NotServed,
    TokenRefused,
    TooLarge,
    TooManyRequests,
)
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Misconfigured, OutcomeUnknown, Rejected, Unavailable

BELIEVED_AFTER = 180.0  #: seconds of refusals after which a token that has worked is invalid
LEAST_REFUSALS = 5  #: within that time
PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0)  #: seconds between two calls of getMe

#: Errors from Telegram itself: it has accepted the token.
_FROM_TELEGRAM = (Rejected, TooManyRequests, Conflict, FileUnavailable)

#: Calls getMe; raises what ``answer.result`` raises.
Ask = Callable[[], Awaitable[object]]


class TokenTrust:
    """Used from one event loop."""

    def __init__(
        self,
        clock: Clock,
        *,
        has_worked: Callable[[], bool] = lambda: False,
        trouble: Callable[[str | None], None] = lambda _: None,
    ) -> None:
        """``has_worked`` asks the database, in a thread; ``trouble`` hears why calls wait."""
        self._clock = clock
        self._has_worked = has_worked
        self._trouble = trouble
        self._worked = False
        self._in_doubt = False
        self._not_served = False
        self._asked = 0  #: calls of getMe since the outcome was unknown
        self._ask_at = 0.0
        self._question = asyncio.Lock()  #: one getMe for all callers that wait
        self._refused_since: float | None = None
        self._refusals = 0

    async def admit(self, ask: Ask) -> None:
        """Return when a call may be made. Raises ``Unavailable`` or ``Misconfigured``."""
        if not self._in_doubt:
            return
        async with self._question:
            if self._in_doubt:
                await self._find_out(ask)

    async def _find_out(self, ask: Ask) -> None:
        now = self._clock.now()
        if now < self._ask_at:
            raise Unavailable("Telegram: does not answer", retry_after=self._ask_at - now)
        self._ask_at = now + PAUSES[min(self._asked, len(PAUSES) - 1)]
        self._asked += 1
        try:
            await ask()
        except OutcomeUnknown as error:
            # getMe has no effect, and the call that waits for it has not begun.
            raise Unavailable(str(error)) from None
        except BotError as error:
            raise await self.failed(error) from None
        self.answered()

    def answered(self) -> None:
        """Telegram has answered a call that needs a valid token."""
        self._worked = True
        if self._in_doubt:
            logger.info("telegram_answers_again")
            self._in_doubt, self._asked, self._ask_at = False, 0, 0.0
            self._refused_since, self._refusals = None, 0
            self._not_served = False
            self._trouble(None)

    async def failed(self, error: BotError) -> BotError:
        """The error that the caller gets for a call that failed with ``error``."""
        if isinstance(error, TokenRefused):
            return await self._refused(error)
        if isinstance(error, NotServed):
            if not self._not_served:
                logger.bind(error=str(error)).error("telegram_does_not_serve_the_bot")
            self._in_doubt = self._not_served = True
            self._trouble(f"{error}; it is asked again")
        elif isinstance(error, OutcomeUnknown):
            self._in_doubt = True
        elif isinstance(error, _FROM_TELEGRAM) and not isinstance(error, TooLarge):
            self.answered()
        return error

    async def _refused(self, error: TokenRefused) -> BotError:
        now = self._clock.now()
        since = self._refused_since = self._refused_since or now
        self._refusals += 1
        invalid = now - since >= BELIEVED_AFTER and self._refusals >= LEAST_REFUSALS
        if invalid or not (self._worked or await asyncio.to_thread(self._worked_before)):
            return Misconfigured(
                [
                    f"TELEGRAM_BOT_TOKEN: Telegram refuses it ({error.code});"
                    " copy the current token from BotFather"
                ]
            )
        if not self._in_doubt or self._refusals == 1:
            logger.bind(code=error.code).error("telegram_refuses_the_token")
        self._in_doubt, self._worked = True, True
        self._trouble(f"Telegram refuses the token ({error.code}); it is asked again")
        return Unavailable(str(error))

    def _worked_before(self) -> bool:
        try:
            return self._has_worked()
        except BotError:
            return True  # without the database the refusal is not believed
