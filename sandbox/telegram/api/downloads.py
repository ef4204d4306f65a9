"""getFile: the path to download a file from."""

from collections.abc import Mapping
from typing import Any

from sandbox.telegram.errors import bad_request
from sandbox.telegram.protocol.methods import Handler
from sandbox.telegram.state.store import State

DOWNLOAD_LIMIT = 20 * 1024 * 1024  #: bytes of a file that a bot may download


class Downloads:
    """Files on their way to the bot. A local server has no limit."""

    def __init__(self, state: State) -> None:
        self._state = state

    def methods(self) -> Mapping[str, Handler]:
        return {"getFile": self._get_file}

    async def _get_file(self, p: Mapping[str, Any]) -> Any:
        files = self._state.files
        stored = files.stored.get(p["file_id"])
        if stored is None:
            raise bad_request("invalid file_id")
        if len(stored.content) > DOWNLOAD_LIMIT and files.local == "no":
            raise bad_request("file is too big")
        return {
            "file_id": stored.file_id,
            "file_unique_id": stored.unique_id,
            "file_size": len(stored.content),
            "file_path": files.new_path(stored, self._state.token),
        }
