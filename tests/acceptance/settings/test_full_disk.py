"""A full disk at the start ends nobody: the bot works, says so, and takes room when there is."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.bots.ordering import order
from tests.support.bots.world import World
from tests.support.machine.waiting import until


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A directory on a file system of 64 KB without a byte left."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    try:
        fill(folder)
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> None:
    room = (folder / "filler").open("wb", buffering=0)
    with room as filler, pytest.raises(OSError, match="No space left"):
        while True:
            filler.write(bytes(4096))


@pytest.mark.forked
def test_with_a_database_of_its_own_the_bot_works_meanwhile(world: World, full_disk: Path) -> None:
    bot = world.bot(DATA_DIR=str(full_disk))
    bot.wait_line("is not writable (No space left on device); make room")
    bot.wait_state("ACTIVE")
    until(lambda: bot.health().get("reason") == "data", 10, "health tells of the disk")

    (full_disk / "filler").unlink()

    bot.wait_line("[OK] Data directory writable")
    until(lambda: bot.health()["status"] == "ok", 10, "health is ok")
    bot.signal(signal.SIGTERM)
    assert bot.wait() == 0


@pytest.mark.forked
def test_a_disk_that_is_full_in_the_middle_of_work_costs_no_result(
    world: World, full_disk: Path
) -> None:
    (full_disk / "filler").unlink()
    bot = world.bot(DATA_DIR=str(full_disk))
    bot.wait_line("WEBHOOK CONFIGURED", 30)
    fill(full_disk)

    for number in range(2):
        user = world.telegram.new_user(f"User {number}")
        order(world, user, "a lighthouse")
        world.telegram.press(user, "Create")
        world.telegram.wait_photo(user, 60)

    bot.wait_line("spool_unusable", 30)
    assert bot.health()["state"] == "ACTIVE"
    assert bot.text().count("WARNING  spool_unusable") == 1


@pytest.mark.forked
def test_without_one_it_waits_with_the_port_open_and_can_be_stopped(
    world: World, full_disk: Path
) -> None:
    bot = world.bot(DATA_DIR=str(full_disk), DATABASE_URL="", BOT_MODE="polling")
    bot.wait_line("make room")
    assert bot.health()["state"] == "STARTING"

    bot.signal(signal.SIGTERM)

    assert bot.wait() == 0


def test_a_directory_of_somebody_else_is_a_wrong_setting(world: World, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    (tmp_path / "theirs").mkdir(mode=0o500)
    bot = world.bot(DATA_DIR=str(tmp_path / "theirs"))

    assert bot.wait() == 64
