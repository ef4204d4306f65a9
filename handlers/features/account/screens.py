"""Help and support."""

from handlers.dialogue.effects import Screen
from handlers.dialogue.facts import Facts
from handlers.features.account.words import say
from handlers.words.texts import Markup, escape


def help_screen(facts: Facts) -> Screen:
    """What the bot does and which commands there are."""
    language = facts.language
    support = say(language, "help_support") if facts.shop.support.shown else Markup("")
    return facts.sentence(say(language, "help", support=support))


def support_screen(facts: Facts) -> Screen:
    """Where users find a human, or that there is nobody to find."""
    language, support = facts.language, facts.shop.support
    if not support.shown:
        return facts.sentence(say(language, "support_hidden"))
    lines = [escape(support.text)] if support.text else []
    if support.contact:
        lines.append(say(language, "support_contact", contact=support.contact))
    return facts.sentence(say(language, "support", text=Markup("\n\n".join(lines))))
