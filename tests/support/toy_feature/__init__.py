"""Notes: a feature as small as one can be, to show what a capability needs to know of others.

Nothing outside this folder knows it. It has a command, a step, buttons, an effect, sentences in
both languages and a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import saying
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Button, Effect, Effects, Home, Move, Say, Screen, present
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Command, Text
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Answer, Feature, Reading, Step, Work, always
from handlers.words.texts import SHARED, Markup, Words
from tests.support.toy_feature.texts_en import EN
from tests.support.toy_feature.texts_ru import RU

WORDS = Words({"en": EN, "ru": RU}, SHARED)
TABLE = (
    "CREATE TABLE toy_notes (seq bigint GENERATED ALWAYS AS IDENTITY, user_id bigint, words text)"
)
_KEEP = "INSERT INTO toy_notes (user_id, words) VALUES (%(user_id)s, %(words)s)"
_MINE = "SELECT words FROM toy_notes WHERE user_id = %(user_id)s ORDER BY seq"


@dataclass(frozen=True, slots=True)
class KeepNote(Effect):
    """The words of a note."""

    words: str


def _asked(facts: Facts, language: str, lead: Markup | None) -> Screen:
    text = WORDS.say(language, "ask_note")
    leave = encode("note_leave", version=facts.dialogue.version)
    button = Button(WORDS.plain(language, "button_leave"), leave)
    return Screen(Markup(f"{lead}\n\n{text}") if lead else text, ((button,),))


def _begin(facts: Facts, _command: Command) -> Effects:
    text = WORDS.say(facts.language, "ask_note")
    leave = encode("note_leave", version=facts.dialogue.version + 1)
    button = Button(WORDS.plain(facts.language, "button_leave"), leave)
    return (Move("note"), Say(Screen(text, ((button,),))))


def _written(_facts: Facts, text: Text) -> Effects:
    return (KeepNote(text.text), Move(IDLE))


def _left(_facts: Facts, press: Press) -> Effects:
    return (Home(at=press.at),)


def _listed(facts: Facts, press: Press, notes: Sequence[str]) -> Effects:
    words = ", ".join(notes)
    return (present(facts.sentence(WORDS.say(facts.language, "listed", words=words)), press.at),)


def my_notes(reading: Reading) -> Sequence[str]:
    """Read only when the button is pressed."""
    return [row["words"] for row in reading.tx.all(_MINE, reading.named)]


def _keep(effect: KeepNote, work: Work) -> Sequence[Delivery]:
    user_id = work.facts.incoming.sender.user_id
    work.tx.run(_KEEP, {"user_id": user_id, "words": effect.words})
    count = len(work.tx.all(_MINE, {"user_id": user_id}))
    work.count("notes", "kept")
    text = WORDS.say(work.facts.language, "kept", n=count)
    return [work.told("answer", saying(work.facts.sentence(text)))]


def _button(spot: Spot) -> Button:
    return Button(WORDS.plain(spot.language, "button_notes"), encode("notes"))


FEATURE = Feature(
    name="notes",
    words=WORDS,
    commands={"note": Answer(rule=_begin)},
    buttons={"notes": Answer(rule=_listed, load=my_notes)},
    steps={
        "note": Step(
            show=_asked,
            buttons={"note_leave": Answer(rule=_left)},
            text=Answer(rule=_written),
        )
    },
    effects={KeepNote: _keep},
    places={"menu": {"notes": _button}},
    listed={"note": always},
    counters={"kept": "Notes that were kept"},
)
