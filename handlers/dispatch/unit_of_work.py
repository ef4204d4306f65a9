"""From an update to its effects, in one transaction: facts, decision, what follows from it.

Either the update is done and all of its effects exist, or none of them do. The same
transaction takes the update's row lock first, so that an update that was read twice is
handled once. Updates of several chats may share a transaction: a commit and a round trip
cost the same for one as for many. What spends credits has one of its own, since it holds
its user's account.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import assert_never

import sql
from handlers.delivery.outbox import Delivery, Outbox, editing, refusing, saying, toasting
from handlers.dialogue import incoming as updates
from handlers.dialogue.effects import (
    Book,
    CancelJob,
    Effect,
    Move,
    RefuseCheckout,
    Say,
    SetLanguage,
    SetReachable,
    Show,
    ShowHistory,
    Speech,
    StartJob,
    SwitchModel,
    Toast,
)
from handlers.dialogue.facts import Facts, Overview, Past, Shop, Standing
from handlers.dialogue.incoming import Incoming, Sender
from handlers.dialogue.texts import DEFAULT, escape, language_of, say
from handlers.dispatch.inbox_rows import Done, finish, take
from handlers.dispatch.lanes import Waiting
from handlers.features.decide import (
    decide,
    spends,
    wants_account,
    wants_entries,
    wants_overview,
    wants_past,
)
from handlers.features.making.job_effects import Orders
from handlers.features.making.screens import sentence
from handlers.features.paying.credits import ENTRIES_SHOWN
from handlers.features.results import history
from kie.money import ledger
from kie.money.ledger import Account, Entry
from supervisor.database.transactions import Database, Row, Tx
from supervisor.runtime.errors import Rejected
from supervisor.runtime.foreign import storable
from supervisor.runtime.term import Term
from supervisor.telemetry import trace
from supervisor.telemetry.metrics import Metrics

_SQL = sql.load("dispatch")

ERROR_LIMIT = 500  #: characters of an error that are kept in the table
ERROR_TOLD = 160  #: characters that operators are told: an error may quote what a user wrote
#: Seconds after which Telegram takes no answer to a press any more, and its user has
#: looked elsewhere: what costs money is then asked again.
PRESS_LIFE = 15.0


class Unreadable(Rejected):
    """The body is not what the Bot API says; another try would not help."""


class Handling:
    """Handles updates of one bot. Thread-safe: all state is in the database."""

    def __init__(
        self,
        database: Database,
        bot_id: int,
        outbox: Outbox,
        shop: Callable[[], Shop],
        metrics: Metrics,
        overview: Callable[[Tx], Overview],
    ) -> None:
        self._database = database
        self._bot_id = bot_id
        self._outbox = outbox
        self._shop = shop
        self._overview = overview
        self._orders = Orders(bot_id, outbox, metrics)
        self._metrics = metrics

    def handle(self, term: Term, row: Waiting) -> None:
        """The update is done on return. Raises ``Unreadable``, ``BotError``, or whatever a
        mistake in the conversation raises; nothing was written then."""
        self.handle_all(term, (row,))

    def handle_all(self, term: Term, rows: Sequence[Waiting]) -> None:
        """All updates, of different lanes, are done on return. Raises as ``handle`` does,
        for any of them; the others are then done or as they were, and may be handled again."""
        read = [(row, _read(row)) for row in rows]
        alone = [each for each in read if each[1] is not None and spends(each[1])]
        together = [each for each in read if each not in alone]
        if together:
            self._carry_out(term, together)
        for each in alone:
            self._carry_out(term, (each,))

    def postpone(self, term: Term, row: Waiting, error: str, pause: float) -> None:
        """Try it again after ``pause`` seconds."""
        with self._database.transaction(term) as tx:
            params = {"seq": row.seq, "error": _kept(error), "pause": pause}
            tx.run(_SQL["postpone_update"], params)

    def set_aside(self, term: Term, row: Waiting, error: str) -> None:
        """Never try it again; the operators are told, and so is the user if known."""
        with self._database.transaction(term) as tx:
            params = {"seq": row.seq, "error": _kept(error)}
            if tx.one(_SQL["set_update_aside"], params) is None:
                return
            text = (
                f"Set aside after {row.attempts + 1} tries: update {row.update_id}."
                f" {_kept(error)[:ERROR_TOLD]}\nOnce more: run.py status --replay {row.seq}"
            )
            self._outbox.notice(tx, f"update:{row.seq}", text)
            self._apologise(tx, row)

    # --------------------------------------------------------------- internal --

    def _carry_out(self, term: Term, group: Sequence[tuple[Waiting, Incoming | None]]) -> None:
        """One transaction."""
        done: list[Done] = []
        deliveries: list[Delivery] = []
        with self._database.transaction(term) as tx:
            asked = [(row.seq, each.sender) for row, each in group if each is not None]
            taken = take(tx, self._bot_id, asked)
            accounts = self._accounts(tx, [each for _, each in group if each is not None])
            for row, incoming in group:
                if incoming is None:
                    done.append(Done(row.seq))
                elif (found := taken.get(row.seq)) is not None:  # else it is done already
                    self._metrics.update_wait.observe(max(0.0, found["age"]))
                    account = accounts.get(incoming.sender.user_id, Account())
                    with trace.following(row.trace):
                        facts = self._facts(tx, incoming, found, account)
                        move, told = self._effects(tx, row, facts, decide(facts))
                    deliveries += told
                    done.append(Done(row.seq, facts, move))
            self._outbox.enqueue(tx, deliveries)
            finish(tx, self._bot_id, done)

    def _accounts(self, tx: Tx, incomings: Sequence[Incoming]) -> Mapping[int, Account]:
        """Of those whose decision may depend on what they have. Who spends is alone here."""
        users = {each.sender.user_id for each in incomings if wants_account(each)}
        spending = any(spends(each) for each in incomings)
        return ledger.accounts(tx, self._bot_id, list(users), spending=spending)

    def _facts(self, tx: Tx, incoming: Incoming, found: Row, account: Account) -> Facts:
        sender = incoming.sender
        standing = Standing()
        if found["step"] is not None:
            standing = Standing(found["step"], found["version"], found["answers"])
        shop = self._shop()
        return Facts(
            incoming=incoming,
            language=language_of(found["language"], sender.language_code),
            standing=standing,
            shop=shop,
            reachable=found["reachable"],
            account=account,
            entries=self._entries(tx, incoming),
            late=found["age"] > PRESS_LIFE,
            answered=found["answered"],
            past=self._past(tx, incoming),
            overview=self._overview(tx) if wants_overview(incoming, shop) else None,
        )

    def _entries(self, tx: Tx, incoming: Incoming) -> tuple[Entry, ...]:
        if not wants_entries(incoming):
            return ()
        return ledger.latest(tx, incoming.sender.user_id, ENTRIES_SHOWN)

    def _past(self, tx: Tx, incoming: Incoming) -> Past | None:
        job_id = wants_past(incoming)
        if job_id is None:
            return None
        found = tx.one(
            _SQL["job_of_user"],
            {"job_id": job_id, "bot_id": self._bot_id, "user_id": incoming.sender.user_id},
        )
        if found is None:
            return None
        return Past(found["id"], found["model"], found["inputs"] or {})

    def _effects(
        self, tx: Tx, row: Waiting, facts: Facts, effects: tuple[Effect, ...]
    ) -> tuple[Move | None, list[Delivery]]:
        """Carry them out in order. Returns the dialogue's move and what is to be told."""
        sender = facts.incoming.sender
        chat_id = sender.chat_id
        deliveries: list[Delivery] = []
        move: Move | None = None
        for number, effect in enumerate(effects):
            key = f"update:{row.seq}:{number}"
            match effect:
                case Say() | Show() | Toast() | RefuseCheckout():
                    deliveries.append(_speech(chat_id, effect, key))
                case StartJob():
                    deliveries += self._orders.start(tx, chat_id, effect, key)
                case CancelJob():
                    deliveries += self._orders.cancel(tx, effect, facts, key)
                case Book():
                    deliveries += self._orders.book(tx, effect, facts, key)
                case SwitchModel():
                    deliveries += self._orders.switch(tx, effect, facts, key)
                case ShowHistory():
                    language, user_id = facts.language, sender.user_id
                    deliveries += history.latest(tx, self._bot_id, user_id, chat_id, key, language)
                case Move():
                    move = effect
                case SetLanguage() | SetReachable():
                    self._remember(tx, effect, sender)
                case _:
                    assert_never(effect)
        if facts.late or facts.answered:
            deliveries = without_toasts(deliveries, facts.language)
        return move, deliveries

    def _remember(self, tx: Tx, effect: SetLanguage | SetReachable, sender: Sender) -> None:
        if isinstance(effect, SetLanguage):
            chosen = {"language": effect.language, "user_id": sender.user_id}
            tx.run(_SQL["set_language"], chosen)
            return
        chat = {"bot_id": self._bot_id, "chat_id": sender.chat_id}
        tx.run(_SQL["set_reachable"], {**chat, "reachable": effect.reachable})
        if effect.reachable:
            self._outbox.resume(tx, sender.chat_id)

    def _apologise(self, tx: Tx, row: Waiting) -> None:
        try:
            incoming = updates.read(row.body)
        except Exception:  # noqa: BLE001 whatever it is, there is nobody to tell
            return
        if incoming is None or not incoming.sender.private:
            return
        language = language_of(None, incoming.sender.language_code or DEFAULT)
        screen = sentence(say(language, "broken_here"), language)
        key = f"update:{row.seq}:broken"
        self._outbox.enqueue(tx, [Delivery(incoming.sender.chat_id, "answer", saying(screen), key)])


