"""Effects: models with their inputs filled in, each shown by a picture of before and after.

An effect is an offer like a model (``shop/offers.py``), so the conversation that follows is
generated from it: its file or words are asked for, the price is shown, the job is made by the
model behind it.
"""

from collections.abc import Sequence

from handlers.delivery.outbox import Delivery
from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Answer, Feature, Work
from handlers.features.effects import rules, screens
from handlers.features.effects.rules import ShowSample
from handlers.features.effects.words import WORDS, plain
from handlers.shop.shop import Shop


def _show(effect: ShowSample, work: Work) -> Sequence[Delivery]:
    return [work.told("answer", screens.shown(work.facts, effect.offer))]


def _button(spot: Spot) -> Button | None:
    if not spot.shop.effects:
        return None
    return Button(plain(spot.language, "button_effects"), encode(screens.LIST))


def _has_effects(shop: Shop) -> bool:
    return bool(shop.effects)


FEATURE = Feature(
    name="effects",
    words=WORDS,
    commands={"effects": Answer(rule=rules.ask)},
    buttons={
        screens.LIST: Answer(rule=rules.press_list),
        screens.SHOW: Answer(rule=rules.press_show),
    },
    effects={ShowSample: _show},
    places={"menu": {"effects": _button}},
    listed={"effects": _has_effects},
)
