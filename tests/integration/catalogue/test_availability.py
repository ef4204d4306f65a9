"""Models that are off the menu: for every instance, across restarts, told once."""

from typing import Any

import pytest

from kie.catalogue.availability import Availability, offer_again, withdraw
from supervisor.database.transactions import Database
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import AVAILABILITY, Wakeups
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.edges import telegram_updates as telegram
from tests.support.jobs.shop import CLOCK, Shop, Told
from tests.support.machine.waiting import until

pytestmark = pytest.mark.integration


def availability_of(database: Database, bot_id: int = BOT_ID) -> Availability:
    return Availability(database, Told(), Wakeups(), CLOCK, bot_id)


def test_a_withdrawn_model_is_off_for_every_instance_and_the_operator_is_told_once(
    shop: Shop,
) -> None:
    shop.kie.account(withdrawn=["z-image"])
    shop.start()
    for number, key in enumerate("ab"):
        job = shop.order(key, price=3, user=7 + number)
        assert shop.until_state(job, "fail")["failure"] == "unavailable"

    doubt, alert = shop.told.alerts
    assert "one user" in doubt
    assert "z-image" in alert
    assert "/model z-image on" in alert
    other = availability_of(shop.database, shop.identity.bot_id)
    other.look()
    assert set(other.snapshot().withdrawn) == {"z-image"}
    assert shop.balance() == 3


def test_a_model_of_which_kie_takes_a_task_is_on_sale_again(shop: Shop) -> None:
    with shop.database.transaction() as tx:
        withdraw(tx, shop.identity.bot_id, "z-image", "a glitch")
        tx.run("UPDATE withdrawn_models SET withdrawn_at = now() - interval '12 minutes'")
    shop.availability.look()
    shop.start()

    shop.order()

    told = "✅ z-image works again; it was off the menu for 12 min."
    until(lambda: shop.told.alerts == [told], 12, "the operator is told")
    shop.availability.look()
    assert shop.availability.snapshot().withdrawn == {}


def test_one_user_takes_no_model_off_the_menu(shop: Shop) -> None:
    shop.kie.account(withdrawn=["z-image"])
    shop.start()

    for key in "abc":
        shop.until_state(shop.order(key), "fail")

    shop.availability.look()
    assert shop.availability.snapshot().withdrawn == {}
    assert shop.availability.snapshot().doubted == {"z-image"}
    shop.kie.account(withdrawn=[])
    shop.until_state(shop.order("d"), "waiting", "success")
    shop.until(lambda: not shop.look_at_models().doubted, "kie.ai made one, the doubt is over")


def test_refusals_of_long_ago_take_no_model_off_the_menu(
    database: Database, wakeups: Wakeups
) -> None:
    availability = Availability(database, Told(), wakeups, CLOCK, BOT_ID)
    for user in (7, 8):
        with database.transaction() as tx:
            tx.one("SELECT ensure_user(%(user)s)", {"user": user})
            availability.refused(tx, "veo", user, "gone")
            tx.run("UPDATE model_refusals SET refused_at = now() - interval '25 hours'")

    availability.look()

    assert availability.snapshot().withdrawn == {}


def test_each_withdrawal_is_told_and_another_bot_has_a_menu_of_its_own(
    database: Database, wakeups: Wakeups
) -> None:
    told = Told()
    availability = Availability(database, told, wakeups, CLOCK, BOT_ID)
    woken: list[str] = []
    wakeups.subscribe(AVAILABILITY, lambda: woken.append(AVAILABILITY))
    with database.transaction() as tx:
        for user in (7, 8):
            tx.one("SELECT ensure_user(%(user)s)", {"user": user})
    for _ in range(2):
        with database.transaction() as tx:
            availability.refused(tx, "veo", 7, "gone")
            availability.refused(tx, "veo", 8, "gone")
            availability.refused(tx, "veo", 8, "gone")
        with database.transaction() as tx:
            assert offer_again(tx, BOT_ID, "veo") is not None
            assert offer_again(tx, BOT_ID, "veo") is None
    with database.transaction() as tx:
        availability.refused(tx, "veo", 7, "gone")
    other = availability_of(database, BOT_ID + 1)

    availability.look()
    other.look()

    withdrawals = [alert for alert in told.alerts if "off the menu; /model veo on" in alert]
    assert len(withdrawals) == 3
    assert woken
    assert availability.snapshot().withdrawn == {"veo": "gone"}
    assert other.snapshot().withdrawn == {}


def test_the_models_used_lately_are_counted_and_lead(shop: Shop) -> None:
    for key in "abc":
        shop.order(key)

    shop.availability.look()

    assert shop.availability.snapshot().uses == {"z-image": 3}


def test_the_operator_takes_a_model_off_the_menu_and_puts_it_back(dsn: Secret) -> None:
    talk = Conversation(dsn)
    availability = availability_of(talk.database)

    def after(user: int, text: str) -> dict[str, Any]:
        before = len(talk.telegram.sent("send_message"))
        talk.put(telegram.message(user, text=text))
        calls = talk.until(
            lambda: (
                len(talk.telegram.sent("send_message")) > before
                and talk.telegram.sent("send_message")
            ),
            f"an answer to {text}",
        )
        availability.look()
        talk.display = availability.snapshot()
        return dict(calls[-1])

    with talk.storing(), talk.dispatching(), talk.sending():
        assert "off the menu" in after(ADMIN, "/model z-image off")["text"]
        assert "Z-Image" not in str(after(7, "a fox")["reply_markup"])
        assert "switched off by hand" in after(ADMIN, "/models")["text"]
        assert "There is no model" in after(ADMIN, "/model nothing on")["text"]
        assert "on the menu again" in after(ADMIN, "/model z-image on")["text"]
        assert "Z-Image" in str(after(7, "a fox")["reply_markup"])
        assert "off the menu" not in after(7, "/model z-image off")["text"]  # nobody else may
        assert "Z-Image" in str(after(7, "a fox")["reply_markup"])
    talk.close()
