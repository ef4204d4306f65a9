"""Handles an update in one transaction: read the facts, decide, carry the effects out.

Either the update is done and all its effects exist, or nothing is written. The transaction locks
the row of the update first, so an update that was loaded twice is handled once. Updates of several
chats may share a transaction, since a commit and a round trip cost the same for one as for many. An
update that may spend credits has its own, since it locks the user's account.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from loguru import logger

import sql
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import as_card, editing, saying, toasting
from handlers.dialogue import update_reader
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Effect, Keyboard, Move, Say, SetReachable, Show, Toast
from handlers.dialogue.facts import Dialogue, Facts
from handlers.dialogue.incoming import Incoming, Pressed
from handlers.dialogue.places import Spot
from handlers.dispatch.answering import readably
from handlers.dispatch.feature import Answer, Installation, Reading, Work
from handlers.dispatch.inbox_rows import HandledUpdate, finish, read, take, wants_account
from handlers.dispatch.lanes import InboxRow
from handlers.dispatch.routing import Router
from handlers.dispatch.their_step import Theirs, own_step
from handlers.shop.shop import Shop
from handlers.words.texts import DEFAULT, escape, language_of, plain, say
from kie.money import ledger
from kie.money.ledger import Account
from supervisor.database.transactions import Database, Row, Tx
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.term import Term
from supervisor.telemetry import trace
from supervisor.values.foreign import storable

_SQL = sql.load("dispatch")

ERROR_LIMIT = 500  #: characters of an error that are kept in the table
ERROR_TOLD = 160  #: characters of an error in a notice: it may quote what a user wrote
#: Seconds after which Telegram takes no answer to a press. A late press that costs credits is
#: confirmed again.
PRESS_LIFE = 15.0
SETTLING = 1.0  #: seconds within which the files of an album have come


class UnitOfWork:
    """Handles updates of one bot. Thread-safe: all state is in the database."""

    def __init__(
        self,
        database: Database,
        installation: Installation,
        router: Router,
        shop: Callable[[], Shop],
    ) -> None:
        self._database = database
        self._installation = installation
        self._router = router
        self._shop = shop
        self._bot_id = installation.bot_id
        self._outbox = installation.outbox

    def handle(self, term: Term, row: InboxRow) -> None:
        """The update is done on return. Raises ``UnreadableUpdate``, ``BotError``, or whatever a
        mistake in the conversation raises; nothing was written then."""
        self.handle_all(term, (row,))

    def handle_all(self, term: Term, rows: Sequence[InboxRow]) -> None:
        """All updates, of different lanes, are done on return. Raises as ``handle`` does,
        for any of them; the others are then done or as they were, and may be handled again."""
        readable = [(row, read(row)) for row in rows]
        alone = [each for each in readable if each[1] is not None and self._router.spends(each[1])]
        together = [each for each in readable if each not in alone]
        if together:
            self._carry_out(term, together, spending=False)
        for each in alone:
            self._carry_out(term, (each,), spending=True)

    def postpone(self, term: Term, row: InboxRow, error: str, pause: float) -> None:
        """Try it again after ``pause`` seconds."""
        with self._database.transaction(term) as tx:
            params = {"seq": row.seq, "error": _kept(error), "pause": pause}
            tx.run(_SQL["postpone_update"], params)

    def set_aside(self, term: Term, row: InboxRow, error: str) -> None:
        """Never try it again; tell the operators, and the user if known."""
        if row.ended:
            # Set it aside first: reading its body for the apology may be what ends processes.
            self._set_aside(term, row, error, apologise=False)
            self._apologise_after(term, row)
            return
        try:
            self._set_aside(term, row, error, apologise=True)
        except BotError as refused:
            if refused.disposition is Disposition.STEP_DOWN:
                raise
            # Set it aside even if the message to the user cannot be written.
            self._set_aside(term, row, error, apologise=False)

    # --------------------------------------------------------------- internal --

    def _set_aside(self, term: Term, row: InboxRow, error: str, *, apologise: bool) -> None:
        with self._database.transaction(term, short=True) as tx:
            params = {"seq": row.seq, "error": _kept(error)}
            if tx.one(_SQL["set_update_aside"], params) is None:
                return

            def told(language: str) -> str:
                named = {"n": row.attempts + 1, "update": row.update_id, "number": row.seq}
                reason = _kept(error)[:ERROR_TOLD]
                return plain(language, "alert_set_aside", **named, reason=reason)

            def remedy(language: str) -> Keyboard:
                spot = Spot(language, self._shop(), number=row.seq)
                return self._router.places.keyboard("alarm_update", spot)

            self._outbox.notice(tx, f"update:{row.seq}", told, remedy)
            if apologise:
                self._apologise(tx, row)

    def _carry_out(
        self, term: Term, group: Sequence[tuple[InboxRow, Incoming | None]], *, spending: bool
    ) -> None:
        """One transaction. ``spending``: it may spend credits, so it locks the account."""
        done: list[HandledUpdate] = []
        deliveries: list[Delivery] = []
        with self._database.transaction(term, short=True) as tx:
            asked = [(row.seq, each.sender) for row, each in group if each is not None]
            taken = take(tx, self._installation.identity, asked)
            users = {each.sender.user_id for _, each in group if each and wants_account(each)}
            accounts = ledger.accounts(tx, self._bot_id, list(users), spending=spending)
            for row, incoming in group:
                if incoming is None:
                    done.append(HandledUpdate(row.seq))
                elif (found := taken.get(row.seq)) is not None:  # else it is done already
                    account = accounts.get(incoming.sender.user_id, Account())
                    handled, told = self.decide(tx, row, incoming, found, account)
                    deliveries += told
                    done.append(handled)
            finish(tx, self._bot_id, done)
            self._outbox.enqueue(tx, deliveries)

    def decide(
        self, tx: Tx, row: InboxRow, incoming: Incoming, found: Row, account: Account
    ) -> tuple[HandledUpdate, Sequence[Delivery]]:
        """Decide about one update, and carry the effects out. What is to be told is not written
        yet. ``found`` is its row of ``take_updates``, or of ``take_new`` with its ``age``."""
        self._installation.metrics.update_wait.observe(max(0.0, found["age"]))
        with trace.following(row.trace):
            facts = self._facts(incoming, *own_step(tx, self._bot_id, incoming, found, account))
            move, told = self._effects(tx, row, facts)
            if found["step"] is None:
                move, told = _first_contact(facts, move, told)
        return HandledUpdate(row.seq, facts, move), told

    def _facts(self, incoming: Incoming, found: Row, account: Account) -> Facts:
        return Facts(
            incoming=incoming,
            language=language_of(found["language"], incoming.sender.language_code),
            dialogue=Dialogue() if found["step"] is None else Dialogue.stored(found),
            shop=self._shop(),
            reachable=found["reachable"],
            account=account,
            late=found["age"] > PRESS_LIFE,
            answered=found["answered"],
            places=self._router.places,
            card=found["card"],
        )

    def _effects(self, tx: Tx, row: InboxRow, facts: Facts) -> tuple[Move | None, list[Delivery]]:
        """Decide, and carry the effects out in order. Returns the dialogue's move and what is
        to be told."""

        def ask(answer: Answer, press: Press | None) -> Any:
            reading = Reading(tx, self._installation, facts, press, row.seq)
            return None if answer.load is None else answer.load(reading)

        def commands(language: str) -> Sequence[tuple[str, str]]:
            own = facts.places.operator_commands(language) if facts.admin else ()
            return [*own, *self._router.commands(facts.shop, language)]

        knows, decide = self._router.knows, self._router.decide
        facts, effects = readably(
            knows, lambda there: decide(there, ask), facts, lambda: tx.is_broken
        )
        move = next((each for each in reversed(effects) if isinstance(each, Move)), None)
        moving = _moving(facts, move)
        theirs = Theirs(tx, self._bot_id, self._router, facts.shop, moving)
        deliveries: list[Delivery] = []
        for number, effect in enumerate(effects):
            if isinstance(effect, Move):
                continue
            key = f"update:{row.seq}:{number}"
            where = self._installation, facts, self._router.places
            work = Work(tx, *where, key, commands, row.seq, theirs.screen, theirs.keeps)
            deliveries += self._done(effect, work)
        if facts.late or facts.answered:
            deliveries = self._without_toasts(deliveries, facts)
        return move, deliveries

    def _done(self, effect: Effect, work: Work) -> Sequence[Delivery]:
        """Carry one effect out: a common one here, any other by its feature."""
        match effect:
            case Say(screen, stays, settles):
                payload = saying(screen) if stays else as_card(saying(screen), screen)
                if not settles:
                    return [work.told("answer", payload)]
                named = {"bot_id": self._bot_id, "chat_id": work.chat_id, "name": settles}
                work.tx.run(_SQL["supersede_settling"], named)
                waiting = {**payload, "settles": settles}
                return [work.told("answer", waiting, delay=SETTLING)]
            case Show(message_id, screen, stays):
                payload = editing(message_id, screen, or_say=True)
                return [work.told("answer", payload if stays else as_card(payload, screen))]
            case Toast():
                pressed = work.facts.incoming
                if not isinstance(pressed, Pressed):
                    raise TypeError("only a press is answered by a toast")
                return [work.told("toast", toasting(pressed.query_id, effect))]
            case SetReachable(reachable):
                self._set_reachable(work.tx, work.chat_id, reachable=reachable)
                return ()
            case _:
                return self._router.carry_out(effect)(effect, work)

    def _set_reachable(self, tx: Tx, chat_id: int, *, reachable: bool) -> None:
        chat = {"bot_id": self._bot_id, "chat_id": chat_id}
        tx.run(_SQL["set_reachable"], {**chat, "reachable": reachable})
        if reachable:
            self._outbox.resume(tx, chat_id)

    def _without_toasts(self, deliveries: Sequence[Delivery], facts: Facts) -> list[Delivery]:
        """For a press that cannot be answered any more: send the text of its toast as a message,
        unless there are other messages."""
        others = [each for each in deliveries if each.payload["do"] != "toast"]
        if others:
            return others
        return [
            Delivery(
                each.chat_id,
                "answer",
                saying(facts.sentence(escape(each.payload["text"]))),
                each.key,
                thread=each.thread,
            )
            for each in deliveries
            if each.payload["text"]
        ]

    def _apologise_after(self, term: Term, row: InboxRow) -> None:
        """Tell the user, where that can be written; the update has had its end already."""
        try:
            with self._database.transaction(term, short=True) as tx:
                self._apologise(tx, row)
        except BotError as error:
            if error.disposition is Disposition.STEP_DOWN:
                raise
            logger.bind(error=str(error)).warning("apology_not_written")

    def _apologise(self, tx: Tx, row: InboxRow) -> None:
        sender = update_reader.who(row.body)
        if sender is None:
            return
        language = language_of(None, sender.language_code or DEFAULT)
        text = say(language, "broken_here")
        screen = self._router.places.sentence(text, Spot(language, self._shop()))
        key = f"update:{row.seq}:broken"
        self._outbox.enqueue(
            tx, [Delivery(sender.chat_id, "answer", saying(screen), key, thread=sender.thread)]
        )


def _moving(facts: Facts, move: Move | None) -> Mapping[int, Dialogue]:
    """The sender's dialogue after the update, by its user; empty if it stays as it is."""
    if move is None or not facts.incoming.sender.private:
        return {}
    moved = facts.dialogue.moved(move.step, move.answers, quiet=move.quiet)
    return {facts.incoming.sender.user_id: moved}


def _first_contact(
    facts: Facts, move: Move | None, told: list[Delivery]
) -> tuple[Move | None, list[Delivery]]:
    """Remove the reply keyboard of an earlier bot with the first answer in a private chat. A row
    in ``dialogues`` shows later that this is done."""
    first = next((number for number, each in enumerate(told) if each.kind == "answer"), None)
    if first is None or not facts.incoming.sender.private:
        return move, told
    payload = {**told[first].payload, "unkey": plain(facts.language, "old_keyboard")}
    told[first] = replace(told[first], payload=payload)
    return move or Move(facts.dialogue.step, facts.dialogue.answers, quiet=True), told


def _kept(error: str) -> str:
    """Clean an error before it is stored: it may contain characters that PostgreSQL rejects."""
    return storable(error, ERROR_LIMIT)
