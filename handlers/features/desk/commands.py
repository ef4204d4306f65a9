"""What operators write: moving credits, switching models."""

import re

from handlers.dialogue.effects import Effects, Say
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command
from handlers.features.desk.effects import Book, SwitchModel
from handlers.features.desk.words import say
from handlers.words.texts import Markup
from supervisor.values import telegram_id

NOTE_LENGTH = 200  #: characters of a note that are kept
#: More than anybody pays at once: a typo, most likely.
MOST_CREDITS = 1_000_000
MOST_LISTED = 20  #: models that are off, in one message

_BOOKING = re.compile(r"([0-9]{1,16})\s+([+-]?[0-9]{1,9})(?:\s+(.+))?", re.DOTALL)
_REFUND = re.compile(r"([0-9]{1,18})(?:\s+(.+))?", re.DOTALL)


def top_up(facts: Facts, command: Command) -> Effects | None:
    """``/topup <user> <credits>``; without arguments it is everybody's command."""
    return book(facts, command) if command.arguments else None


def book(facts: Facts, command: Command) -> Effects:
    """``/topup <user> <credits>``, ``/grant <user> <credits> [note]``, ``/refund <job> [note]``.

    A grant may be negative: it takes back what was booked by mistake.
    """
    if command.name == "refund":
        found = _REFUND.fullmatch(command.arguments)
        if found is not None:
            return (Book("refund", int(found[1]), note=_note(found[2])),)
        return _usage(facts)
    found = _BOOKING.fullmatch(command.arguments)
    if found is None:
        return _usage(facts)
    user_id, amount = int(found[1]), int(found[2])
    least = 1 if command.name == "topup" else -MOST_CREDITS
    if not telegram_id.is_user(user_id) or not least <= amount <= MOST_CREDITS or amount == 0:
        return _usage(facts)
    return (Book(command.name, user_id, amount, _note(found[3])),)


def models(facts: Facts, command: Command) -> Effects:
    """``/model <id> on|off``; ``/model`` lists what is off, ``/model <id>`` says how it stands."""
    language, shop = facts.language, facts.shop
    model, _, word = command.arguments.partition(" ")
    if model and model not in shop.offers and model not in shop.withdrawn:
        return (Say(facts.sentence(say(language, "model_unknown", model=model))),)
    if word in {"on", "off"}:
        return (SwitchModel(model, word == "on"),)
    listed = [
        say(language, "model_is_off", model=name, reason=reason)
        for name, reason in shop.withdrawn.items()
        if model in {"", name}
    ]
    usage = say(language, "model_usage", n=len(shop.offers))
    return (Say(facts.sentence(Markup("".join([*listed[:MOST_LISTED], usage])))),)


def _note(text: str | None) -> str | None:
    return text.strip()[:NOTE_LENGTH] if text else None


def _usage(facts: Facts) -> Effects:
    text = say(facts.language, "booking_usage", most=MOST_CREDITS)
    return (Say(facts.sentence(text)),)