def _read(row: Waiting) -> Incoming | None:
    try:
        return updates.read(row.body)
    except Exception as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error


def _speech(chat_id: int, effect: Speech, key: str) -> Delivery:
    match effect:
        case Say(screen):
            return Delivery(chat_id, "answer", saying(screen), key)
        case Show(message_id, screen):
            return Delivery(chat_id, "answer", editing(message_id, screen, or_say=True), key)
        case Toast():
            return Delivery(chat_id, "toast", toasting(effect), key)
        case RefuseCheckout():
            return Delivery(chat_id, "toast", refusing(effect), key)
        case _:
            assert_never(effect)


def without_toasts(deliveries: Sequence[Delivery], language: str) -> list[Delivery]:
    """For a press that cannot be answered any more: its words become a message if they
    would be the only ones, and are left out beside others."""
    toasts = [each for each in deliveries if each.payload["do"] == "toast"]
    others = [each for each in deliveries if each.payload["do"] != "toast"]
    if others:
        return others
    return [
        Delivery(
            each.chat_id,
            "answer",
            saying(sentence(escape(each.payload["text"]), language)),
            each.key,
        )
        for each in toasts
        if each.payload["text"]
    ]


def _kept(error: str) -> str:
    """What of an error goes into a table: an exception may quote what PostgreSQL refuses."""
    return storable(error, ERROR_LIMIT)
