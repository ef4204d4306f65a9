"""Models that are off the menu: for every instance, across restarts, told once."""

from collections.abc import Iterator
from typing import Any

import pytest

from kie.catalogue.availability import Availability, offer_again, withdraw
from supervisor.database.transactions import Database
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import AVAILABILITY, Wakeups
from supervisor.settings.identity import Identity
from tests.support import telegram_updates as telegram
from tests.support.conversation import ADMIN, BOT_ID, Conversation
from tests.support.shop import CLOCK, Shop, Told
from tests.support.simulators import running_kie
from tests.support.waiting import until

pytestmark = pytest.mark.integration


def availability_of(database: Database, bot_id: int = BOT_ID) -> Availability:
    return Availability(database, Told(), Wakeups(), CLOCK, bot_id)


@pytest.fixture
def shop(database: Database, identity: Identity, wakeups: Wakeups) -> Iterator[Shop]:
    database.is_active = True
    with running_kie() as (url, kie):
        made = Shop(database, identity, wakeups, url, kie)
        yield made
        made.stop()


def test_a_withdrawn_model_is_off_for_every_instance_and_the_operator_is_told_once(
    shop: Shop,
) -> None:
    shop.kie.account(withdrawn=["z-image"])
    shop.start()
    jobs = [shop.order("a", price=3), shop.order("b", price=3)]

    for job in jobs:
        assert shop.until_state(job, "fail")["failure"] == "unavailable"

    (alert,) = shop.told.alerts
    assert "z-image" in alert
    assert "/model z-image on" in alert
    other = availability_of(shop.database, shop.identity.bot_id)
    other.look()
    assert set(other.snapshot().withdrawn) == {"z-image"}
    assert shop.balance() == 6


def test_a_model_of_which_kie_takes_a_task_is_on_sale_again(shop: Shop) -> None:
    with shop.database.transaction() as tx:
        withdraw(tx, shop.identity.bot_id, "z-image", "a glitch")
    shop.availability.look()
    shop.start()

    shop.order()

    until(lambda: shop.told.alerts == ["z-image works again."], 12, "the operator is told")
    shop.availability.look()
    assert shop.availability.snapshot().withdrawn == {}


def test_each_withdrawal_is_told_and_another_bot_has_a_menu_of_its_own(
    database: Database, wakeups: Wakeups
) -> None:
    told = Told()
    availability = Availability(database, told, wakeups, CLOCK, BOT_ID)
    woken: list[str] = []
    wakeups.subscribe(AVAILABILITY, lambda: woken.append(AVAILABILITY))
    for _ in range(2):
        with database.transaction() as tx:
            availability.withdraw(tx, "veo", "gone")
            availability.withdraw(tx, "veo", "gone")
        with database.transaction() as tx:
            assert offer_again(tx, BOT_ID, "veo")
            assert not offer_again(tx, BOT_ID, "veo")
    with database.transaction() as tx:
        availability.withdraw(tx, "veo", "gone")
    other = availability_of(database, BOT_ID + 1)

    availability.look()
    other.look()

    assert len(told.alerts) == 3
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
        assert "z-image" not in str(after(7, "/start")["reply_markup"])
        assert "switched off by hand" in after(ADMIN, "/models")["text"]
        assert "There is no model" in after(ADMIN, "/model nothing on")["text"]
        assert "on the menu again" in after(ADMIN, "/model z-image on")["text"]
        assert "z-image" in str(after(7, "/start")["reply_markup"])
        assert "/model" in after(7, "/model z-image off")["text"]  # nobody else may
        assert "z-image" in str(after(7, "/start")["reply_markup"])
    talk.close()
