"""From /start to a photo through the real daemon, in both modes and across restarts."""

import signal
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.client import buttons, content
from tests.support.bots.ordering import order
from tests.support.bots.world import World
from tests.support.machine.waiting import until

ANNA, BEN = 1001, 1002
POLLING = {"BOT_MODE": "polling", "WEBHOOK_BASE_URL": ""}


def no_violations(world: World) -> None:
    assert world.telegram.violations() == []
    assert world.kie.violations() == []


@pytest.mark.parametrize("mode", ["webhook", "polling"])
def test_a_user_gets_the_picture_that_was_asked_for(world: World, mode: str) -> None:
    bot = world.bot(**({} if mode == "webhook" else POLLING))
    bot.wait_state("ACTIVE")

    order(world, BEN)
    world.telegram.press(BEN, "Create")
    photo = world.telegram.wait_photo(BEN)

    assert "a cat <b>& friends" in content(photo)
    assert "Another one" in buttons(photo)[0]["text"]
    assert len(world.kie.tasks()) == 1
    no_violations(world)


def test_the_log_of_a_start_tells_every_step_once(world: World) -> None:
    bot = world.bot()
    bot.wait_line("WEBHOOK CONFIGURED SUCCESSFULLY")

    text = bot.text()
    for line in (
        "[OK] Data directory writable: ",
        "[BUILD] Application created successfully",
        f"[HEALTH] ✅ Server started on port {bot.port}",
        "[DB] ✅ DatabaseService initialized",
        "[LOCK] ✅ ACTIVE MODE: PostgreSQL advisory lock acquired",
        "[LOCK_CONTROLLER] 🔥 Calling on_active_callback...",
        "[WEBHOOK_SETUP] 🔧 Calling ensure_webhook",
        "[WEBHOOK_SETUP] ✅ ✅ ✅ WEBHOOK CONFIGURED SUCCESSFULLY",
        "[WEBHOOK_SETUP] ✅ Bot will now receive /start and other commands",
    ):
        assert text.count(line) == 1, line


def test_a_sigterm_ends_the_active_instance_cleanly_and_keeps_the_webhook(world: World) -> None:
    bot = world.bot()
    bot.wait_line("WEBHOOK CONFIGURED")

    bot.signal(signal.SIGTERM)

    assert bot.wait() == 0
    assert "[SHUTDOWN] ✅ Lock released, exit" in bot.text()
    assert world.telegram.calls("deleteWebhook") == []
    assert world.telegram.state()["webhook"]["url"] != ""


def test_a_second_instance_waits_stores_and_takes_over_when_the_first_one_stops(
    world: World,
) -> None:
    first = world.bot()
    first.wait_state("ACTIVE")
    second = world.bot(PORT=str(world.spare_port))
    second.wait_state("PASSIVE")
    # Telegram's traffic goes to the newcomer while the old one still acts.
    world.telegram.options(route=f"http://127.0.0.1:{second.port}")
    world.telegram.say(BEN, "/start")
    world.telegram.wait_for(BEN, lambda m: bool(buttons(m)))

    first.signal(signal.SIGTERM)
    assert first.wait() == 0
    second.wait_state("ACTIVE", 5)
    world.telegram.say(BEN, "/help")

    world.telegram.wait_for(BEN, lambda m: "/cancel" in content(m))
    assert "[LOCK] ⏸️ PASSIVE MODE: Webhook will return 200 but no processing" in second.text()
    assert "[LOCK] ✅ PASSIVE → ACTIVE: Lock acquired on retry" in second.text()
    # The webhook was right already: the second activation only looked.
    assert len(world.telegram.calls("setWebhook")) == 1


def test_a_wizard_goes_on_after_a_restart(world: World) -> None:
    bot = world.bot()
    bot.wait_state("ACTIVE")
    world.telegram.say(BEN, "/start")
    world.telegram.wait_for(BEN, lambda m: bool(buttons(m)))
    world.telegram.press(BEN, "Picture")
    world.telegram.wait_for(BEN, lambda m: "What should I draw" in content(m))
    bot.signal(signal.SIGTERM)
    assert bot.wait() == 0

    # Written while nobody is there: Telegram keeps it.
    world.telegram.say(BEN, "a lighthouse")
    world.bot().wait_state("ACTIVE")

    world.telegram.wait_for(BEN, lambda m: any("Create" in b["text"] for b in buttons(m)), 30)


