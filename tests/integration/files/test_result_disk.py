"""What the fetcher of results does with a disk that is full, left behind, or somebody else's."""

import hashlib
from pathlib import Path

import pytest

from kie.files import result_store as store_module
from kie.files.result_fetcher import ResultFetcher
from kie.files.result_store import ResultStore
from tests.support.chats.conversation import Conversation
from tests.support.chats.deliveries import URL, picture, put, settled
from tests.support.chats.kept_results import (
    NEVER,
    clock,
    fetch_what_is_due,
    fetcher,
    files,
    store,
    talk,
)
from tests.support.edges.fakes import FakeClock
from tests.support.edges.link_files import HeldFiles
from tests.support.machine.lines import captured

pytestmark = pytest.mark.any_server

__all__ = ["clock", "fetcher", "files", "store", "talk"]  # fixtures

LINK = f"7:{URL}"


@pytest.mark.parametrize("trouble", ["quota", "disk", "folder"])
def test_a_disk_that_takes_nothing_is_told_once_and_costs_no_delivery(
    talk: Conversation,
    fetcher: ResultFetcher,
    store: ResultStore,
    clock: FakeClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trouble: str,
) -> None:
    with monkeypatch.context() as patched, captured() as lines:
        if trouble == "quota":
            patched.setattr(store_module, "MOST_BYTES", 4)
        elif trouble == "disk":
            patched.setattr(store_module, "LEAST_FREE", 10**18)
        else:
            (tmp_path / "store").write_bytes(b"not a folder")
        put(talk, picture(URL))
        for _ in range(20):
            fetcher.look()
            fetch_what_is_due(fetcher)
            clock.time += 1000.0

        assert not store.has(URL)
        assert len(lines.of("spool_unusable")) == 1
        with talk.sending():
            settled(talk, LINK, "sent")

    (tmp_path / "store").unlink() if trouble == "folder" else None
    put(talk, picture(URL, chat=8))
    fetcher.look()
    fetch_what_is_due(fetcher)
    assert store.has(URL)


def test_what_a_killed_process_has_left_unfinished_is_removed(
    fetcher: ResultFetcher, store: ResultStore, tmp_path: Path
) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "0123.abc.part").write_bytes(b"half")

    fetcher.look()

    assert store.files() == []


def test_a_folder_that_is_a_link_keeps_what_it_leads_to_and_gives_none_of_it(
    tmp_path: Path, files: HeldFiles, fetcher: ResultFetcher
) -> None:
    elsewhere = tmp_path / "photos"
    elsewhere.mkdir()
    digest = hashlib.sha256(URL.encode()).hexdigest()[:40]
    names = ("holiday.jpg", digest, f"{digest}.abc.part")
    for name in names:
        (elsewhere / name).write_bytes(b"of somebody else")
    (tmp_path / "store").symlink_to(elsewhere, target_is_directory=True)
    store = ResultStore(tmp_path / "store", files)

    fetcher.look()
    store.drop(store.files(), but=())

    assert sorted(file.name for file in elsewhere.iterdir()) == sorted(names)
    assert not store.has(URL)
    assert store.read(URL, 1000) == b"the bytes"
    with pytest.raises(OSError, match="is a link"):
        store.keep(URL, stop=NEVER)
