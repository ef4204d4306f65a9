"""The current step of the user of an account, who need not be the sender of an update.

When credits are booked for a user whose order waits, the card of that order follows at once, with
its new price and balance: after an operator's act, and after a payment that no update told of.
"""

import json
from collections.abc import Callable, Mapping

import sql
from handlers.delivery.payloads import Payload, as_card, saying
from handlers.dialogue import before
from handlers.dialogue.facts import IDLE, Dialogue, Facts
from handlers.dialogue.incoming import Other, Sender
from handlers.dispatch.routing import Router
from handlers.shop.shop import Shop
from handlers.words.texts import language_of
from kie.money import ledger
from supervisor.database.transactions import Tx

_SQL = sql.load("dispatch")


def theirs(
    tx: Tx,
    bot_id: int,
    router: Router,
    shop: Shop,
    moving: Mapping[int, Dialogue] | None = None,
) -> Callable[[int], Payload | None]:
    """Makes the message with the current step of a user in private; None: nothing is begun.
    ``moving``: the dialogues that this transaction moves, as they are after it."""

    def made(user_id: int) -> Payload | None:
        found = tx.one(_SQL["their_step"], {"bot_id": bot_id, "user_id": user_id})
        if found is None:
            return None
        dialogue = Dialogue(found["step"], found["version"], found["answers"])
        if moving is not None and user_id in moving:
            dialogue = moving[user_id]
        else:
            dialogue = _credited(tx, bot_id, user_id, dialogue)
        if dialogue.step == IDLE:
            return None
        language = language_of(found["language"], found["last_language_code"])
        facts = Facts(
            incoming=Other(Sender(user_id, user_id, True, None, None, None), "other"),
            language=language,
            dialogue=dialogue,
            shop=shop,
            account=ledger.accounts(tx, bot_id, [user_id])[user_id],
            places=router.places,
        )
        screen = router.current(facts, language)
        return as_card(saying(screen), screen)

    return made


def _credited(tx: Tx, bot_id: int, user_id: int, dialogue: Dialogue) -> Dialogue:
    """The dialogue, after a step that waited for credits."""
    there = before.credited(dialogue)
    if there is not dialogue:
        named = {"bot_id": bot_id, "user_id": user_id, "version": dialogue.version}
        answers = json.dumps(there.answers)
        tx.run(_SQL["move_their_step"], {**named, "step": there.step, "answers": answers})
    return there
