"""Users' files on their way to kie.ai: what is sent, what is remembered, what goes wrong."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from handlers.bot_api.calls import keep_result
from handlers.bot_api.files import LOCAL_SERVER, TelegramFiles
from kie.api.limiter import Busy
from kie.api.outcome import Failure
from kie.api.refusals import TaskRefused
from kie.catalogue.user_file import TELEGRAM_LIMIT, UNTOLD, UserFile
from kie.files import input_files
from kie.files.input_files import HEAVY_AT_ONCE, LIGHT, MOST_UPLOADS, UPLOAD_LIFE, InputFiles
from supervisor.runtime.errors import (
    BotError,
    Fenced,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    Unavailable,
)
from tests.support.edges.example_inputs import a_file
from tests.support.edges.fakes import FakeClock
from tests.support.edges.telegram_answers import (
    dead_token,
    flooded,
    not_reached,
    refused,
    unanswered,
)

ONE, TWO = a_file("image", 1), a_file("image", 2)


class Source:
    """Gives bytes that name the file; fails as it is told."""

    def __init__(self, failure: BotError | None = None) -> None:
        self.fetched: list[str] = []
        self.failure = failure

    def fetch(self, file: UserFile) -> bytes:
        self.fetched.append(file.file_id)
        if self.failure is not None:
            raise self.failure
        return f"bytes of {file.file_id}".encode()


class Fixed:
    """Gives these bytes."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def fetch(self, file: UserFile) -> bytes:
        return self._content


def upload(name: str, content: bytes, mime: str) -> str:
    return f"https://kie.example/{content.decode().replace(' ', '-')}/{mime}/{name}"


def test_links_stand_in_place_of_references_and_the_rest_is_as_it_was() -> None:
    files = InputFiles(Source(), upload, FakeClock())
    inputs = {
        "image_url": ONE.as_json(),
        "image_urls": [ONE.as_json(), TWO.as_json()],
        "prompt": "x",
        "duration": 5,
        "sound": False,
    }

    sent = files.resolve(inputs)

    link = "https://kie.example/bytes-of-file-1/image/jpeg/1.bin"
    assert sent["image_url"] == link
    assert sent["image_urls"][0] == link
    assert sent["image_urls"][1].startswith("https://kie.example/bytes-of-file-2")
    assert {name: sent[name] for name in ("prompt", "duration", "sound")} == {
        "prompt": "x",
        "duration": 5,
        "sound": False,
    }


JPEG, PNG, WEBP = b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\x01\x02\x03\x04WEBPVP8 "


@pytest.mark.parametrize("told", [UNTOLD, "image/jpeg", "image/png"])
@pytest.mark.parametrize(
    ("content", "mime", "ending"),
    [(JPEG, "image/jpeg", ".jpg"), (PNG, "image/png", ".png"), (WEBP, "image/webp", ".webp")],
)
def test_a_picture_is_uploaded_as_what_its_bytes_are(
    told: str, content: bytes, mime: str, ending: str
) -> None:
    sent: list[tuple[str, str]] = []

    def keep(name: str, _content: bytes, type_: str) -> str:
        sent.append((type_, name))
        return "https://kie.example/x"

    file = replace(ONE, name="scan", mime=told)
    InputFiles(Fixed(content), keep, FakeClock()).resolve({"image_url": file.as_json()})

    assert sent == [(mime, "scan" if told == mime else f"scan{ending}")]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"RIFF\x01\x02\x03\x04WAVE", b"PK\x03\x04"])
def test_what_turns_out_to_be_no_picture_is_refused_and_not_uploaded(content: bytes) -> None:
    files = InputFiles(Fixed(content), upload, FakeClock())
    file = replace(ONE, name="scan", mime=UNTOLD)

    with pytest.raises(TaskRefused) as caught:
        files.resolve({"image_url": file.as_json()})

    assert caught.value.failure is Failure.NO_PICTURE


HEIC = b"\x00\x00\x00$ftypheic\x00\x00\x00\x00mif1MiHE"


@pytest.mark.parametrize("told", ["image/jpeg", "image/png", "image/webp"])
@pytest.mark.parametrize(
    "content",
    [HEIC, b"\x00\x00\x00 ftypavif", b"II*\x00\x08", b"MM\x00*\x00", b"GIF89a", b"%PDF-1.7"],
)
def test_a_picture_that_is_something_else_than_its_name_says_is_refused(
    told: str, content: bytes
) -> None:
    """Renamed photos of phones: kie.ai would blame the settings."""
    files = InputFiles(Fixed(content), upload, FakeClock())
    file = replace(ONE, name="IMG_0001.jpg", mime=told)

    with pytest.raises(TaskRefused) as caught:
        files.resolve({"image_url": file.as_json()})

    assert caught.value.failure is Failure.NO_PICTURE


