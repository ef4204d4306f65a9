"""Erases users who want to be forgotten, in fenced batches.

Who is authoritative
    The table ``forgettings``: who, how far. Every batch is a transaction of its own and may be
    repeated, so a process that ends in the middle is continued by the next one.

The stages

=======  =========================================================================================
waiting  something of the user has not ended: an update, a job, a result, a receipt, a return of
         Stars. Then the credits are taken by an entry of the ledger
erasing  jobs and the files on disk; small tables; bodies of updates and messages that are the
         user's or name the user; the account and the names. What outlives the account (a ban, the
         free results of the day, no news) is kept by a keyed hash
telling  a last message, whose row goes when it has been sent
=======  =========================================================================================

Rules

1. Accounting stays with the bare number: ledger, payments, orders, receipts without their files,
   jobs that cost something without their contents. A user without accounting leaves no number.
2. Messages of other people that name the user lose their text: bodies of updates that are done,
   and messages that the bot has sent; those of operators lose it in any case. Results and dialogues
   of others are theirs and stay.
3. A user who goes on writing meanwhile is a new one: only ended jobs are erased, and an account
   that has been paid into stays.
"""

from collections.abc import Callable
from typing import Any, LiteralString

from loguru import logger

import sql
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import saying
from handlers.dialogue.effects import Screen
from handlers.dispatch.feature import Parts
from handlers.features.privacy.mentions import named_as, numbered
from handlers.features.privacy.words import say
from handlers.words.texts import language_of
from kie.money import ledger
from supervisor.database.transactions import Row, Tx
from supervisor.runtime.term import Term

JOBS_AT_ONCE = 200
PAGE = 2000  #: updates or deliveries that one statement looks at

_SQL = sql.load("privacy")


