"""The user's own matters: language, help, support.

The language is the user's choice at this bot, kept in ``accounts``; without a choice it is that of
the app.
"""

from collections.abc import Sequence

import sql
from handlers.delivery.outbox import Delivery
from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Answer, Feature, Step, Work, always, asked_enough
from handlers.features.account import asking, rules
from handlers.features.account.rules import SetLanguage
from handlers.features.account.words import WORDS, plain
from handlers.shop.shop import Shop
from handlers.words.languages import KNOWN, following

_SQL = sql.load("account")


def _set_language(effect: SetLanguage, work: Work) -> Sequence[Delivery]:
    user_id = work.facts.incoming.sender.user_id
    named = {"bot_id": work.installation.bot_id, "user_id": user_id}
    work.tx.run(_SQL["set_language"], {**named, "language": effect.language})
    # Telegram lists commands in the language of the app, unless the chat has a list of its own.
    listed = [list(each) for each in work.commands(effect.language)]
    return [work.told("status", {"do": "commands", "commands": listed})] if listed else ()


def _button(action: str, language: str) -> Button:
    return Button(plain(language, f"button_{action}"), encode(action))


def _help(spot: Spot) -> Button:
    return _button("help", spot.language)


def _language(spot: Spot) -> Button:
    return Button(f"🌐 {KNOWN[following(spot.language)].name}", encode("lang"))


def _support(spot: Spot) -> Button | None:
    return _button("support", spot.language) if spot.shop.support.shown else None


def _support_instead(spot: Spot) -> Button | None:
    """Support, where nothing can be bought: only a person can give credits there."""
    return None if spot.shop.by_hand else _support(spot)


def _has_support(shop: Shop) -> bool:
    return shop.support.shown


FEATURE = Feature(
    name="account",
    words=WORDS,
    commands={
        "help": Answer(rule=rules.ask_help),
        "support": Answer(rule=asking.ask, load=asked_enough),
        "language": Answer(rule=rules.ask_language),
    },
    buttons={
        "help": Answer(rule=rules.press_help),
        "support": Answer(rule=asking.press),
        "lang": Answer(rule=rules.press_language),
    },
    steps={
        asking.SUPPORT: Step(
            brief=True,
            show=asking.show,
            buttons={"support_leave": Answer(rule=asking.left)},
            text=Answer(rule=asking.asked, load=asked_enough),
            media=Answer(rule=asking.wants_words),
            other=Answer(rule=asking.wants_words),
        )
    },
    effects={SetLanguage: _set_language, asking.AskSupport: asking.tell},
    places={
        "not_enough": {"support": _support_instead},
        "short": {"support": _support_instead},
        "balance": {"language": _language, "help": _help, "support": _support},
        "topup": {"support": _support},
    },
    listed={"language": always, "help": always, "support": _has_support},
)