def nothing_left(connection: Any) -> bool:
    """No job and no delivery is open."""
    cursor = connection.cursor()
    cursor.execute(
        "SELECT NOT EXISTS (SELECT 1 FROM generation_jobs WHERE status NOT IN ('success', 'fail'))"
        " AND NOT EXISTS (SELECT 1 FROM deliveries"
        " WHERE state IN ('pending', 'sending', 'unknown'))"
    )
    return bool(cursor.fetchone()[0])


@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
def test_a_job_under_way_survives_the_end_of_the_process(
    world: World, connect: Callable[[], Any], how: str
) -> None:
    world.kie.account(time_scale=0.6)
    bot = world.bot()
    bot.wait_state("ACTIVE")
    order(world, BEN)
    world.telegram.press(BEN, "Create")
    until(world.kie.tasks, 10, "a task")
    bot.wait_line("task_created")

    bot.signal(signal.Signals[how])
    bot.wait()
    world.bot().wait_state("ACTIVE")

    world.telegram.wait_photo(BEN, 30)
    assert len(world.kie.tasks()) == 1
    connection = connect()
    until(lambda: nothing_left(connection), 20, "there is nothing left to do")
    photos = [m for m in world.telegram.messages(BEN) if "photo" in m]
    assert len(photos) == 1


def test_two_presses_on_the_confirmation_make_one_job(world: World) -> None:
    world.bot().wait_state("ACTIVE")
    order(world, BEN)

    world.telegram.press(BEN, "Create", twice=True)
    world.telegram.wait_photo(BEN)

    assert len(world.kie.tasks()) == 1


def test_a_failed_generation_is_told_and_can_be_repeated(world: World) -> None:
    world.bot().wait_state("ACTIVE")
    world.kie.fault("fail", {"failCode": "500", "failMsg": "Internal Error"})
    order(world, BEN)

    world.telegram.press(BEN, "Create")
    failed = world.telegram.wait_for(
        BEN, lambda m: any("again" in b["text"].lower() for b in buttons(m))
    )
    world.telegram.press(BEN, "again", message=failed)

    world.telegram.wait_photo(BEN)


def test_users_are_spoken_to_in_their_language(world: World) -> None:
    world.bot().wait_state("ACTIVE")

    world.telegram.say(ANNA, "/start")
    world.telegram.say(BEN, "/start")

    assert "Привет" in content(world.telegram.wait_for(ANNA, lambda m: bool(buttons(m))))
    assert "Hi" in content(world.telegram.wait_for(BEN, lambda m: bool(buttons(m))))


@pytest.mark.parametrize("kind", ["photo", "sticker", "voice", "document"])
def test_whatever_is_sent_unasked_gets_an_answer(world: World, kind: str) -> None:
    world.bot().wait_state("ACTIVE")

    world.telegram.send(BEN, kind)

    world.telegram.wait_for(BEN, lambda m: len(content(m)) > 0)
    no_violations(world)


def test_a_card_goes_on_across_a_deploy_and_a_press_on_it_makes_one_job(world: World) -> None:
    old = world.bot()
    old.wait_state("ACTIVE")
    order(world, BEN)
    new = world.bot(PORT=str(world.spare_port))
    new.wait_state("PASSIVE")
    # The traffic goes to the newcomer: what is pressed now is stored by it, and the old one acts.
    world.telegram.options(route=f"http://127.0.0.1:{new.port}")
    world.telegram.press(BEN, "1:1")
    world.telegram.wait_for(BEN, lambda m: any("16:9" in b["text"] for b in buttons(m)))
    old.signal(signal.SIGTERM)
    world.telegram.press(BEN, "16:9")
    assert old.wait() == 0
    new.wait_state("ACTIVE")

    card = world.telegram.wait_for(BEN, lambda m: any("16:9 ▾" in b["text"] for b in buttons(m)))
    world.telegram.press(BEN, "Create", message=card, twice=True)
    world.telegram.wait_photo(BEN)

    (task,) = world.kie.tasks()
    assert task["input"]["aspect_ratio"] == "16:9"
    photos = [m for m in world.telegram.messages(BEN, of_bot=True) if "photo" in m]
    assert len(photos) == 1
    no_violations(world)
