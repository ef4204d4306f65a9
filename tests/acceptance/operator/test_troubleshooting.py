"""The troubleshooting chapter of docs/operations.md: its commands run, its lines exist."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg2
import pytest

from supervisor.runtime.secret import Secret
from tests.support.bots.world import ROOT, TOKEN, World
from tests.support.edges.sandbox_host import SANDBOX_HOST
from tests.support.words.troubleshooting import chapter, sayings, says

pytestmark = pytest.mark.xdist_group("troubleshooting")
BEN = 1002
#: What an operator has to find, each by a word of its heading.
SYMPTOMS = ("start", "silent", "PASSIVE", "webhook", "Migrations", "stuck", "credits", "409")
CHAPTER = chapter()
COMMANDS = list(dict.fromkeys(command for each in CHAPTER for command in each.commands))
LINES = [(each.name, line) for each in CHAPTER for line in each.lines]
#: The rows to which the numbers in the chapter's commands belong.
TROUBLES = """
INSERT INTO telegram_updates (seq, bot_id, update_id, lane, kind, body, state, attempts, error)
VALUES (17, {bot}, 1, 7, 'message', '{{"update_id": 1}}', 'dead', 5, 'KeyError: x');
INSERT INTO users (user_id) VALUES (7);
INSERT INTO generation_jobs (id, bot_id, user_id, model, status, next_action_at, deadline_at)
VALUES (17, {bot}, 7, 'z-image', 'unclear', now() + interval '1 hour', now() + interval '1 hour');
INSERT INTO orphan_callbacks (id, bot_id, task_id, payload) VALUES (3, {bot}, 'a-task', '{{}}');
"""


@pytest.fixture(scope="module")
def texts() -> Sequence[str]:
    return list(sayings())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, shared_dsn: Secret) -> Iterator[World]:
    """A bot that works, with an operator, and one trouble of each kind."""
    made = World(
        tmp_path_factory.mktemp("troubles"), shared_dsn.reveal(), host=SANDBOX_HOST, forks=True
    )
    try:
        bot = made.bot(ADMIN_ID=str(BEN))
        bot.wait_line("WEBHOOK CONFIGURED")
        made.telegram.say(BEN, "/start")
        made.telegram.wait_for(BEN, lambda _: True)
        connection = psycopg2.connect(shared_dsn.reveal())
        with connection, connection.cursor() as cursor:
            cursor.execute(TROUBLES.format(bot=TOKEN.partition(":")[0]))
        connection.close()
        yield made
    finally:
        made.close()


def run(world: World, command: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["sh", "-c", command],
        cwd=ROOT,
        env={**world.env(ADMIN_ID=str(BEN)), "PATH": path, "PAGER": "cat"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_works_as_it_stands_there(world: World, command: str) -> None:
    program = command.split()[0]
    if shutil.which(program) is None and program != "python":
        pytest.skip(f"{program} is not installed here")

    done = run(world, command)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("word", SYMPTOMS)
def test_every_symptom_has_a_section_with_a_command_and_lines(word: str) -> None:
    (section,) = [each for each in CHAPTER if word in each.name]

    assert section.commands
    assert section.lines


def test_there_is_no_section_that_nobody_asked_for() -> None:
    assert len(CHAPTER) == len(SYMPTOMS)


@pytest.mark.parametrize(("name", "line"), LINES, ids=[line for _, line in LINES])
def test_each_quoted_line_can_be_written_by_the_program(
    texts: Sequence[str], name: str, line: str
) -> None:
    del name
    assert says(line, texts)


def test_a_line_that_nobody_writes_is_found_out(texts: Sequence[str]) -> None:
    assert not says("[LOCK] ✅ SUPER ACTIVE …", texts)
    assert not says("polling_conflic", texts)
