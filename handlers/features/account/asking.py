"""A text after /support goes to the operators, who answer through the bot."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.delivery.outbox import Delivery
from handlers.dialogue import before
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Again, Button, Effect, Effects, Say, Screen, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command, Text
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import MOST_QUESTIONS, Work
from handlers.features.account import screens
from handlers.features.account.words import plain, say
from handlers.words.texts import Markup, quoted
from kie.money import payments

SUPPORT = "support"  #: the step
WORDS_SHOWN = 3000  #: UTF-16 units of a user's words to an operator


@dataclass(frozen=True, slots=True)
class AskSupport(Effect):
    """A user's words go to the operators."""

    words: str


def ask(facts: Facts, command: Command, enough: bool | None) -> Effects:
    """``/support``; with words they go at once."""
    if command.arguments and facts.shop.admins and enough:
        return (Say(facts.sentence(say(facts.language, "asked_enough", n=MOST_QUESTIONS))),)
    if command.arguments and facts.shop.admins:
        sent = facts.sentence(say(facts.language, "support_sent"))
        return (AskSupport(command.arguments), Say(sent, stays=True))
    return _asked(facts, None)


def press(facts: Facts, press: Press) -> Effects:
    """The same in place of the message with the button."""
    return _asked(facts, press.at)


def _asked(facts: Facts, at: int | None) -> Effects:
    screen = screens.support_screen(facts)
    if not facts.shop.admins:
        return (present(screen, at),)
    move = before.enter(facts, SUPPORT, {})
    shown = _with_hint(screen, facts.language, facts.dialogue.version + 1)
    return (move, present(shown, at))


def asked(facts: Facts, text: Text, enough: bool | None) -> Effects:
    """The words go to the operators, and the dialogue is where it was."""
    if enough:
        return before.back_with(facts, say(facts.language, "asked_enough", n=MOST_QUESTIONS))
    sent = say(facts.language, "support_sent")
    return (AskSupport(text.text), *before.back_with(facts, sent))


def wants_words(facts: Facts, _content: object) -> Effects:
    return (Again(say(facts.language, "support_words")),)


def left(facts: Facts, press: Press) -> Effects:
    return before.back_with(facts, say(facts.language, "support_left"), press.at)


def show(facts: Facts, language: str, lead: Markup | None) -> Screen:
    screen = _with_hint(screens.support_screen(facts), language, facts.dialogue.version)
    return screen if lead is None else Screen(lead, screen.keyboard)


def _with_hint(screen: Screen, language: str, version: int) -> Screen:
    leave = Button(
        plain(language, "button_support_leave"), encode("support_leave", version=version)
    )
    return Screen(Markup(f"{screen.text}\n\n{say(language, 'support_hint')}"), ((leave,),))


def tell(effect: AskSupport, work: Work) -> Sequence[Delivery]:
    """To each operator, with what can be done."""
    bot_id, user_id = work.installation.bot_id, work.facts.incoming.sender.user_id
    asking = payments.person(work.tx, bot_id, user_id)
    if asking is None:
        return []
    name = f"@{asking['username']}" if asking["username"] else asking["first_name"]

    def shown(language: str) -> Screen:
        text = say(
            language,
            "support_asked",
            name=str(name or user_id),
            user=str(user_id),
            balance=asking["balance"],
            words=quoted(effect.words, WORDS_SHOWN),
        )
        spot = Spot(language, work.facts.shop, user_id=user_id)
        return Screen(text, work.places.keyboard("asked", spot))

    work.ask_operators(shown)
    return []
