"""What the buttons under a result lead to: the next order, with what is there already."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Compose, Effect, Effects, Keyboard, Toast
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Pressed
from handlers.features.results import result_buttons
from handlers.features.results.made import Made
from handlers.features.results.result_buttons import Subject
from handlers.features.results.words import plain
from handlers.shop import wishes
from handlers.shop.offers import Offer, as_ordered
from kie.catalogue.file_actions import ACTIONS
from supervisor.values.foreign import whole_text

SEED = "seed"
MOST_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True)
class ShowButtons(Effect):
    """The message keeps its content and gets other buttons."""

    message_id: int
    keyboard: Keyboard


def again(facts: Facts, press: Press, made: Made | None) -> Effects:
    """The same once more, with another seed: at once if the button said the price."""
    offer, made = _ordered(facts, made)
    if made is None or offer is None:
        return _gone(facts, made)
    if made.repeated:
        return (Toast(plain(facts.language, "toast_already")),)
    inputs = {**made.inputs, **_another_seed(facts, offer, made.inputs)}
    price = digits(press.argument.partition(":")[2])
    return (Compose(made.model, inputs, source=made.source, repeats=made.job_id, price=price),)


def another_format(facts: Facts, _press: Press, made: Made | None) -> Effects:
    """The same in another shape."""
    offer, made = _ordered(facts, made)
    asked = wishes.format_input(offer) if offer is not None else None
    if made is None or asked is None:
        return _gone(facts, made)
    return (Compose(made.model, made.inputs, asked.name, source=made.source),)


def other_words(facts: Facts, _press: Press, made: Made | None) -> Effects:
    """The same with another description."""
    offer, made = _ordered(facts, made)
    if made is None or offer is None or offer.prompt is None:
        return _gone(facts, made)
    return (Compose(made.model, made.inputs, offer.prompt.name),)


def other_model(facts: Facts, _press: Press, made: Made | None) -> Effects:
    """The same by another model."""
    _, made = _ordered(facts, made)
    if made is None:
        return _gone(facts, made)
    return (Compose(made.model, made.inputs, other=True, source=made.source),)


def act(facts: Facts, press: Press, made: Made | None) -> Effects:
    """Something is done to one of the files: ``job:action`` or ``job:action:number``."""
    _, action, number = (*press.argument.split(":"), "", "")[:3]
    files = made.files if made is not None else ()
    if made is None or action not in ACTIONS or not files:
        return _gone(facts, made)
    if len(files) > 1 and not number:
        return _ask_which(facts, press, made, action)
    at = (digits(number) or 1) - 1
    file = files[at] if at < len(files) else files[0]
    able = result_buttons.able_to(action, file.kind, made.model, facts.shop)
    if not able:
        return _gone(facts, made)
    words = facts.shop.default_words(action, facts.language)
    inputs = wishes.inputs_for(able[0], words, [file])
    order = Compose(able[0].model, inputs, source=made.source)
    return (order, *restored(facts, press, made)) if number else (order,)


def buttons_again(facts: Facts, press: Press, made: Made | None) -> Effects:
    """The buttons of the result in place of its numbers."""
    return _gone(facts, made) if made is None else restored(facts, press, made)


def subject(made: Made) -> Subject:
    """What its buttons are about."""
    kinds = [file.kind for file in made.files]
    return Subject(made.job_id, made.model, made.inputs, kinds, made.starred)


# ---------------------------------------------------------------- internal --


def _ordered(facts: Facts, made: Made | None) -> tuple[Offer | None, Made | None]:
    """The job as its user ordered it: by a preset with the user's own words, where it was one."""
    if made is None:
        return None, None
    offer, answers = as_ordered(facts.shop.offers, made.model, made.inputs)
    return offer, made if offer is None else replace(made, model=offer.model, inputs=answers)


def _ask_which(facts: Facts, press: Press, made: Made, action: str) -> Effects:
    toast = Toast(plain(facts.language, "toast_which"))
    if press.under is None:
        return (toast,)
    shown = result_buttons.which(action, made.job_id, len(made.files), facts.language)
    return (toast, ShowButtons(press.under, shown))


def restored(facts: Facts, press: Press, made: Made) -> Effects:
    """The buttons of the result under the message with the button."""
    if press.under is None:
        return (Toast(),)
    shown = result_buttons.keyboard(subject(made), facts.shop, facts.account, facts.language)
    return (ShowButtons(press.under, shown),)


def _gone(facts: Facts, made: Made | None) -> Effects:
    """Nothing can be done with it any more, and why."""
    key = "toast_past_gone" if made is None else "toast_model_gone"
    return (Toast(plain(facts.language, key), alert=True),)


def _another_seed(facts: Facts, offer: Offer, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Another seed where one was given; it follows from the press, so that a repetition of the
    update asks for the same."""
    asked = offer.input(SEED)
    if asked is None or SEED not in inputs or not isinstance(facts.incoming, Pressed):
        return {}
    low, high = int(asked.min or 0), int(asked.max or MOST_SEED)
    digest = hashlib.sha256(facts.incoming.query_id.encode()).digest()
    return {SEED: low + int.from_bytes(digest[:8], "big") % (high - low + 1)}


def digits(written: str) -> int | None:
    """A small number in the data of a button; None: there is none."""
    return whole_text(written, 0, MOST_SEED)
