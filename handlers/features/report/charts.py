"""The pictures of reports: what they show, and the process that draws them."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from threading import Event
from typing import Any

from handlers.features.report import drawing
from handlers.features.report.figures import Figures, income, left
from handlers.features.report.words import plain
from handlers.shop.shop import Shop
from handlers.words.texts import shorten
from kie.money.days import Sums
from supervisor.runtime.clock import Clock

LEAST_DAYS = 7  #: one day makes no picture; today is shown as the last day of a week
PATIENCE = 60.0  #: seconds that the process may take
STEP = 0.05  #: seconds between two looks whether it has ended
INCOME, COST, PEOPLE = 0, 1, 2  #: colours of ``drawing.py``

Chart = Mapping[str, Any]


class NotDrawn(Exception):
    """The process failed, took too long or was stopped; the text says why."""


def money(found: Figures, shop: Shop, language: str) -> Chart:
    """Income, cost and what is left of each day."""
    shown, named = _days(found)
    incomes = [round(income(each, shop), 4) for each in shown]
    costs = [round(each.kie_dollars, 4) for each in shown]
    rests = [round(left(each, shop), 4) for each in shown]
    bars = [
        _bars(plain(language, "chart_income"), incomes, INCOME),
        _bars(plain(language, "chart_cost"), costs, COST),
    ]
    line = {"label": plain(language, "chart_left"), "values": rests}
    panel = {"bars": bars, "line": line, "stacked": False}
    return {"title": title("money", len(shown), language), "days": named, "panels": [panel]}


def stats(found: Figures, language: str) -> Chart:
    """Results and failures of each day; below them, users and new ones."""
    shown, named = _days(found)

    def jobs(what: str) -> Sequence[int]:
        return [sum(getattr(each, what) for each in day.models.values()) for day in shown]

    results = [
        _bars(plain(language, "chart_made"), jobs("made"), INCOME),
        _bars(plain(language, "chart_failed"), jobs("failed"), COST),
    ]
    people = [
        _bars(plain(language, "chart_people"), [each.people for each in shown], PEOPLE),
        _bars(plain(language, "chart_new"), [each.newcomers for each in shown], INCOME),
    ]
    panels = [
        {"bars": results, "stacked": True},
        {"bars": people, "stacked": False},
    ]
    return {"title": title("stats", len(shown), language), "days": named, "panels": panels}


def title(kind: str, days: int, language: str) -> str:
    return plain(language, f"chart_{kind}", period=plain(language, "period", n=days))


def render(chart: Chart, clock: Clock, stop: Event) -> bytes:
    """The picture, as PNG. Raises ``NotDrawn``."""
    with tempfile.TemporaryDirectory(prefix="trt-chart-") as name:
        folder = Path(name)
        asked, picture, log = folder / "chart.json", folder / "chart.png", folder / "log"
        asked.write_text(json.dumps(chart), encoding="utf-8")
        command = [sys.executable, "-P", drawing.__file__, str(asked), str(picture)]
        with log.open("wb") as told:
            try:
                # Our own interpreter with our own file; nothing here comes from a user.
                process = subprocess.Popen(  # noqa: S603
                    command, stdin=subprocess.DEVNULL, stdout=told, stderr=told, cwd=folder
                )
            except OSError as error:
                raise NotDrawn(f"no process could be started ({error})") from None
            try:
                _await(process, clock, stop)
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()
        if process.returncode != 0 or not picture.exists():
            why = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
            raise NotDrawn(f"exit code {process.returncode}: {shorten(''.join(why), 200)}")
        return picture.read_bytes()


def _await(process: "subprocess.Popen[bytes]", clock: Clock, stop: Event) -> None:
    """Until the process has ended. Raises ``NotDrawn`` after ``PATIENCE``, and at a stop."""
    until = clock.now() + PATIENCE
    while process.poll() is None:
        if clock.now() > until:
            raise NotDrawn(f"it took more than {PATIENCE:g} s")
        if clock.wait(stop, STEP):
            raise NotDrawn("the term ended")


def _bars(label: str, values: Sequence[float], colour: int) -> dict[str, Any]:
    return {"label": label, "values": list(values), "colour": colour}


def _days(found: Figures) -> tuple[Sequence[Sums], list[str]]:
    count = max(found.count, LEAST_DAYS)
    names: list[date] = list(found.by_day)[-count:]
    return found.last(count), [f"{each:%d.%m}" for each in names]
