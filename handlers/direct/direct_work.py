"""Handles new updates in the transaction that stores them.

All of them, or none: when one cannot be handled, nothing is written.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sql
from handlers.delivery.outbox import Delivery, Outbox
from handlers.dialogue.incoming import Incoming
from handlers.dispatch.inbox_rows import HandledUpdate, wants_account
from handlers.dispatch.lanes import InboxRow
from handlers.dispatch.unit_of_work import UnitOfWork
from handlers.intake.envelope import Envelope
from kie.money import ledger
from kie.money.ledger import Account
from supervisor.database.transactions import Database, Row, Tx
from supervisor.runtime.term import Term
from supervisor.settings.identity import Identity
from supervisor.values.record import record

#: Callers wait for the acknowledgement: what waits longer for a lock is only stored.
LIMITS = {"lock": "200ms", "statement": "2s"}
_SQL = sql.load("direct")


@record
class NewUpdate:
    """An update that is stored nowhere, as far as is known."""

    update_id: int
    envelope: Envelope
    incoming: Incoming | None  #: None: it needs no answer, as most of what a group says
    waited: float  #: seconds from its arrival to the start of its handling


Asking = tuple[NewUpdate, Incoming]


class DirectWork:
    """For one bot. Thread-safe: all state is in the database."""

    def __init__(
        self, database: Database, identity: Identity, outbox: Outbox, work: UnitOfWork
    ) -> None:
        self._database = database
        self._identity = identity
        self._bot_id = identity.bot_id
        self._outbox = outbox
        self._work = work

    def handle(self, term: Term, updates: Sequence[NewUpdate]) -> Sequence[NewUpdate]:
        """Those that are stored and handled on return; the others are known, or wait behind an
        older one. Raises ``BotError``, or whatever a rule raises; nothing was written then."""
        asking = [(each, each.incoming) for each in updates if each.incoming is not None]
        silent = [each for each in updates if each.incoming is None]
        with self._database.transaction(term, short=LIMITS, fence_first=False) as tx:
            tx.send_same(_SQL["begin_direct"], {"bot_id": self._bot_id})
            return [*self._answered(tx, asking), *self._stored(tx, silent)]

    def _answered(self, tx: Tx, asking: Sequence[Asking]) -> Sequence[NewUpdate]:
        if not asking:
            return ()
        found = self._take(tx, asking)
        taken = [each for each in asking if each[0].update_id in found]
        if not taken:
            return ()
        new = self._new_accounts(tx, taken, found)
        done: list[HandledUpdate] = []
        deliveries: list[Delivery] = []
        for each, incoming in taken:
            facts = {**found[each.update_id], "age": each.waited}
            account = new.get(incoming.sender.user_id) or _account(facts)
            row = _row(each, facts["seq"])
            handled, told = self._work.decide(tx, row, incoming, facts, account)
            done.append(handled)
            deliveries += told
        updates = [each for each, _ in taken]
        self._store(tx, updates, done)
        self._outbox.enqueue(tx, deliveries)
        return updates

    def _stored(self, tx: Tx, silent: Sequence[NewUpdate]) -> Sequence[NewUpdate]:
        """Those that were not known."""
        if not silent:
            return ()
        stored = tx.all(_SQL["store_silent"], {"bot_id": self._bot_id, **_columns(silent)})
        new = {row["update_id"] for row in stored}
        return [each for each in silent if each.update_id in new]

    def _take(self, tx: Tx, asking: Sequence[Asking]) -> Mapping[int, Row]:
        senders = [incoming.sender for _, incoming in asking]
        rows = tx.all(
            _SQL["take_new"],
            {
                "bot_id": self._bot_id,
                "update_ids": [each.update_id for each, _ in asking],
                "lanes": [each.envelope.lane for each, _ in asking],
                "chat_ids": [each.chat_id for each in senders],
                "user_ids": [each.user_id for each in senders],
                "usernames": [each.username for each in senders],
                "first_names": [each.first_name for each in senders],
                "language_codes": [each.language_code or "" for each in senders],
                "people": [self._identity.person(each.user_id) for each in senders],
            },
        )
        return {row["update_id"]: row for row in rows}

    def _new_accounts(
        self, tx: Tx, asking: Sequence[Asking], found: Mapping[int, Row]
    ) -> Mapping[int, Account]:
        """The accounts that were made or changed for these updates, where a decision may depend on
        them: the statement that does so reads them as they were before."""
        users = {
            incoming.sender.user_id
            for each, incoming in asking
            if found[each.update_id]["noted"] is not None and wants_account(incoming)
        }
        return ledger.accounts(tx, self._bot_id, list(users))

    def _store(self, tx: Tx, updates: Sequence[NewUpdate], done: Sequence[HandledUpdate]) -> None:
        tx.send(
            _SQL["store_handled"],
            {
                "bot_id": self._bot_id,
                "seqs": [each.seq for each in done],
                **_columns(updates),
                "chat_ids": [each.chat_id for each in done],
                "user_ids": [each.user_id for each in done],
                "steps": [each.move.step if each.move else None for each in done],
                "versions": [each.version for each in done],
                "answers": [json.dumps(each.move.answers) if each.move else None for each in done],
            },
        )


def _columns(updates: Sequence[NewUpdate]) -> Mapping[str, Any]:
    return {
        "update_ids": [each.update_id for each in updates],
        "lanes": [each.envelope.lane for each in updates],
        "kinds": [each.envelope.kind for each in updates],
        "bodies": [each.envelope.body for each in updates],
    }


def _row(update: NewUpdate, seq: int) -> InboxRow:
    return InboxRow(seq, update.envelope.lane, update.update_id, update.envelope.body, 0)


def _account(found: Row) -> Account:
    return Account() if found["balance"] is None else ledger.account_of(found)
