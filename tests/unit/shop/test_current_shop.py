"""The shop changes in several threads: updates, kie.ai's state, the bot's name."""

import dataclasses
from threading import Thread
from typing import Any

import pytest

from handlers.shop import current_shop
from handlers.shop.current_shop import CurrentShop
from handlers.shop.shop import Payment, Shop, Support


def test_a_new_name_and_another_change_at_the_same_moment_both_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    away: list[str | None] = [None]
    shop = CurrentShop({}, Support(), lambda: away[0], Payment(), ())
    naming = Thread(target=shop.learn, args=("Painter", "painter_bot"), daemon=True)

    def replace(old: Shop, **changes: Any) -> Shop:
        if naming.ident is None:
            naming.start()
            naming.join(0.2)  # it may have to wait for this change
        return dataclasses.replace(old, **changes)

    monkeypatch.setattr(current_shop, "replace", replace)
    away[0] = "kie.ai is away"
    shop()
    naming.join(10)

    assert (shop().bot_name, shop().closed) == ("Painter", "kie.ai is away")
