"""Keeps the shop current: what is on sale, and the bot's name."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from threading import Lock

from handlers.shop.offers import Offer
from handlers.shop.shop import Documents, Payment, Shop, Support
from kie.catalogue.availability import Snapshot
from kie.catalogue.file_actions import FileAction
from kie.money.tariffs import Tariffs

#: Seconds without kie.ai after which no credits are sold.
LONG = 900.0
OWN_TEXTS = Documents()  #: nothing replaced by the operator


class CurrentShop:
    """Call it for the current ``Shop``. From any thread."""

    def __init__(
        self,
        offers: Mapping[str, Offer],
        support: Support,
        closed: Callable[[], str | None],
        payment: Payment,
        admins: Iterable[int],
        display: Callable[[], Snapshot] = Snapshot,
        does: Mapping[str, FileAction] | None = None,
        now: Callable[[], float] = lambda: 0.0,
        reprice: Callable[[Tariffs], Mapping[str, Offer]] | None = None,
        documents: Documents = OWN_TEXTS,
    ) -> None:
        self._offers = offers
        self._reprice = reprice or (lambda _: offers)
        self._closed = closed
        self._look = display
        self._snapshot = Snapshot()
        self._now = now
        self._open_at = now()  #: when kie.ai last took requests
        self._shop = Shop(offers, support, payment, documents, frozenset(admins), does=does or {})
        self._lock = Lock()  #: of all that changes

    def __call__(self) -> Shop:
        with self._lock:
            closed = self._closed()
            if closed is None:
                self._open_at = self._now()
            long = self._now() - self._open_at > LONG
            if (closed, long) != (self._shop.closed, self._shop.closed_for_long):
                self._shop = replace(self._shop, closed=closed, closed_for_long=long)
            display = self._look()
            if display is not self._snapshot and display != self._snapshot:
                self._show(display)
            return self._shop

    def _show(self, display: Snapshot) -> None:
        if display.tariffs != self._snapshot.tariffs:
            self._offers = self._reprice(display.tariffs)
        self._snapshot = display
        on_sale = {
            name: replace(offer, seconds=display.seconds.get(offer.made_by, offer.seconds))
            for name, offer in self._offers.items()
            if not display.withdrawn.keys() & {offer.model, offer.made_by}
        }
        self._shop = replace(
            self._shop,
            offers=on_sale,
            withdrawn=display.withdrawn,
            uses=display.uses,
            packs=display.packs,
            tariffs=display.tariffs,
            maintenance=display.maintenance,
        )

    def learn(self, name: str, username: str, *, inline: bool = False) -> None:
        """Take the bot's name and username from getMe; the username without ``@``, "" for none."""
        with self._lock:
            self._shop = replace(self._shop, bot_name=name, bot_username=username, inline=inline)
