"""What an operator gets for wrong settings and broken surroundings: a line that helps."""

import signal
import socket
from pathlib import Path

import psycopg2
import pytest

from sandbox.client import content
from supervisor.runtime.secret import Secret
from tests.support.bots.world import TOKEN, World
from tests.support.machine.waiting import until
from tests.support.postgres.databases import at

BEN = 1002


def test_missing_settings_are_all_named_at_once_and_no_restart_is_asked_for(world: World) -> None:
    bot = world.bot(TELEGRAM_BOT_TOKEN="", KIE_API_KEY="", WEBHOOK_BASE_URL="", LOCK_MODE="maybe")

    assert bot.wait() == 64
    for name in ("TELEGRAM_BOT_TOKEN", "KIE_API_KEY", "WEBHOOK_BASE_URL", "LOCK_MODE"):
        assert f"{name}: " in bot.text()


def test_a_typo_in_a_setting_is_pointed_out(world: World) -> None:
    bot = world.bot(LOCK_STALE_IDLE_SECOND="100")
    bot.wait_line("did you mean LOCK_STALE_IDLE_SECONDS?")


@pytest.mark.forked
def test_a_taken_port_is_a_clear_line(world: World) -> None:
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))  # noqa: S104 the whole port must be taken
        other.listen()
        bot = world.bot(PORT=str(other.getsockname()[1]))

        assert bot.wait() == 64
    assert "PORT: " in bot.text() and "cannot be bound" in bot.text()


@pytest.mark.forked
def test_a_directory_that_cannot_be_written_is_a_clear_line(world: World, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    bot = world.bot(DATA_DIR=str(tmp_path / "file"))

    assert bot.wait() == 64
    assert "DATA_DIR: " in bot.text()


@pytest.mark.forked
def test_a_token_that_telegram_refuses_ends_the_process_for_good(world: World) -> None:
    world.telegram.options(revoked=True)
    bot = world.bot()

    assert bot.wait() == 64
    assert "TELEGRAM_BOT_TOKEN" in bot.text()
    assert TOKEN not in bot.text()


@pytest.mark.forked
@pytest.mark.parametrize("mode", ["polling", "webhook"])
def test_a_token_that_has_worked_is_not_believed_dead_at_once(world: World, mode: str) -> None:
    bot = world.bot(BOT_MODE=mode, **({} if mode == "webhook" else {"WEBHOOK_BASE_URL": ""}))
    bot.wait_state("ACTIVE")
    world.telegram.say(BEN, "/start")
    world.telegram.wait_for(BEN, lambda m: bool(content(m)))

    world.telegram.options(revoked=True)
    if mode == "webhook":
        world.telegram.say(BEN, "/help")
    bot.wait_line("telegram_refuses_the_token", 40)
    until(lambda: bot.health().get("reason") == "telegram", 5, "degraded health")
    world.telegram.options(revoked=False)
    world.telegram.say(BEN, "/help")

    world.telegram.wait_text(BEN, "How it works", 40)
    until(lambda: bot.health().get("status") == "ok", 5, "good health again")
    assert bot.popen.poll() is None


@pytest.mark.forked
def test_a_refused_kie_key_leaves_the_bot_running_and_everybody_informed(world: World) -> None:
    admin = world.telegram.new_user("Boss")
    bot = world.bot(KIE_API_KEY="wrong-key-0123456789", ADMIN_ID=str(admin))
    bot.wait_state("ACTIVE")

    world.telegram.wait_text(admin, "kie.ai refuses the key")
    until(lambda: bot.health().get("status") == "degraded", 5, "degraded health")
    assert bot.health()["reason"] == "kie"
    bot.wait_line("health_changed status=degraded kinds=kie reason=kie.ai refuses the key")
    world.telegram.say(BEN, "/start")
    world.telegram.wait_for(BEN, lambda m: bool(content(m)))


@pytest.mark.forked
def test_a_kie_key_that_works_again_opens_the_shop_again(world: World) -> None:
    bot = world.bot(KIE_API_KEY="another-key-0123456789")
    bot.wait_state("ACTIVE")
    until(lambda: bot.health().get("status") == "degraded", 5, "degraded health")

    world.kie.account(api_key="another-key-0123456789")

    until(lambda: bot.health().get("status") == "ok", 75, "health is ok again")


@pytest.mark.forked
def test_an_unreachable_database_is_waited_for_with_the_port_open(world: World) -> None:
    bot = world.bot(DATABASE_URL="postgresql://nobody@127.0.0.1:9/nothing")
    bot.wait_line("not reachable yet")

    assert bot.health()["state"] == "STARTING"
    assert bot.health()["status"] == "failing"
    assert bot.get("/ready")[0] == 503
    assert bot.get("/telegram/whatever")[0] in {404, 503}
    bot.signal(signal.SIGTERM)
    assert bot.wait() == 0


@pytest.mark.forked
def test_a_read_only_database_is_said_to_be_one(world: World, dsn: Secret) -> None:
    name = dsn.reveal().partition("?")[0].rpartition("/")[2]
    with psycopg2.connect(at(dsn, name).reveal()) as connection, connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    connection.close()
    bot = world.bot()

    bot.wait_line("read-only")


@pytest.mark.forked
def test_a_schema_that_is_newer_than_the_code_is_refused(world: World, dsn: Secret) -> None:
    connection = psycopg2.connect(dsn.reveal())
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE schema_version SET version = 999")
    connection.close()
    bot = world.bot()

    assert bot.wait() == 64
    assert "deploy a newer release" in bot.text()


@pytest.mark.forked
def test_polling_refuses_to_remove_somebody_elses_webhook(world: World) -> None:
    production = world.bot()
    production.wait_line("WEBHOOK CONFIGURED")
    # A laptop with the production token and a database of its own.
    laptop = world.bot(
        BOT_MODE="polling",
        WEBHOOK_BASE_URL="",
        DATABASE_URL="",
        PORT=str(world.spare_port),
    )

    assert laptop.wait(40) == 64
    assert "--take-over" in laptop.text()
    assert world.telegram.calls("deleteWebhook") == []
