"""Results that cannot be sent are kept on the disk, and go when they are delivered."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from handlers import spool as spool_module
from handlers.spool import Keeper, Spool
from kie.transport import Gone, NotFound
from supervisor.secret import Secret
from tests.support.conversation import BOT_ID, Conversation
from tests.support.deliveries import URL, picture, put, settled
from tests.support.fakes import FakeClock
from tests.support.link_files import Files

LINK = f"7:{URL}"


@pytest.fixture
def files() -> Files:
    made = Files()
    made.content[URL] = b"the bytes"
    return made


@pytest.fixture
def spool(tmp_path: Path, files: Files) -> Spool:
    return Spool(tmp_path / "spool", files)


@pytest.fixture
def talk(dsn: Secret, spool: Spool) -> Iterator[Conversation]:
    conversation = Conversation(dsn, files=spool)
    yield conversation
    conversation.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def keeper(talk: Conversation, spool: Spool, clock: FakeClock) -> Keeper:
    return Keeper(spool=spool, database=talk.database, clock=clock, bot_id=BOT_ID)


def grow_old(talk: Conversation) -> None:
    talk.rows("UPDATE deliveries SET created_at = now() - interval '1 minute'")


def test_a_result_on_its_way_is_left_alone(
    talk: Conversation, keeper: Keeper, spool: Spool
) -> None:
    put(talk, picture(URL))

    keeper.look(Event())

    assert not spool.has(URL)


def test_a_result_that_waits_is_kept_and_outlives_its_link(
    talk: Conversation, keeper: Keeper, spool: Spool, files: Files
) -> None:
    put(talk, picture(URL))
    grow_old(talk)
    keeper.look(Event())
    assert spool.has(URL)

    files.content[URL] = Gone("HTTP 410")
    with talk.sending():
        settled(talk, LINK, "sent")

    (call,) = talk.telegram.sent("send_photo")
    assert call["photo"].input_file_content == b"the bytes"
    keeper.look(Event())
    assert spool.size() == 0


def test_a_dead_link_is_not_asked_for_all_the_time(
    talk: Conversation,
    keeper: Keeper,
    files: Files,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def dead(url: str, limit: int) -> bytes:
        asked.append(url)
        raise NotFound("HTTP 404")

    monkeypatch.setattr(files, "download", dead)
    put(talk, picture(URL))
    grow_old(talk)
    for _ in range(2000):
        keeper.look(Event())
        clock.time += 15.0

    assert len(asked) == spool_module.MOST_TRIES


def test_the_disk_is_not_filled(
    talk: Conversation, keeper: Keeper, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "MOST_BYTES", 4)
    put(talk, picture(URL))
    grow_old(talk)

    keeper.look(Event())

    assert spool.size() == 0
