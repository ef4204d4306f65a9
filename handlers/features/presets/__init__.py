"""Presets: models with their inputs filled in, each shown by a picture of before and after.

A preset is an offer like a model (``shop/offers.py``), so the conversation that follows is
generated from it: its file or words are asked for, the price is shown, the job is made by the
model behind it.
"""

from collections.abc import Sequence
from functools import partial

from handlers.delivery.outbox import Delivery
from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Answer, Feature, Work
from handlers.features.presets import rules, screens
from handlers.features.presets.rules import ShowSample, ShowSamples
from handlers.features.presets.words import WORDS, plain
from handlers.shop.shop import Shop


def _show(effect: ShowSample, work: Work) -> Sequence[Delivery]:
    return [work.told("answer", screens.shown(work.facts, effect.offer))]


def _welcome(effect: ShowSamples, work: Work) -> Sequence[Delivery]:
    payload = screens.samples(work.facts.language, effect.offers)
    return [work.told("answer", payload, key="samples", in_order=True)]


def _try(number: int, spot: Spot) -> Button | None:
    offers = rules.for_new_users(spot.shop)
    return screens.trying(offers[number], spot) if number < len(offers) else None


def _button(spot: Spot) -> Button | None:
    if not spot.shop.presets:
        return None
    return Button(plain(spot.language, "button_presets"), encode(screens.LIST))


def _has_presets(shop: Shop) -> bool:
    return bool(shop.presets)


FEATURE = Feature(
    name="presets",
    words=WORDS,
    commands={"effects": Answer(rule=rules.ask)},
    buttons={
        screens.LIST: Answer(rule=rules.press_list),
        screens.SHOW: Answer(rule=rules.press_show),
    },
    effects={ShowSample: _show, ShowSamples: _welcome},
    places={
        "menu": {"presets": _button},
        "welcome": {f"sample{n}": partial(_try, n) for n in range(rules.SAMPLES)},
    },
    welcome=rules.welcome,
    listed={"effects": _has_presets},
)