def test_a_file_is_uploaded_once_and_again_when_kie_may_have_dropped_it() -> None:
    source, clock = Source(), FakeClock()
    files = InputFiles(source, upload, clock)

    files.resolve({"a": ONE.as_json()})
    files.resolve({"a": ONE.as_json(), "b": TWO.as_json()})
    clock.time += UPLOAD_LIFE + 1
    files.resolve({"a": ONE.as_json()})

    assert source.fetched == ["file-1", "file-2", "file-1"]


def test_only_so_many_uploads_are_remembered() -> None:
    source = Source()
    files = InputFiles(source, upload, FakeClock())

    for number in (*range(MOST_UPLOADS + 1), 0):
        files.resolve({"a": a_file("image", number).as_json()})

    assert source.fetched[-1] == "file-0"


@pytest.mark.parametrize(("size", "waits"), [(LIGHT, False), (LIGHT + 1, True), (0, True)])
def test_few_heavy_files_are_in_memory_at_the_same_time(
    size: int, waits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(input_files, "HEAVY_PATIENCE", 0.0)
    here, go_on = threading.Barrier(HEAVY_AT_ONCE + 1), threading.Event()

    def slow(name: str, content: bytes, mime: str) -> str:
        if content != b"bytes of file-9":
            here.wait(10)
            go_on.wait(10)
        return upload(name, content, mime)

    files = InputFiles(Source(), slow, FakeClock())

    def given(number: int, heavy: int) -> dict[str, Any]:
        return {"a": replace(a_file("image", number), size=heavy).as_json()}

    others = [
        threading.Thread(target=files.resolve, args=(given(number, LIGHT + 1),))
        for number in range(HEAVY_AT_ONCE)
    ]
    for each in others:
        each.start()
    here.wait(10)
    try:
        if waits:
            with pytest.raises(Busy):
                files.resolve(given(9, size))
        else:
            assert files.resolve(given(9, size))
    finally:
        go_on.set()
        for each in others:
            each.join(10)
    assert files.resolve(given(9, size))


@pytest.mark.parametrize(
    ("failure", "becomes"),
    [
        (Unavailable("later"), Unavailable),
        (Fenced("over"), Fenced),
        (OutcomeUnknown("no answer"), Unavailable),
        (Rejected("gone"), TaskRefused),
        (Misconfigured(["token"]), Unavailable),
        (TaskRefused("no", Failure.UNAVAILABLE), TaskRefused),
    ],
)
def test_no_failure_of_a_file_leaves_a_doubt_about_a_task(
    failure: BotError, becomes: type[BotError]
) -> None:
    files = InputFiles(Source(failure), upload, FakeClock())

    with pytest.raises(becomes):
        files.resolve({"a": ONE.as_json()})


@pytest.mark.parametrize(
    "value",
    [
        {"file_id": "x"},
        {**ONE.as_json(), "more": 1},
        {**ONE.as_json(), "size": "9"},
        {**ONE.as_json(), "size": True},
        {**ONE.as_json(), "file_id": ""},
        {**ONE.as_json(), "seconds": "5"},
        "https://example.org",
        None,
        [],
    ],
)
def test_what_is_no_reference_is_none(value: Any) -> None:
    assert UserFile.of(value) is None


def test_a_reference_survives_the_database() -> None:
    assert UserFile.of(ONE.as_json()) == ONE


# ---------------------------------------------------------------- telegram --


class Bot:
    """getFile answers so; what cannot be sent as JSON is raised."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    async def get_file(self, file_id: str) -> None:
        assert file_id == "file-1"
        if isinstance(self._answer, Exception):
            raise self._answer
        keep_result(self._answer)


class Given:
    """The server that gives files by their paths."""

    is_public = False

    def __init__(self, content: bytes | Exception = b"abc") -> None:
        self._content = content
        self.paths: list[str] = []

    async def file(self, path: str, limit: int) -> bytes:
        assert limit == TELEGRAM_LIMIT
        self.paths.append(path)
        if isinstance(self._content, Exception):
            raise self._content
        return self._content


NAMED = {"file_id": "file-1", "file_size": 3, "file_path": "photos/file_1.jpg"}


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    thread = threading.Thread(target=made.run_forever)
    thread.start()
    yield made
    made.call_soon_threadsafe(made.stop)
    thread.join(5)
    made.close()


def test_a_file_is_fetched_from_telegram_in_its_own_loop(loop: asyncio.AbstractEventLoop) -> None:
    assert TelegramFiles(Bot(NAMED), Given(), loop).fetch(ONE) == b"abc"


@pytest.mark.parametrize(
    ("answer", "content", "becomes"),
    [
        (NAMED | {"file_size": TELEGRAM_LIMIT + 1}, b"", Rejected),
        (refused(400, "Bad Request: file is too big"), b"", Rejected),
        (refused(400, "Bad Request: wrong file_id"), b"", Rejected),
        (
            refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable"),
            b"",
            Unavailable,
        ),
        (unanswered(), b"", Unavailable),
        (flooded(5), b"", Unavailable),
        (dead_token(), b"", Misconfigured),
        (True, b"", Unavailable),
        (None, b"", Unavailable),
        ({"file_id": "file-1"}, b"", Unavailable),
        (NAMED | {"file_path": "photos/\x00.jpg"}, b"", Unavailable),
        (NAMED | {"file_path": 7}, b"", Unavailable),
        (NAMED, unanswered(), Unavailable),
        (NAMED, not_reached(), Unavailable),
        (NAMED, Rejected("too large"), Rejected),
    ],
)
def test_each_trouble_with_telegram_says_what_may_be_done(
    loop: asyncio.AbstractEventLoop,
    answer: Any,
    content: bytes | Exception,
    becomes: type[BotError],
) -> None:
    with pytest.raises(becomes) as caught:
        TelegramFiles(Bot(answer), Given(content), loop).fetch(ONE)

    assert caught.value.__cause__ is None


@pytest.mark.parametrize("size", [None, True, "3", -1, 1e400, 2**70 * 1.5])
def test_a_size_that_cannot_be_is_no_size(loop: asyncio.AbstractEventLoop, size: Any) -> None:
    assert TelegramFiles(Bot(NAMED | {"file_size": size}), Given(), loop).fetch(ONE) == b"abc"


# ------------------------------------------------------- a local Bot API server --


def test_a_file_of_a_local_server_is_read_from_the_disk_that_both_share(
    loop: asyncio.AbstractEventLoop, tmp_path: Path
) -> None:
    path = tmp_path / "file_1.jpg"
    path.write_bytes(b"pixels")
    given, troubles = Given(), list[str | None]()
    files = TelegramFiles(Bot(NAMED | {"file_path": str(path)}), given, loop, troubles.append)

    assert files.fetch(ONE) == b"pixels"
    assert given.paths == []
    assert troubles == [None]


@pytest.mark.parametrize("path", ["missing.jpg", "."])
def test_a_local_file_that_cannot_be_read_is_told_to_the_operator_in_one_line(
    loop: asyncio.AbstractEventLoop, tmp_path: Path, path: str
) -> None:
    troubles: list[str | None] = []
    answer = NAMED | {"file_path": f"{tmp_path}/{path}"}

    with pytest.raises(Unavailable, match="--local"):
        TelegramFiles(Bot(answer), Given(), loop, troubles.append).fetch(ONE)

    assert troubles == [LOCAL_SERVER]


def test_a_local_file_that_is_too_large_is_refused(
    loop: asyncio.AbstractEventLoop, tmp_path: Path
) -> None:
    path = tmp_path / "film.mp4"
    with path.open("wb") as file:
        file.truncate(TELEGRAM_LIMIT + 1)

    with pytest.raises(Rejected):
        TelegramFiles(Bot(NAMED | {"file_path": str(path)}), Given(), loop).fetch(ONE)


def test_the_public_server_does_not_choose_what_is_read_from_our_disk(
    loop: asyncio.AbstractEventLoop, tmp_path: Path
) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"secret")
    given = Given()
    given.is_public = True

    with pytest.raises(Unavailable, match="names no path"):
        TelegramFiles(Bot(NAMED | {"file_path": str(path)}), given, loop).fetch(ONE)


def test_a_loop_that_has_ended_is_trouble_for_later() -> None:
    ended = asyncio.new_event_loop()
    ended.close()

    with pytest.raises(Unavailable):
        TelegramFiles(Bot(NAMED), Given(), ended).fetch(ONE)
