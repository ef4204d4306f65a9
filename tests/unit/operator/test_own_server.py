"""What prod-check says of an own Bot API server: whether its files can be read here."""

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from handlers.operator.checks.check_result import CheckFailed
from handlers.operator.checks.own_server import NOT_ASKED, local_files
from kie.catalogue.user_file import UserFile
from sandbox.telegram import TelegramSandbox
from supervisor.runtime.secret import Secret
from supervisor.settings.outgoing import Outgoing
from tests.support.edges.sandbox_telegram import TOKEN, USER, Api, serve


@dataclass
class Rows:
    """A database that has these jobs."""

    inputs: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def transaction(self) -> Any:
        yield SimpleNamespace(all=lambda *_: [{"input_params": each} for each in self.inputs])


def said(url: str, *inputs: dict[str, Any]) -> str:
    settings = SimpleNamespace(token=Secret(TOKEN), telegram_api_url=url, outgoing=Outgoing())
    identity = SimpleNamespace(bot_id=int(TOKEN.partition(":")[0]))
    deployment: Any = SimpleNamespace(
        settings=settings, identity=identity, database=Rows(list(inputs))
    )
    return local_files(deployment)


def asked(how: str) -> str:
    found: list[str] = []

    async def check(sandbox: TelegramSandbox, _: Api) -> None:
        sandbox.state.files.local = how
        message = sandbox.actions.send(USER, "photo")
        sent = UserFile(message["photo"][-1]["file_id"], "image", 9, "a.jpg", "image/jpeg")
        inputs = {"prompt": "a fox", "image_urls": [sent.as_json()]}
        found.append(await asyncio.to_thread(said, sandbox.url, {"prompt": "x"}, inputs))

    serve(check)
    return found[0]


def test_telegrams_own_server_is_no_matter() -> None:
    assert said("https://api.telegram.org") == ""


def test_without_a_file_to_ask_for_it_is_said_what_a_local_server_needs() -> None:
    assert said("http://127.0.0.1:9", {"prompt": "a fox"}) == NOT_ASKED


def test_a_server_that_gives_files_by_http_is_fine() -> None:
    assert "by HTTP" in asked("no")


def test_a_local_server_whose_files_can_be_read_is_fine() -> None:
    assert "can be read here" in asked("readable")


def test_a_local_server_whose_files_cannot_be_read_is_a_failed_check() -> None:
    with pytest.raises(CheckFailed, match="cannot be read here"):
        asked("unreadable")
