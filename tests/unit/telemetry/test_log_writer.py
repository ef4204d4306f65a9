"""Lines on their way out: nobody waits for the reader, and what is lost is counted."""

import os
import select
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest
from loguru import logger

from supervisor.runtime.threads import BackgroundThread
from supervisor.telemetry.log_writer import LogWriter
from tests.support.machine.waiting import within


class Pipe:
    """A pipe whose reader reads when a test says so."""

    def __init__(self) -> None:
        self.reader, writer = os.pipe()
        self.stream: TextIO = os.fdopen(writer, "w")
        self._writers: list[LogWriter] = []

    def writer(self, **limits: int) -> LogWriter:
        """One that writes into it."""
        self._writers.append(LogWriter(self.stream, **limits))
        return self._writers[-1]

    def fill(self) -> None:
        """Until it takes nothing more."""
        os.set_blocking(self.stream.fileno(), False)
        try:
            while True:
                os.write(self.stream.fileno(), b"." * 4096)
        except BlockingIOError:
            os.set_blocking(self.stream.fileno(), True)

    def read(self, until: bytes) -> bytes:
        """Everything up to and with ``until``."""
        got = b""
        while until not in got:
            assert select.select([self.reader], [], [], 10)[0], got[-300:]
            got += os.read(self.reader, 65536)
        return got

    def close(self) -> None:
        """Once nobody writes any more: the next pipe may get the same descriptor."""
        os.close(self.reader)
        assert all(each.flush(10) for each in self._writers)
        self.stream.close()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    made.close()


def test_a_thread_that_cannot_be_had_now_is_asked_for_again(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log that stays silent would hide everything that follows."""

    def refuse(_: object) -> None:
        raise RuntimeError("can't start new thread")

    writer = pipe.writer()
    with monkeypatch.context() as patch:
        patch.setattr(BackgroundThread, "start", refuse)
        writer.put("first")

    writer.put("second")

    assert pipe.read(b"second\n") == b"first\nsecond\n"


def test_lines_come_out_whole_and_in_order(pipe: Pipe) -> None:
    writer = pipe.writer()
    for number in range(100):
        writer.put(f"line {number} ✅")

    assert writer.flush(10)
    assert pipe.read(b"line 99 ").decode(errors="replace").startswith("line 0 ✅\nline 1 ✅\n")


def test_a_pipe_that_nobody_reads_costs_lines_and_no_time(pipe: Pipe) -> None:
    writer = pipe.writer(most=1000)
    dropped: list[int] = []
    writer.on_drop = dropped.append
    pipe.fill()
    for number in range(500):
        writer.put(f"line {number:04}")

    assert not writer.flush(0.0)
    assert sum(dropped) == 500 - 100  # ten bytes each


def test_the_first_good_line_after_a_loss_says_how_much_was_lost(pipe: Pipe) -> None:
    writer = pipe.writer(most=100)
    told = threading.Event()
    heard: list[int] = []

    def listen(message: object) -> None:
        record = message.record  # type: ignore[attr-defined]
        if record["message"] == "log_lines_dropped":
            heard.append(record["extra"]["lines"])
            told.set()

    number = logger.add(listen)
    pipe.fill()
    for _ in range(15):
        writer.put("123456789")
    pipe.read(b"123456789\n" * 10)

    assert within(told.wait, 10)
    logger.remove(number)
    assert heard == [5]


def test_a_disk_that_is_full_costs_lines_and_raises_nothing() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as full:
        writer = LogWriter(full)
        dropped: list[int] = []
        writer.on_drop = dropped.append
        writer.put("one")
        assert writer.flush(10)
        writer.put("two")
        assert writer.flush(10)

    assert sum(dropped) == 2


def test_a_reader_that_has_gone_costs_lines_and_raises_nothing(pipe: Pipe) -> None:
    writer = pipe.writer()
    dropped: list[int] = []
    writer.on_drop = dropped.append
    os.close(pipe.reader)
    pipe.reader = os.open(os.devnull, os.O_RDONLY)
    writer.put("into the void")

    assert writer.flush(10)
    assert dropped == [1]


def test_an_output_that_does_not_block_is_waited_for(pipe: Pipe) -> None:
    writer = pipe.writer()
    pipe.fill()
    os.set_blocking(pipe.stream.fileno(), False)
    writer.put("after the dots")

    assert b"after the dots" in pipe.read(b"after the dots")


def test_a_process_without_an_output_loses_its_lines_in_silence() -> None:
    writer = LogWriter(None)
    writer.put("nobody hears this")

    assert writer.flush(0.0)
