"""Files that the bot has made: charts and exports, kept in the table ``made_files``.

They are kept in the database, in the transaction of the delivery that brings them, because another
instance may send it. In a delivery such a file stands where links stand, as ``made:<id>/<name>``.
"""

from typing import Protocol

import sql
from kie.http.transport import FileInfo, TooLarge
from supervisor.database.transactions import Database, Tx
from supervisor.runtime.errors import Rejected

MADE = "made:"

_SQL = sql.load("files")


class Files(Protocol):
    """The files behind links; ``ResultStore`` in production."""

    def fetch(self, url: str, limit: int) -> bool: ...

    def read(self, url: str, limit: int) -> bytes: ...

    def file_info(self, url: str) -> FileInfo | None: ...


def keep_file(tx: Tx, bot_id: int, name: str, content: bytes) -> str:
    """Keep it. Returns what stands for it in a delivery of the same transaction."""
    row = tx.one(_SQL["keep_file"], {"bot_id": bot_id, "content": content})
    if row is None:
        raise LookupError("keep_file has no row")
    return f"{MADE}{row['id']}/{name}"


class MadeFiles:
    """Our own files from the database, all others from ``files``. Thread-safe."""

    def __init__(self, database: Database, bot_id: int, files: Files) -> None:
        self._database = database
        self._bot_id = bot_id
        self._files = files

    def fetch(self, url: str, limit: int) -> bool:
        return url.startswith(MADE) or self._files.fetch(url, limit)

    def read(self, url: str, limit: int) -> bytes:
        """Raises what a download raises, and ``Rejected`` for a file that is gone."""
        if not url.startswith(MADE):
            return self._files.read(url, limit)
        number = url.removeprefix(MADE).partition("/")[0]
        with self._database.transaction() as tx:
            row = tx.one(_SQL["made_file"], {"bot_id": self._bot_id, "id": int(number)})
        if row is None:
            raise Rejected(f"the file {url!r} is not kept any more")
        content = bytes(row["content"])
        if len(content) > limit:
            raise TooLarge(f"{url!r} has {len(content)} bytes")
        return content

    def file_info(self, url: str) -> FileInfo | None:
        """None for our own files: nobody else can fetch them."""
        return None if url.startswith(MADE) else self._files.file_info(url)
