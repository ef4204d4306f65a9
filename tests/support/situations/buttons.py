"""Presses of every kind, and orders that have to wait."""

from dataclasses import replace

from kie.money.ledger import Account
from tests.support.chats.talk import SHOP
from tests.support.edges import telegram_updates as telegram
from tests.support.situations.acts import (
    CARD,
    RICH,
    WISH,
    Situation,
    model,
    photo,
    press,
)

BUTTONS = (
    Situation("Create twice", (WISH, press("create"), press("create")), ("Already", "Уже")),
    Situation(
        "Create of yesterday",
        (WISH, press("create")),
        ("reached me very late", "с большой задержкой"),
        ("create",),
        facts={"late": True},
    ),
    Situation(
        "an old button three times",
        (WISH, "a cat", *(telegram.press("create|1|", message_id=40 + n) for n in range(3))),
        ("has expired", "уже не действует"),
        ("create",),
    ),
    Situation("back from a chip", (WISH, press("change"), press("back")), CARD, ("create",)),
    Situation("back from other models", (WISH, press("other"), press("back")), CARD, ("create",)),
    Situation(
        "a setting changed and back",
        (
            *(model("nano-banana-2"), WISH, press("settings"), press("change|3|resolution")),
            *(press("pick|4|4K"), press("back")),
        ),
        ("4K", "4K"),
        ("create",),
        facts=RICH,
    ),
    Situation(
        "back from the settings",
        (model("nano-banana-2"), WISH, press("settings"), press("back")),
        CARD,
        ("create",),
        facts=RICH,
    ),
    Situation(
        "back from a question",
        (model("kling/v2-1-standard"), photo(), press("back")),
        ("Kept for you: 1\u00a0file", "Сохранено: 1\u00a0файл"),
        ("resume",),
        home=True,
        facts=RICH,
    ),
    Situation(
        "back from a list of models",
        ("/models", press("cat"), press("menu")),
        ("Hi, Anna", "Привет, Anna"),
        ("task",),
        home=True,
    ),
    Situation(
        "the same wish twice",
        (WISH, press("create"), WISH, press("create")),
        ("queued", "очеред"),
        orders=1,
    ),
    Situation("top-up hidden", ("/topup",), ("not offered", "не предлагается"), ("balance",)),
    Situation("the language at a card", (WISH, "/language"), CARD[::-1], ("create",)),
    Situation("the menu with a draft", (WISH, "/menu", press("resume")), CARD, ("create",)),
    Situation(
        "a model that is gone", (model("gone"),), ("isn't available", "недоступна"), home=True
    ),
)

WAITING = (
    Situation(
        "enough in the making",
        (WISH, press("create")),
        ("3 of 3", "3 из 3"),
        facts={"account": Account(running={"z-image": 3})},
    ),
    Situation(
        "kie.ai is away",
        (WISH, press("create")),
        ("unavailable right now", "недоступен"),
        facts={"shop": replace(SHOP, closed="away")},
    ),
    Situation(
        "kie.ai is away for long",
        (WISH,),
        ("unavailable right now", "недоступен"),
        ("tell",),
        facts={"shop": replace(SHOP, closed="credits", closed_for_long=True)},
    ),
    Situation(
        "the free ones are used up and the balance is empty",
        (WISH,),
        ("short", "Не хватает"),
        ("cancel",),
        facts={"account": Account(free_used={"z-image": 20})},
    ),
)
