"""The current step of the user of an account, who need not be the sender of an update.

When credits are booked for a user whose order waits, the card of that order follows at once, with
its new price and balance: after an operator's act, and after a payment that no update told of. A
row that this version cannot read counts as nothing begun: the booking goes on without a card.

The user may act at the same moment. So whoever books locks the dialogue before it is read, after
the money. An update whose user is in a step that waits for credits does so, too, and reads both
once more (``own_step``).
"""

import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from loguru import logger

import sql
from handlers.delivery.payloads import Payload, as_card, saying
from handlers.dialogue import before
from handlers.dialogue.facts import IDLE, Dialogue, Facts
from handlers.dialogue.incoming import Incoming, Other, Sender
from handlers.dispatch.routing import Router
from handlers.shop.shop import Shop
from handlers.words.texts import language_of
from kie.money import ledger
from kie.money.ledger import Account
from supervisor.database.transactions import Row, Tx
from supervisor.runtime.errors import BotError

_SQL = sql.load("dispatch")

T = TypeVar("T")


class Theirs:
    """Steps of users in one transaction. ``moving``: the dialogues that it moves, as they are
    after it."""

    def __init__(
        self,
        tx: Tx,
        bot_id: int,
        router: Router,
        shop: Shop,
        moving: Mapping[int, Dialogue] | None = None,
    ) -> None:
        self._tx = tx
        self._bot_id = bot_id
        self._router = router
        self._shop = shop
        self._moving = moving or {}

    def screen(self, user_id: int) -> Payload | None:
        """The message with the current step of a user in private; None: nothing is begun."""
        facts = self._facts(user_id, credited=True)
        if facts is None or facts.dialogue.step == IDLE:
            return None
        screen = self._read(facts, lambda: self._router.current(facts, facts.language))
        return None if screen is None else as_card(saying(screen), screen)

    def keeps(self, user_id: int) -> bool:
        """Whether the user can go on with something that was begun and is not the current step."""
        facts = self._facts(user_id, credited=False)
        return facts is not None and bool(self._read(facts, lambda: self._router.waits(facts)))

    def _facts(self, user_id: int, *, credited: bool) -> Facts | None:
        """``credited``: a step that waited for credits is over."""
        tx, bot_id = self._tx, self._bot_id
        if credited and user_id not in self._moving:
            tx.one(_SQL["lock_step"], {"bot_id": bot_id, "user_id": user_id})
        found = tx.one(_SQL["their_step"], {"bot_id": bot_id, "user_id": user_id})
        if found is None:
            return None
        dialogue = self._moving.get(user_id) or Dialogue.stored(found)
        if credited and user_id not in self._moving:
            dialogue = _credited(tx, bot_id, user_id, dialogue)
        return Facts(
            incoming=Other(Sender(user_id, user_id, True, None, None, None), "other"),
            language=language_of(found["language"], found["last_language_code"]),
            dialogue=dialogue,
            shop=self._shop,
            account=ledger.accounts(tx, bot_id, [user_id])[user_id],
            places=self._router.places,
        )

    def _read(self, facts: Facts, reading: Callable[[], T]) -> T | None:
        """None: this version cannot read the row."""
        if not self._router.knows(facts.dialogue.step):
            return None
        try:
            return reading()
        except BotError:
            raise
        except Exception as error:  # noqa: BLE001 what books credits does not depend on it
            told = logger.bind(user=facts.incoming.sender.user_id, step=facts.dialogue.step)
            told.opt(exception=error).warning("dialogue_unreadable")
            return None


def own_step(
    tx: Tx, bot_id: int, incoming: Incoming, found: Row, account: Account
) -> tuple[Row, Account]:
    """The row that was read for an update, and the account of its sender, as they are now if the
    step may have ended meanwhile: credits have come for it."""
    sender = incoming.sender
    if not sender.private or not before.waits_for_credits(found["answers"]):
        return found, account
    ledger.lock(tx, sender.user_id)  # before the dialogue, as whoever books does
    now = tx.one(_SQL["lock_step"], {"bot_id": bot_id, "user_id": sender.user_id})
    accounts = ledger.accounts(tx, bot_id, [sender.user_id])
    return {**found, **(now or {"step": None})}, accounts.get(sender.user_id, account)


def _credited(tx: Tx, bot_id: int, user_id: int, dialogue: Dialogue) -> Dialogue:
    """The dialogue, after a step that waited for credits."""
    there = before.credited(dialogue)
    if there is not dialogue:
        named = {"bot_id": bot_id, "user_id": user_id, "version": dialogue.version}
        answers = json.dumps(there.answers)
        tx.run(_SQL["move_their_step"], {**named, "step": there.step, "answers": answers})
    return there
