"""From a wish to a job: a wish is enough, everything else has a default and is a button.

The dialogue is generated from what a model asks for (``shop/offers.py``): what has no default is
asked, then the card shows what will be made and what it costs, with a chip for each answer;
another model is no new code.

Steps (``dialogues.step``)::

    idle     --words, a photo with words-->        confirm
    idle     --a task, a model, something open-->  ask
    idle     --search-->                           search
    search   --a model is chosen-->                ask, confirm
    ask      --answered, more to ask-->            ask
    ask      --answered, nothing left-->           confirm
    confirm  --a chip-->                           ask (stands on the card)
    confirm  --settings-->                         settings
    settings --a setting-->                        ask
    confirm  --create-->                           idle
    any      --menu, cancel-->                     idle

Every answer stays until there is another one: a question that was opened to change its answer
leads back to where it was opened from, and the menu leads back to the card. Lists of models
(``menus.py``) and pages of choices are only shown; they are no steps.

Each move raises the dialogue's version by one, and every button of a step carries the version
that it was shown under.

``rules.py`` reads commands and buttons, ``replies.py`` what is given as an answer, ``photos.py``
what a file leads to, ``wish_card.py`` what words and corrected ones do, ``message_changes.py``
another file in a message and words that came in parts, ``steps.py`` leads on, ``asking.py`` and
``screens.py`` show, ``order.py`` makes the job, or leads to another model.
"""

from collections.abc import Sequence

import sql
from handlers.dialogue.buttons import MENU, NEW, encode
from handlers.dialogue.effects import Button
from handlers.dialogue.facts import IDLE
from handlers.dialogue.incoming import Edited, Incoming, Text
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Answer, Feature, Reading, Step, always
from handlers.features.making import (
    dialogue_state,
    job_effects,
    message_changes,
    order,
    replies,
    rules,
)
from handlers.features.making.dialogue_state import ASK, CONFIRM, SEARCH, SETTINGS
from handlers.features.making.job_effects import Answered, CancelJob, StartJob
from handlers.features.making.words import WORDS, plain
from handlers.words import intents

_SQL = sql.load("making")


def recent_models(reading: Reading) -> Sequence[str]:
    """The models of the user's latest jobs, the last one first."""
    return [row["model"] for row in reading.tx.all(_SQL["recent_models"], reading.named)]


def _may_spend(incoming: Incoming) -> bool:
    """A text that means "Create" where a card is open."""
    return isinstance(incoming, Text) and intents.intent(incoming.text) == intents.YES