class Eraser:
    """One bot's forgetting. ``between`` is called between two batches; False: stop here."""

    def __init__(self, parts: Parts, between: Callable[[], bool] = lambda: True) -> None:
        self._parts = parts
        self._bot_id = parts.installation.bot_id
        self._outbox = parts.installation.outbox
        self._between = between

    def asked(self) -> list[Row]:
        """Who is to be forgotten."""
        with self._parts.database.transaction() as tx:
            rows = tx.all(_SQL["asked"], {"bot_id": self._bot_id})
        return [{**row, "language": language_of(row["language"], None)} for row in rows]

    def go_on(self, term: Term, asked: Row) -> bool:
        """Do what can be done for this user now. False: something has to end first. Raises what
        the database does."""
        stage = asked["stage"]
        if stage == "waiting":
            if not self._begin(term, asked):
                return False
            stage = "erasing"
        if stage == "erasing":
            if not self._erase(term, asked):
                return False
            logger.bind(forgetting=asked["id"]).info("user_forgotten")
        return self._told(term, asked)

    # --------------------------------------------------------------- internal --

    def _begin(self, term: Term, asked: Row) -> bool:
        with self._parts.database.transaction(term) as tx:
            named = self._named(asked)
            tx.one(_SQL["await_direct"], named)
            tx.one(_SQL["lock_person"], named)
            found = tx.one(_SQL["unended"], named)
            if found is not None and found["what"]:
                logger.bind(forgetting=asked["id"], what=found["what"]).debug("forgetting_waits")
                return False
            account = ledger.accounts(tx, self._bot_id, [asked["user_id"]]).get(asked["user_id"])
            used = {} if account is None else dict(account.free_used)
            tx.one(_SQL["begin"], {"id": asked["id"], "free_used": _json(used)})
        return True

    def _erase(self, term: Term, asked: Row) -> bool:
        """Everything but the account. False: stopped, or a row is still to be handled."""
        while True:
            if not self._between():
                return False
            if not self._erase_jobs(term, asked):
                break
        with self._parts.database.transaction(term) as tx:
            tx.one(_SQL["await_direct"], self._named(asked))
            self._erase_small(tx, asked)
            newest = tx.one(_SQL["newest"])
        if newest is None or not self._search(term, asked, newest):
            return False
        self._finish(term, asked)
        return True

    def _erase_jobs(self, term: Term, asked: Row) -> bool:
        """One batch; the files first, so that none outlives the row that names it."""
        with self._parts.database.transaction(term) as tx:
            named = self._named(asked)
            rows = tx.all(_SQL["jobs_to_erase"], {**named, "limit": JOBS_AT_ONCE})
            if not rows:
                return False
            self._parts.remove_files(str(link) for row in rows for link in row["links"])
            tx.run(_SQL["nobody"])
            tx.run(_SQL["erase_jobs"], {"ids": [row["id"] for row in rows]})
        return True

    def _erase_small(self, tx: Tx, asked: Row) -> None:
        named = self._named(asked)
        tx.one(_SQL["erase_small"], named)
        tx.run(_SQL["erase_mentions_in_dialogues"], named)

    def _search(self, term: Term, asked: Row, newest: Row) -> bool:
        """Updates, then deliveries, a page at a time. The place is kept in the table."""
        at = {"updates": asked["updates_seen"], "deliveries": asked["deliveries_seen"]}
        for what, statement in (
            ("updates", _SQL["erase_updates"]),
            ("deliveries", _SQL["erase_deliveries"]),
        ):
            while at[what] < newest[what]:
                if not self._between() or not self._page(term, asked, newest, at, what, statement):
                    return False
        return True

    def _page(
        self,
        term: Term,
        asked: Row,
        newest: Row,
        at: dict[str, int],
        what: str,
        statement: LiteralString,
    ) -> bool:
        """False: a row of this page is still to be handled, and it is looked at again later."""
        page = {"after": at[what], "until": newest[what], "limit": PAGE}
        with self._parts.database.transaction(term) as tx:
            found = tx.one(statement, {**self._named(asked), **page})
            if found is None or found["open"]:
                return False
            at[what] = newest[what] if found["last"] is None else found["last"]
            tx.run(_SQL["seen"], {"id": asked["id"], **at})
        return True

    def _finish(self, term: Term, asked: Row) -> None:
        """Account and names go in one transaction with the last message."""
        named = self._named(asked)
        with self._parts.database.transaction(term) as tx:
            tx.one(_SQL["lock_person"], named)
            self._erase_small(tx, asked)
            person = self._parts.installation.identity.person(asked["user_id"])
            tx.one(_SQL["remember_person"], {"id": asked["id"], "person": person})
            if not tx.run(_SQL["delete_account"], named):
                tx.run(_SQL["erase_account"], named)
            tx.run(_SQL["erase_names"], named)
            tx.run(_SQL["erase_chat"], named)
            tx.run(_SQL["delete_person"], named)
            if tx.one(_SQL["tell"], {"id": asked["id"]}) is not None:
                screen = Screen(say(asked["language"], "forgotten"))
                told = Delivery(asked["user_id"], "answer", saying(screen), _key(asked))
                self._outbox.enqueue(tx, [told])

    def _told(self, term: Term, asked: Row) -> bool:
        with self._parts.database.transaction(term) as tx:
            named = {"bot_id": self._bot_id, "id": asked["id"], "key": _key(asked)}
            return tx.one(_SQL["told"], named) is not None

    def _named(self, asked: Row) -> dict[str, Any]:
        names = [asked["username"], asked["first_name"], *asked["former"]]
        return {
            "bot_id": self._bot_id,
            "user_id": asked["user_id"],
            "id": asked["id"],
            "number": numbered(asked["user_id"]),
            "names": named_as([each for each in names if each]),
            "admins": sorted(self._parts.shop().admins - {asked["user_id"]}),
        }


def _key(asked: Row) -> str:
    return f"forgotten:{asked['id']}"


def _json(used: dict[str, int]) -> str:
    return "{" + ", ".join(f'"{model}": {count}' for model, count in used.items()) + "}"
