"""Help and support."""

from handlers.dialogue.effects import Screen
from handlers.dialogue.facts import Facts
from handlers.features.account.words import say
from handlers.words.texts import Markup, escape


def help_screen(facts: Facts) -> Screen:
    """What the bot does, and all commands."""
    language = facts.language
    commands = "\n".join(
        say(language, "help_command", name=name, what=what)
        for name, what in facts.places.commands(facts.shop, language)
    )
    text = f"{say(language, 'help')}\n\n{commands}".rstrip()
    if facts.admin:
        own = "\n".join(
            say(language, "help_command", name=name, what=what)
            for name, what in facts.places.operator_commands(language)
        )
        text = f"{text}\n\n{say(language, 'help_operator', lines=Markup(own))}"
    return facts.sentence(Markup(text))


def support_screen(facts: Facts) -> Screen:
    """Where users find a human, or that there is nobody to find."""
    language, support = facts.language, facts.shop.support
    if not support.shown and facts.shop.admins:
        return facts.sentence(say(language, "support_title"))
    if not support.shown:
        return facts.sentence(say(language, "support_hidden"))
    lines = [escape(support.text)] if support.text else []
    if support.contact:
        lines.append(say(language, "support_contact", contact=support.contact))
    return facts.sentence(say(language, "support", text=Markup("\n\n".join(lines))))
