"""``/model`` lists the models that are off the menu, and switches one, as buttons of notices do."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import saying
from handlers.dialogue.buttons import MOST_BYTES, Press, encode
from handlers.dialogue.effects import Button, Effect, Effects, Say, Screen, Toast
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Work
from handlers.features.desk.words import plain, say
from handlers.words.texts import Markup
from kie.catalogue import availability
from supervisor.values.foreign import printable

BY_HAND = "switched off by hand"  #: the reason in the table
MOST_NEAR, NEAR = 3, 0.7  #: models with a name like the unknown one
MOST_LISTED = 20  #: models that are off, in one message


@dataclass(frozen=True, slots=True)
class SwitchModel(Effect):
    """Take a model off the menu, or put it back."""

    model: str
    on: bool


def models(facts: Facts, command: Command) -> Effects:
    """``/model <id> on|off``; ``/model`` lists what is off, ``/model <id>`` tells its state."""
    language, shop = facts.language, facts.shop
    model, _, word = command.arguments.partition(" ")
    known = [*shop.offers, *shop.withdrawn]
    if model and model not in known:
        near = difflib.get_close_matches(model, known, n=MOST_NEAR, cutoff=NEAR)
        more = "".join(say(language, "model_near", model=each) for each in near)
        text = say(language, "model_unknown", model=model, near=Markup(more))
        return (Say(facts.at_desk(text)),)
    if word in {"on", "off"}:
        return (SwitchModel(model, word == "on"),)
    if word:
        text = say(language, "model_word", word=word[:40], model=model)
        return (Say(facts.at_desk(text)),)
    if model:
        return (Say(_state(facts, model)),)
    listed = [
        say(language, "model_is_off", model=name, reason=_reason(reason, language))
        for name, reason in shop.withdrawn.items()
    ]
    usage = say(language, "model_usage", n=len(shop.offers))
    return (Say(facts.at_desk(Markup("".join([*listed[:MOST_LISTED], usage]).strip()))),)


def _state(facts: Facts, model: str) -> Screen:
    """Whether the model is on the menu, and the button that changes that."""
    language, reason = facts.language, facts.shop.withdrawn.get(model)
    spot = replace(facts.spot(), model=model)
    if reason is None:
        text, button = say(language, "model_is_on", model=model), button_off(spot)
    else:
        shown = _reason(reason, language)
        text = say(language, "model_is_off", model=model, reason=shown)
        button = button_on(spot)
    row = () if button is None else ((button,),)
    return Screen(text, (*row, *facts.places.keyboard("operators", facts.spot())))


def _reason(reason: str, language: str) -> str:
    return plain(language, "model_by_hand") if reason == BY_HAND else printable(reason)


def press_off(facts: Facts, press: Press) -> Effects:
    """The button under a notice about the model; the answer is a message of its own."""
    return _pressed(facts, press, on=False)


def press_on(facts: Facts, press: Press) -> Effects:
    return _pressed(facts, press, on=True)


def _pressed(facts: Facts, press: Press, *, on: bool) -> Effects:
    model = press.argument
    if model not in facts.shop.offers and model not in facts.shop.withdrawn:
        return (Toast(plain(facts.language, "toast_no_model"), alert=True),)
    return (SwitchModel(model, on),)


def button_off(spot: Spot) -> Button | None:
    return _button(spot, "model_off")


def button_on(spot: Spot) -> Button | None:
    return _button(spot, "model_on")


def _button(spot: Spot, action: str) -> Button | None:
    data = f"{action}||{spot.model}"
    if not spot.model or len(data.encode()) > MOST_BYTES:
        return None
    return Button(plain(spot.language, f"button_{action}"), encode(action, spot.model))


def switch(effect: SwitchModel, work: Work) -> Sequence[Delivery]:
    """Take a model off the menu or put it back; tell the operator the outcome."""
    tx, bot_id, facts = work.tx, work.installation.bot_id, work.facts
    if effect.on:
        done = availability.offer_again(tx, bot_id, effect.model) is not None
    else:
        done = availability.withdraw(tx, bot_id, effect.model, BY_HAND) is not None
    if done:
        state = ("off", "on") if effect.on else ("on", "off")
        work.acted("model", effect.model, before=state[0], after=state[1])
    word = "model_on" if effect.on else "model_off"
    text = say(facts.language, word if done else f"{word}_before", model=effect.model)
    return [work.told("answer", saying(facts.at_desk(text)))]
