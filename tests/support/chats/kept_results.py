"""A fetcher of results with its folder, for a conversation whose sender reads from there."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from kie.files.result_fetcher import ResultFetcher
from kie.files.result_store import ResultStore
from supervisor.runtime.secret import Secret
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.deliveries import URL
from tests.support.edges.fakes import FakeClock
from tests.support.edges.link_files import HeldFiles

NEVER = Event()


@pytest.fixture
def files() -> HeldFiles:
    return HeldFiles({URL: b"the bytes"})


@pytest.fixture
def store(tmp_path: Path, files: HeldFiles) -> ResultStore:
    return ResultStore(tmp_path / "store", files)


@pytest.fixture
def talk(dsn: Secret, store: ResultStore) -> Iterator[Conversation]:
    conversation = Conversation(dsn, files=store)
    yield conversation
    conversation.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def fetcher(talk: Conversation, store: ResultStore, clock: FakeClock) -> ResultFetcher:
    return ResultFetcher(store=store, database=talk.database, clock=clock, bot_id=BOT_ID)


def fetch_what_is_due(fetcher: ResultFetcher) -> None:
    for url in fetcher.take():
        fetcher.fetch(url, NEVER)
