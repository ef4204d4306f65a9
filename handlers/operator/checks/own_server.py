"""An own Bot API server: with ``--local`` it names users' files by paths on its own disk.

Which way it runs cannot be asked. So the newest file that a user sent is asked for: a path that
this program cannot read would keep every job with a file waiting.
"""

import asyncio
from pathlib import Path
from typing import Any

import sql
from handlers.bot_api.calls import result_of
from handlers.bot_api.client import build_client
from handlers.operator.checks.check_result import CheckFailed
from handlers.operator.checks.deployment import Deployment
from kie.catalogue.user_file import UserFile
from supervisor.runtime.errors import BotError

_SQL = sql.load("checks")
NOT_ASKED = (
    "; the Bot API server is your own: with --local its files are paths, which this program must"
    " be able to read"
)


def local_files(deployment: Deployment) -> str:
    """A part of the sentence about Telegram; empty for Telegram's own server. Raises
    ``CheckFailed`` when files cannot be read."""
    client = build_client(
        deployment.settings.token,
        deployment.settings.telegram_api_url,
        outgoing=deployment.settings.outgoing,
    )
    if client.endpoint.is_public:
        return ""
    file = _newest(deployment)
    if file is None:
        return NOT_ASKED

    async def ask() -> Any:
        try:
            return await result_of(client.bot.get_file(file.file_id))
        finally:
            await client.close()

    try:
        found = asyncio.run(ask())
    except BotError:
        return NOT_ASKED  # an old file may be gone
    path = found.get("file_path") if isinstance(found, dict) else None
    if not isinstance(path, str) or not path.startswith("/"):
        return "; the Bot API server is your own and gives files by HTTP"
    try:
        with Path(path).open("rb") as opened:
            opened.read(1)
    except (OSError, ValueError) as error:
        raise CheckFailed(
            f"the Bot API server runs with --local, and its files cannot be read here"
            f" ({getattr(error, 'strerror', None) or 'no such path'})",
            "mount its directory at the same path, readable for this program, or start the server"
            " without --local",
        ) from None
    return "; the Bot API server runs with --local, and its files can be read here"


def _newest(deployment: Deployment) -> UserFile | None:
    with deployment.database.transaction() as tx:
        rows = tx.all(_SQL["newest_inputs"], {"bot_id": deployment.identity.bot_id})
    for row in rows:
        for value in (row["input_params"] or {}).values():
            for each in value if isinstance(value, list) else [value]:
                file = UserFile.of(each)
                if file is not None:
                    return file
    return None
