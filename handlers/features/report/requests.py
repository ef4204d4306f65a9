"""Makes the pictures and exports that operators have asked for, one at a time.

A request is a row. A try is counted before it begins, so a request that ends the process is given
up, and its operator is told. The file, the delivery that brings it and the end of the request are
one transaction; an export remembers its last row with each part, so a crash repeats and loses
nothing.
"""

from collections.abc import Sequence
from threading import Event

from loguru import logger

import sql
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import saying, showing
from handlers.dialogue.effects import Screen
from handlers.dispatch.feature import Parts
from handlers.features.report import charts, exports, figures
from handlers.features.report.charts import NotDrawn
from handlers.features.report.rules import month_name
from handlers.features.report.words import plain, say
from handlers.words.texts import escape, language_of
from kie.files.made_files import keep_file
from supervisor.database.transactions import Row
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.stop_request import wait_for_wake_up, wake_on_stop
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import Service
from supervisor.runtime.wakeups import REPORTS

#: Seconds between two looks without a wake-up: after a failure, and when nothing was asked for.
AGAIN, IDLE = 15.0, 3600.0
MOST_TRIES = 3

_SQL = sql.load("report")


class Requests:
    """The body of a ``ServiceThread``."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._bot_id = parts.installation.bot_id

    def run(self, term: Term, _gate: Gate, stop: Event) -> None:
        """Until ``stop``."""
        woken = Event()
        wake_on_stop(stop, woken)
        unsubscribe = self._parts.wakeups.subscribe(REPORTS, woken.set)
        try:
            while not stop.is_set():
                woken.clear()
                pause = self._guarded(term, stop)
                if pause:
                    wait_for_wake_up(self._parts.clock, stop, woken, pause)
        finally:
            unsubscribe()

    def look(self, term: Term, stop: Event) -> bool:
        """Make the next one, or a part of it. False: nothing is asked for. Raises what the
        database does."""
        with self._parts.database.transaction() as tx:
            request = tx.one(_SQL["next_request"], {"bot_id": self._bot_id})
        if request is None:
            return False
        # A newer version before a rollback may have spoken more languages.
        request = {**request, "language": language_of(request["language"], None)}
        with self._parts.database.transaction(term) as tx:
            named = {"bot_id": self._bot_id, "id": request["id"]}
            begun = tx.one(_SQL["begin_try"], named)
        if begun is None:
            return True
        if begun["tries"] > MOST_TRIES:
            self._give_up(term, request)
        elif request["days"] is not None:
            self._draw(term, request, stop)
        else:
            self._export(term, request, stop)
        return True

    def _guarded(self, term: Term, stop: Event) -> float:
        """Look, and return the seconds until the next look."""
        try:
            return 0.0 if self.look(term, stop) else IDLE
        except NotDrawn as error:
            if not stop.is_set():
                logger.bind(reason=str(error)).warning("chart_not_drawn")
            return AGAIN if stop.is_set() else 0.0
        except BotError as error:
            if error.disposition is not Disposition.STEP_DOWN:
                logger.bind(reason=str(error)).warning("report_waits")
            return AGAIN

    def _draw(self, term: Term, request: Row, stop: Event) -> None:
        language, shop = request["language"], self._parts.shop()
        with self._parts.database.transaction() as tx:
            found = figures.figures(tx, self._bot_id, request["days"])
        if request["kind"] == "money":
            chart = charts.money(found, shop, language)
        else:
            chart = charts.stats(found, language)
        picture = charts.render(chart, self._parts.clock, stop)
        caption = say(language, "chart_caption", title=chart["title"])
        gone = say(language, "made_file_gone")
        with self._parts.database.transaction(term) as tx:
            named = {"bot_id": self._bot_id, "chat_id": request["chat_id"], "id": request["id"]}
            tx.run(_SQL["drop_older_pictures"], named)
            if tx.one(_SQL["end_request"], named) is None:
                return
            url = keep_file(tx, self._bot_id, f"{request['kind']}.png", picture)
            payload = showing("photo", [url], caption, (), link=gone)
            told = Delivery(request["chat_id"], "answer", payload, f"report:{request['id']}")
            self._parts.installation.outbox.enqueue(tx, [told])

    def _export(self, term: Term, request: Row, stop: Event) -> None:
        made = exports.part(self._parts.database, self._bot_id, request, stop)
        if stop.is_set():
            return
        number = request["parts"] + 1
        with self._parts.database.transaction(term) as tx:
            moved = {
                **{"bot_id": self._bot_id, "id": request["id"], "parts": request["parts"]},
                **{"rows": made.rows, "after_at": made.after_at, "after_id": made.after_id},
            }
            if tx.one(_SQL["part_made"], moved) is None:
                return
            if made.last:
                tx.one(_SQL["end_request"], {"bot_id": self._bot_id, "id": request["id"]})
            if made.rows:
                alone = made.last and number == 1
                name = f"{request['kind']}-{request['month']:%Y-%m}"
                name += ".csv" if alone else f"-{number}.csv"
                payload = showing(
                    "document",
                    [keep_file(tx, self._bot_id, name, made.content)],
                    say(
                        request["language"],
                        "export_part",
                        **_named(request),
                        n=made.rows,
                        part=""
                        if alone
                        else plain(request["language"], "export_part_number", n=number),
                    ),
                    (),
                    link=say(request["language"], "made_file_gone"),
                )
            elif request["parts"]:
                return
            else:
                text = say(request["language"], "export_empty", **_named(request))
                payload = saying(Screen(text))
            key = f"report:{request['id']}:{number}"
            told = Delivery(request["chat_id"], "answer", payload, key)
            self._parts.installation.outbox.enqueue(tx, [told])

    def _give_up(self, term: Term, request: Row) -> None:
        drawn = request["days"] is not None
        name, fields = ("chart_failed_notice", {}) if drawn else ("export_failed", _named(request))
        text = say(request["language"], name, **fields)
        logger.bind(kind=request["kind"], tries=MOST_TRIES).error("report_given_up")
        with self._parts.database.transaction(term) as tx:
            if tx.one(_SQL["end_request"], {"bot_id": self._bot_id, "id": request["id"]}) is None:
                return
            payload = saying(Screen(text))
            told = Delivery(request["chat_id"], "answer", payload, f"report:{request['id']}:end")
            self._parts.installation.outbox.enqueue(tx, [told])


def services(parts: Parts) -> Sequence[Service]:
    """What runs while this instance is ACTIVE."""
    return (parts.thread("reports", Requests(parts).run),)


def _named(request: Row) -> dict[str, object]:
    language = request["language"]
    what = plain(language, f"export_{request['kind']}")
    return {"what": escape(what), "month": month_name(language, request["month"])}
