"""``run.py demo`` and its stage: the tour in a real browser, acts, what an end leaves behind."""

import json
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.bots.world import ROOT
from tests.support.machine.ports import free_port
from tests.support.machine.waiting import until
from tests.support.pages.browser import barriers, browser, needs_chromium, page
from tests.support.postgres.installed_postgres import new_folder

pytestmark = pytest.mark.browser
PAUSE = 0.5  #: seconds between two looks at the stage, which counts all tables for each


class Demo:
    """A running demo, looked at from outside."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"

    def stage(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/sandbox/stage", timeout=10) as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found

    def act(self, name: str) -> int:
        request = urllib.request.Request(f"{self.url}/sandbox/stage/{name}", b"{}")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def states(self) -> list[str]:
        return sorted(copy["state"] for copy in self.stage()["copies"])

    def wait_both(self) -> None:
        until(lambda: self.states() == ["ACTIVE", "PASSIVE"], 90, "one acts and one waits", PAUSE)

    def wait_idle(self) -> None:
        until(lambda: not self.stage()["act"], 180, "the act is over", PAUSE)

    def settle(self) -> dict[str, Any]:
        until(lambda: self.stage()["counters"]["settled"], 90, "nothing is under way", PAUSE)
        found: dict[str, Any] = self.stage()["counters"]
        return found

    def family(self) -> list[psutil.Process]:
        """Every process that the demo has started."""
        return psutil.Process(self.process.pid).children(recursive=True)


@contextmanager
def running(folder: Path) -> Iterator[Demo]:
    """In a folder of its own, so that demos of a developer stay as they are."""
    port = free_port()
    words = [sys.executable, str(ROOT / "run.py"), "demo", "--no-browser", "--port", str(port)]
    process = subprocess.Popen(
        words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    said = process.stdout
    assert said is not None
    try:
        until(lambda: "Open http" in said.readline(), 90, "the page")
        yield Demo(process, port)
    finally:
        process.terminate()
        process.communicate(timeout=60)


@pytest.fixture
def folder() -> Iterator[Path]:
    made = new_folder("trt-demo-")
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


SAMPLES = 3  #: pictures that come with the greeting
NOTHING_WRONG = {"waiting": 0, "lost": 0, "twice": 0, "out_of_order": 0}


@needs_chromium
def test_the_tour_loses_nothing_and_the_page_shows_what_the_tables_hold(folder: Path) -> None:
    size = {"width": 1440, "height": 960}
    with running(folder) as demo:
        demo.wait_both()
        until(lambda: len(demo.stage()["books"]) >= 2, 30, "everybody of the page has credits")
        assert {row["balance"] for row in demo.stage()["books"]} == {200}
        with browser() as started, page(started, demo.url, viewport=size, locale="en-US") as opened:
            assert barriers(opened) == []
            opened.locator("#tour").click()
            until(lambda: demo.stage()["act"] == "tour", 10, "the tour begins")
            assert demo.act("kill") == 409
            opened.locator(".acts [data-act=kill]:disabled").wait_for()
            demo.wait_idle()
            counters = demo.settle()
            books = demo.stage()["books"]
            shown = {
                name: opened.locator(f"#counters [data-name={name}] dd").inner_text()
                for name in ("sent", "answered", *NOTHING_WRONG)
            }
            assert opened.locator("#stage-books").inner_text().endswith("the books balance")
            pictures = demo.stage()["pictures"]
            assert opened.locator("article img").count() == SAMPLES + pictures["came"]
        assert {name: counters[name] for name in NOTHING_WRONG} == NOTHING_WRONG
        assert shown == {name: str(counters[name]) for name in shown}
        assert counters["sent"] == counters["answered"] == 240
        assert pictures == {"made": 2, "came": 2}
        assert [row["balance"] for row in books] == [row["booked"] for row in books]
        assert {copy["release"] for copy in demo.stage()["copies"]} == {2}
        assert demo.stage()["hand_over"]["epoch"] == 4


@pytest.mark.parametrize("act", ["cut", "database"])
def test_an_act_ends_with_one_copy_that_acts_and_nothing_lost(folder: Path, act: str) -> None:
    with running(folder) as demo:
        demo.wait_both()
        assert demo.act("crowd") == 200
        assert demo.act(act) == 200
        demo.wait_idle()
        demo.wait_both()
        counters = demo.settle()
        assert {name: counters[name] for name in NOTHING_WRONG} == NOTHING_WRONG


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGKILL])
def test_an_end_in_the_middle_of_a_freeze_leaves_no_process_behind(
    folder: Path, by: signal.Signals
) -> None:
    with running(folder) as demo:
        demo.wait_both()
        demo.act("freeze")
        until(lambda: "FROZEN" in demo.states(), 20, "a copy is frozen")
        family = demo.family()
        servers = [each for each in psutil.process_iter(["cmdline"]) if _of(each, folder)]
        before = _stages(family)
        assert before
        demo.process.send_signal(by)
        demo.process.wait(60)
        gone, alive = psutil.wait_procs(family, timeout=60)
        assert [each.cmdline() for each in alive] == []
        assert len(gone) == len(family)
        assert not [each for each in before if each.exists()]
        if by is signal.SIGINT:
            assert demo.process.returncode == 0
            assert psutil.wait_procs(servers, timeout=30)[1] == []


def _stages(family: list[psutil.Process]) -> set[Path]:
    """The folders that these processes work in; another demo may run beside them."""
    told = [value for each in family for value in each.environ().values()]
    told += [word for each in family for word in each.cmdline()]
    return {Path(found[0]) for text in told if (found := re.search(r"/\S*?trt-stage-\w+", text))}


def _of(process: psutil.Process, folder: Path) -> bool:
    return any(str(folder) in word for word in process.info["cmdline"] or [])


def test_a_port_that_is_taken_is_told(folder: Path) -> None:
    with running(folder) as demo:
        port = demo.url.rpartition(":")[2]
        words = [sys.executable, str(ROOT / "run.py"), "demo", "--no-browser", "--port", port]
        second = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=90)
        assert second.returncode == 64
        assert f"port {port} is taken" in second.stderr
