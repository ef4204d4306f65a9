"""Tells users who wait that it works again.

After a restart ``AccountState`` does not know any more why kie.ai took no orders. So a user who
waits for the service is told only when kie.ai has reported a balance above zero since they asked.
"""

from collections.abc import Sequence
from threading import Event

from loguru import logger

import sql
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import saying
from handlers.dialogue.buttons import MODEL, encode
from handlers.dialogue.effects import Button, Screen
from handlers.dispatch.feature import Parts
from handlers.features.waitlist.rules import GO_ON, works
from handlers.features.waitlist.words import plain, say
from handlers.shop.shop import Shop
from handlers.words.texts import language_of
from supervisor.database.transactions import Row
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.stop_request import wait_for_wake_up, wake_on_stop
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import Service
from supervisor.runtime.wakeups import WAITLIST

EVERY = 15.0  #: seconds between two looks while somebody waits
IDLE = 3600.0  #: the same while nobody does, unless the table changes
AT_ONCE = 200  #: users who are told in one commit

_SQL = sql.load("waitlist")


class Waitlist:
    """The body of a ``ServiceThread``."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._bot_id = parts.installation.bot_id
        self._somebody_waits = True  #: at the last look

    def run(self, term: Term, gate: Gate, stop: Event) -> None:
        """Until ``stop``."""
        clock, woken = self._parts.clock, Event()
        clock.wait(stop, gate.waits())
        wake_on_stop(stop, woken)
        forget = self._parts.wakeups.subscribe(WAITLIST, woken.set)
        try:
            while not stop.is_set():
                woken.clear()
                try:
                    self.look(term)
                except BotError as error:
                    self._somebody_waits = True
                    if error.disposition is not Disposition.STEP_DOWN:
                        logger.bind(reason=str(error)).warning("waitlist_not_looked_at")
                if self._somebody_waits:
                    clock.wait(stop, clock.jitter(EVERY))
                else:
                    wait_for_wake_up(clock, stop, woken, IDLE)
        finally:
            forget()

    def look(self, term: Term) -> int:
        """Tell those whose wait is over; returns how many. Raises what the database does."""
        shop, named = self._parts.shop(), {"bot_id": self._bot_id}
        with self._parts.database.transaction() as tx:
            rows = tx.all(_SQL["awaited_models"], named)
        self._somebody_waits = bool(rows)
        back = [row["model"] for row in rows if row["known"] and works(shop, row["model"])]
        if not back:
            return 0
        with self._parts.database.transaction(term) as tx:
            rows = tx.all(_SQL["end_waits"], {**named, "models": back, "count": AT_ONCE})
            self._parts.installation.outbox.enqueue(tx, [_told(row, shop) for row in rows])
            counter = self._parts.installation.metrics.events.labels("waitlist", "told")
            tx.afterwards(lambda: counter.inc(len(rows)))
        return len(rows)


def services(parts: Parts) -> Sequence[Service]:
    """What runs while this instance is ACTIVE."""
    return (parts.thread("waitlist", Waitlist(parts).run),)


def _told(row: Row, shop: Shop) -> Delivery:
    language = language_of(row["language"], row["last_language_code"])
    offer = shop.offers.get(row["model"])
    if offer is None:
        text = say(language, "service_works")
        button = Button(plain(language, "button_waitlist_go_on"), encode(GO_ON))
    else:
        text = say(language, "model_works", title=offer.title(language))
        button = Button(plain(language, "button_waitlist_go_on"), encode(MODEL, offer.model))
    payload = saying(Screen(text, ((button,),)))
    key = f"waitlist:{row['user_id']}:{row['model']}:{row['created_at'].timestamp()}"
    return Delivery(row["chat_id"], "result", payload, key, thread=row["thread"])
