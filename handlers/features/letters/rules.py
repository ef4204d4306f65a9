"""An operator writes to a user: the button, the step, the message."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import saying
from handlers.dialogue import before
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Again, Button, Effect, Effects, Say, Screen, Toast, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Text
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Reading, Work
from handlers.features.letters.words import plain, say
from handlers.words.texts import Markup, escape, language_of, units
from kie.money import payments
from supervisor.database.transactions import Row

WRITING = "letter"
MOST_UNITS = 3900  #: UTF-16 units of a letter; Telegram takes 4096 with what stands around it


@dataclass(frozen=True, slots=True)
class Write(Effect):
    """An operator's words go to the user; once per update."""

    user_id: int
    words: str
    name: str = ""  #: of the user, as the operator was shown it


def person(reading: Reading) -> Row | None:
    """The user whom the button names."""
    number = reading.press.number if reading.press is not None else None
    if number is None:
        return None
    return payments.person(reading.tx, reading.installation.bot_id, number)


def press(facts: Facts, _press: Press, found: Row | None) -> Effects:
    """Write to whom?"""
    language = facts.language
    if found is None:
        return (Toast(plain(language, "letter_nobody"), alert=True),)
    name = f"@{found['username']}" if found["username"] else found["first_name"]
    to = {"user": found["user_id"], "name": str(name or found["user_id"])}
    screen = _screen(to["name"], language, facts.dialogue.version + 1)
    return (before.enter(facts, WRITING, to), Say(screen))


def written(facts: Facts, text: Text) -> Effects:
    """The words go to the user, and the dialogue is where it was."""
    length = units(text.text)
    if length > MOST_UNITS:
        return (Again(say(facts.language, "letter_long", n=length, most=MOST_UNITS)),)
    answers = facts.dialogue.answers
    return (Write(int(answers["user"]), text.text, str(answers["name"])), before.back(facts))


def wants_words(facts: Facts, _content: object) -> Effects:
    return (Again(say(facts.language, "letter_words")),)


def left(facts: Facts, press: Press) -> Effects:
    said = facts.at_desk(say(facts.language, "letter_left"))
    return (before.back(facts), present(said, press.at))


def show(facts: Facts, language: str, lead: Markup | None) -> Screen:
    screen = _screen(str(facts.dialogue.answers.get("name", "")), language, facts.dialogue.version)
    return screen if lead is None else Screen(Markup(f"{lead}\n\n{screen.text}"), screen.keyboard)


def _screen(name: str, language: str, version: int) -> Screen:
    leave = Button(plain(language, "button_letter_leave"), encode("letter_leave", version=version))
    return Screen(say(language, "letter_to", name=name), ((leave,),))


def write(effect: Write, work: Work) -> Sequence[Delivery]:
    """In the user's own language, to the private chat. The operator hears whether it can arrive."""
    found, facts = payments.person(work.tx, work.installation.bot_id, effect.user_id), work.facts

    def told(key: str) -> Delivery:
        screen = facts.at_desk(say(facts.language, key, name=effect.name))
        return work.told("answer", saying(screen))

    if found is None:
        return [told("letter_nobody")]
    work.acted("answer", effect.user_id, user_id=effect.user_id)
    language = language_of(found["language"], found["last_language_code"])
    text = say(language, "letter", words=Markup(escape(effect.words)))
    letter = Delivery(effect.user_id, "result", saying(Screen(text)), f"{work.key}:user")
    return [letter, told("letter_sent" if found["reachable"] else "letter_waits")]


def answer_button(spot: Spot) -> Button:
    """Under a question."""
    return Button(plain(spot.language, "button_answer"), encode("letter", spot.user_id))


def write_button(spot: Spot) -> Button:
    """On a user's card."""
    return Button(plain(spot.language, "button_write"), encode("letter", spot.user_id))
