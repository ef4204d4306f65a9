"""``/model``: lists the models that are off the menu, and switches one."""

from handlers.dialogue.effects import Effects, Say
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command
from handlers.features.desk.effects import SwitchModel
from handlers.features.desk.words import say
from handlers.words.texts import Markup
from supervisor.values.foreign import printable

MOST_LISTED = 20  #: models that are off, in one message


def models(facts: Facts, command: Command) -> Effects:
    """``/model <id> on|off``; ``/model`` lists what is off, ``/model <id>`` tells its state."""
    language, shop = facts.language, facts.shop
    model, _, word = command.arguments.partition(" ")
    if model and model not in shop.offers and model not in shop.withdrawn:
        return (Say(facts.sentence(say(language, "model_unknown", model=model))),)
    if word in {"on", "off"}:
        return (SwitchModel(model, word == "on"),)
    listed = [
        say(language, "model_is_off", model=name, reason=printable(reason))
        for name, reason in shop.withdrawn.items()
        if model in {"", name}
    ]
    usage = say(language, "model_usage", n=len(shop.offers))
    return (Say(facts.sentence(Markup("".join([*listed[:MOST_LISTED], usage])))),)
