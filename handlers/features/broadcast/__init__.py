"""Broadcasts: an operator writes to many users; all other messages go first.

``message.py`` reads the message and shows it to a receiver, ``composing.py`` is the draft and its
questions, ``sending.py`` what operators and receivers press later, ``service.py`` sends it while
this instance is ACTIVE. Messages go through the outbox as ``news``, its last kind.
"""

from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Answer, Feature, Step
from handlers.features.broadcast import composing, sending, service
from handlers.features.broadcast.words import WORDS, plain


def _button(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_broadcast"), encode("broadcast"))


_BACK = Answer(rule=composing.back, load=composing.draft, operators=True)
_ASKED = {
    "news_without": Answer(rule=composing.without, load=composing.draft, operators=True),
    "news_back": _BACK,
}
_TYPED = Answer(rule=composing.typed, load=composing.draft, operators=True)
_WRITTEN = Answer(rule=composing.written, load=composing.draft, operators=True, foreign=True)
_CONTROL = Answer(rule=sending.control, load=sending.named, operators=True)

FEATURE = Feature(
    name="broadcast",
    words=WORDS,
    operator_commands={
        "broadcast": Answer(rule=composing.ask, load=composing.overview, operators=True)
    },
    buttons={
        "broadcast": Answer(rule=composing.press, load=composing.overview, operators=True),
        "news_write": Answer(rule=composing.write, load=composing.draft, operators=True),
        "news_pause": _CONTROL,
        "news_resume": _CONTROL,
        "news_stop": Answer(rule=sending.ask_stop, load=sending.named, operators=True),
        "news_stop_sure": _CONTROL,
        "news_off": Answer(rule=sending.mute),
        "news_on": Answer(rule=sending.mute),
    },
    steps={
        composing.WRITE: Step(
            brief=True,
            show=composing.show_writing,
            text=_WRITTEN,
            media=_WRITTEN,
            other=Answer(rule=composing.no_message, operators=True),
        ),
        composing.CARD: Step(
            show=composing.show,
            text=_WRITTEN,
            media=_WRITTEN,
            buttons={
                "news_to": Answer(rule=composing.to, load=composing.draft, operators=True),
                "news_link": Answer(rule=composing.link, operators=True),
                "news_bonus": Answer(rule=composing.bonus, operators=True),
                "news_send": Answer(rule=composing.send, load=composing.draft, operators=True),
                "news_rewrite": Answer(rule=composing.rewrite, operators=True),
                "news_discard": Answer(rule=composing.discard, operators=True),
            },
        ),
        composing.LINK: Step(show=composing.show, buttons=_ASKED, text=_TYPED),
        composing.BONUS: Step(show=composing.show, buttons=_ASKED, text=_TYPED),
        composing.SURE: Step(
            show=composing.show,
            text=Answer(rule=composing.words, operators=True),
            buttons={
                "news_start": Answer(rule=composing.start, load=composing.draft, operators=True),
                "news_back": _BACK,
            },
        ),
    },
    effects={
        composing.ChangeDraft: sending.change_draft,
        composing.Discard: sending.discard,
        composing.Start: sending.start,
        sending.Control: sending.carry_control,
        sending.SetNews: sending.set_news,
    },
    places={"admin": {"broadcast": _button}},
    operator_listed=("broadcast",),
    services=service.services,
    counters={
        "started": "Broadcasts that operators started",
        "muted": "Users who wanted no more news",
    },
)
