"""The folder with the files of results: what it takes, what it gives and what it removes."""

from pathlib import Path

import pytest

from kie.files.result_store import ResultStore
from kie.http.transport import Write
from supervisor.runtime.errors import Unavailable
from tests.support.chats.deliveries import URL
from tests.support.chats.kept_results import NEVER, files, store
from tests.support.edges.link_files import HeldFiles

pytestmark = pytest.mark.any_server

__all__ = ["files", "store"]  # fixtures


def test_a_file_that_breaks_off_is_not_taken_for_whole(
    store: ResultStore, files: HeldFiles
) -> None:
    def breaks(url: str, write: Write, limit: int) -> None:
        write(b"half")
        raise Unavailable("the connection broke")

    files.download_to = breaks  # type: ignore[method-assign]

    with pytest.raises(Unavailable):
        store.keep(URL, stop=NEVER)

    assert store.files() == []
    assert store.read(URL, 100) == b"the bytes"


def test_what_somebody_else_has_put_into_our_folder_stays_there(
    tmp_path: Path, store: ResultStore
) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    strangers = ("notes.txt", "0" * 39, "0" * 40 + ".txt", "G" * 40, ".hidden")
    for name in (*strangers, "0" * 40):
        (folder / name).write_bytes(b"x")

    store.drop(store.files(), but=())

    assert sorted(file.name for file in folder.iterdir()) == sorted(strangers)
