"""docs/deploy.md's ways to start on one's own machine, done as they stand there."""

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.client import SandboxClient, content
from tests.support.bots.world import ROOT, Process
from tests.support.machine.ports import free_port
from tests.support.machine.waiting import until

BEN = 1002


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[dict[str, str]]:
    """`run.py sandbox` on ports that are free; the addresses of its two simulators."""
    command = [sys.executable, "-m", "sandbox", "--telegram-port", "0", "--kie-port", "0"]
    made = Process(command, {}, tmp_path / "sandbox.log")
    try:
        until(lambda: "\n" in made.text(), 20, "the simulators' addresses")
        yield json.loads(made.text().splitlines()[0])
    finally:
        made.close()


def block(heading: str) -> str:
    """The first block of commands under a heading."""
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    found = re.search(rf"^## {heading}\n.*?```sh\n(.*?)```", text, re.M | re.S)
    assert found is not None
    return found[1]


def answers(telegram: SandboxClient) -> None:
    telegram.say(BEN, "/start")
    telegram.wait_for(BEN, lambda message: "Hi, Ben!" in content(message))


def test_a_developer_needs_no_account(sandbox: dict[str, str], tmp_path: Path) -> None:
    commands = block("Develop without accounts")
    for documented, real in (
        ("http://127.0.0.1:8081", sandbox["telegram"]),
        ("http://127.0.0.1:8082", sandbox["kie"]),
        (".venv/bin/python run.py", f"exec {sys.executable} {ROOT / 'run.py'}"),
    ):
        assert documented in commands
        commands = commands.replace(documented, real)

    bot = Process(
        ["sh", "-c", f"cd {tmp_path}\n{commands}"],
        {"PORT": str(free_port())},
        tmp_path / "bot.log",
    )
    try:
        bot.wait_line("[LOCK] ✅ ACTIVE MODE", 60)
        answers(SandboxClient(sandbox["telegram"]))
    finally:
        bot.popen.terminate()
        bot.wait()
        bot.close()


def test_a_laptop_needs_a_copy_of_the_example_and_two_secrets(
    sandbox: dict[str, str], tmp_path: Path
) -> None:
    commands = block("Laptop").splitlines()
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for name, value in {
        "TELEGRAM_BOT_TOKEN": "123456:SANDBOX-TOKEN-for-local-work-only-00",
        "KIE_API_KEY": "sandbox-kie-key",
        "PORT": str(free_port()),
        # What takes the place of the public servers here.
        "TELEGRAM_API_URL": sandbox["telegram"],
        "KIE_API_URL": sandbox["kie"],
        "KIE_UPLOAD_URL": sandbox["kie"],
    }.items():
        example, count = re.subn(rf"^{name}=.*$", f"{name}={value}", example, flags=re.M)
        assert count == 1
    (tmp_path / ".env").write_text(example, encoding="utf-8")

    bot = Process(
        ["sh", "-c", f"cd {tmp_path} && exec {sys.executable} {ROOT / 'run.py'} serve"],
        {"HOME": os.environ.get("HOME", "/")},
        tmp_path / "bot.log",
    )
    try:
        bot.wait_line("[LOCK] ✅ ACTIVE MODE", 60)
        answers(SandboxClient(sandbox["telegram"]))
    finally:
        bot.popen.terminate()
        bot.wait()
        bot.close()

    assert commands[0].split("#")[0].split() == ["cp", ".env.example", ".env"]
    assert commands[-1] == ".venv/bin/python run.py serve"
    assert (tmp_path / ".data").is_dir()