def _stop(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_stop"), encode(dialogue_state.STOP, spot.job_id))


def _new(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_new"), encode(NEW))


def _menu(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_menu"), encode(MENU))


def _go_on(spot: Spot) -> Button | None:
    if not spot.kept:
        return None
    return Button(plain(spot.language, "button_go_on"), encode(dialogue_state.RESUME))


_HOME = {"new": _new, "menu": _menu}
_BACK = Answer(rule=rules.press_back)
_CANCEL = Answer(rule=rules.press_cancel)
_CHANGE = Answer(rule=rules.press_change)
_CREATE = Answer(rule=rules.press_create, spends=True, stale=order.pressed_twice)
_FREE = Answer(rule=order.press_free)
_TEXT, _MEDIA = Answer(rule=replies.text), Answer(rule=message_changes.sent)
#: What stands in the first and last row of the card, in all of its steps.
_CARD = {
    dialogue_state.CREATE: _CREATE,
    dialogue_state.FREE: _FREE,
    dialogue_state.CHANGE: _CHANGE,
    dialogue_state.BACK: _BACK,
    dialogue_state.CANCEL: _CANCEL,
}

FEATURE = Feature(
    name="making",
    words=WORDS,
    commands={
        "start": Answer(rule=rules.start),
        "menu": Answer(rule=rules.start),
        "new": Answer(rule=rules.start),
        "image": Answer(rule=rules.draw, load=recent_models),
        "imagine": Answer(rule=rules.draw, load=recent_models),
        "video": Answer(rule=rules.film, load=recent_models),
        "photo": Answer(rule=rules.photo, load=recent_models),
        "models": Answer(rule=rules.models),
        "search": Answer(rule=rules.search),
        "cancel": Answer(rule=rules.cancel),
    },
    buttons={
        MENU: Answer(rule=rules.press_menu),
        NEW: Answer(rule=rules.press_menu),
        dialogue_state.TASK: Answer(rule=rules.press_task, load=recent_models),
        dialogue_state.FIND: Answer(rule=rules.press_search),
        dialogue_state.MODEL: Answer(rule=rules.press_model),
        dialogue_state.MODELS: Answer(rule=rules.press_models),
        dialogue_state.CATEGORY: Answer(rule=rules.press_category),
        dialogue_state.ABLE: Answer(rule=rules.press_able),
        dialogue_state.RESUME: Answer(rule=rules.press_resume),
        dialogue_state.FORGET: Answer(rule=rules.press_forget),
        dialogue_state.STOP: Answer(rule=rules.press_stop),
    },
    steps={
        IDLE: Step(
            show=rules.show_menu,
            buttons={dialogue_state.CANCEL: _CANCEL},
            text=_TEXT,
            media=_MEDIA,
            kept=dialogue_state.kept,
            waits=dialogue_state.waits,
        ),
        SEARCH: Step(
            show=rules.show_search,
            buttons={
                dialogue_state.FOUND: Answer(rule=rules.press_found),
                dialogue_state.DRAW: Answer(rule=rules.press_draw),
                dialogue_state.BACK: _BACK,
                dialogue_state.CANCEL: _CANCEL,
            },
            text=_TEXT,
            media=_MEDIA,
            kept=dialogue_state.kept,
        ),
        ASK: Step(
            show=rules.show_question,
            buttons={
                **_CARD,
                dialogue_state.PICK: Answer(rule=rules.press_pick),
                dialogue_state.PAGE: Answer(rule=rules.press_page),
                dialogue_state.KEEP: Answer(rule=rules.press_keep),
                dialogue_state.DONE: Answer(rule=rules.press_keep),
                dialogue_state.CLEAR: Answer(rule=rules.press_clear),
            },
            text=_TEXT,
            media=_MEDIA,
            kept=dialogue_state.kept,
        ),
        CONFIRM: Step(
            show=rules.show_confirmation,
            buttons={
                **_CARD,
                dialogue_state.OTHER: Answer(rule=order.press_other),
                dialogue_state.SEVERAL: Answer(rule=order.press_several),
                dialogue_state.SET: Answer(rule=rules.press_settings),
                dialogue_state.UNDO: Answer(rule=rules.press_undo),
                dialogue_state.BACK: Answer(rule=rules.press_card),
            },
            text=_TEXT,
            media=_MEDIA,
            kept=dialogue_state.kept,
        ),
        SETTINGS: Step(
            show=rules.show_settings,
            buttons=_CARD,
            text=_TEXT,
            media=_MEDIA,
            kept=dialogue_state.kept,
        ),
    },
    links={dialogue_state.LINK: Answer(rule=rules.link_model)},
    spends=_may_spend,
    compose=order.compose,
    kinds={Edited: Answer(rule=message_changes.edited, load=recent_models)},
    effects={
        StartJob: job_effects.start,
        Answered: job_effects.answered,
        CancelJob: job_effects.cancel,
    },
    places={
        "home": {"menu": _menu},
        "failure": {"menu": _menu},
        "waiting": {"stop": _stop},
        "balance": {"menu": _menu},
        "presets": {"menu": _menu},
        "paid": {"menu": _menu},
        "booked": {"go_on": _go_on},
    },
    listed=dict.fromkeys(
        ("start", "image", "video", "photo", "models", "search", "cancel"), always
    ),
)
