"""From a wish to a job: choose a model, answer what it asks for, confirm, order.

The dialogue is generated from what a model asks for (``shop/offers.py``): its required
inputs in order, then a confirmation, with the others behind the button for settings; another
model is no new code.

Steps (``dialogues.step``)::

    idle     --a model is chosen-->       ask
    idle     --search-->                  search
    search   --a model is chosen-->       ask
    ask      --answered, more to ask-->   ask
    ask      --answered, nothing left-->  confirm
    confirm  --change-->                  ask
    confirm  --settings-->                settings
    settings --change-->                  ask
    settings --back-->                    confirm
    confirm  --create-->                  idle
    any      --menu, cancel-->            idle

``back`` leads to the step before, and every answer stays until there is another one: a
question that was opened to change its answer leads back to where it was opened from. Lists
of models (``menus.py``) and pages of choices are only shown; they are no steps.

Each move raises the dialogue's version by one, and every button of a step carries the version
that it was shown under. A quiet move does not: the pictures of an album come as many updates,
the first is answered, and the button under that answer stays right for all.

``rules.py`` reads commands and buttons, ``replies.py`` what is given as an answer, ``steps.py``
leads on, ``asking.py`` and ``screens.py`` show, ``order.py`` makes the job.
"""

from handlers.dialogue.buttons import MENU, NEW, encode
from handlers.dialogue.effects import Button
from handlers.dialogue.facts import IDLE
from handlers.dialogue.incoming import Edited
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Answer, Feature, Step, always
from handlers.features.making import (
    actions,
    dialogue_state,
    drafts,
    job_effects,
    order,
    replies,
    rules,
)
from handlers.features.making.job_effects import CancelJob, StartJob
from handlers.features.making.names import ASK, CONFIRM, SEARCH, SETTINGS
from handlers.features.making.words import WORDS, plain


def _stop(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_stop"), encode(actions.STOP, spot.job_id))


def _new(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_new"), encode(NEW))


def _menu(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_menu"), encode(MENU))


_HOME = {"new": _new, "menu": _menu}
_BACK = Answer(rule=rules.press_back)
_CANCEL = Answer(rule=rules.press_cancel)
_CHANGE = Answer(rule=rules.press_change)

FEATURE = Feature(
    name="making",
    words=WORDS,
    commands={
        "start": Answer(rule=rules.start),
        "menu": Answer(rule=rules.start),
        "new": Answer(rule=rules.new),
        "search": Answer(rule=rules.search),
        "cancel": Answer(rule=rules.cancel),
    },
    buttons={
        MENU: Answer(rule=rules.press_menu),
        NEW: Answer(rule=rules.press_new),
        actions.SEARCH: Answer(rule=rules.press_search),
        actions.MODEL: Answer(rule=rules.press_model),
        actions.CATEGORY: Answer(rule=rules.press_category),
        actions.STOP: Answer(rule=rules.press_stop),
    },
    steps={
        IDLE: Step(
            show=rules.show_menu,
            buttons={actions.CANCEL: _CANCEL},
            text=Answer(rule=replies.text),
            media=Answer(rule=replies.media),
            kept=dialogue_state.kept,
        ),
        SEARCH: Step(
            show=rules.show_search,
            buttons={actions.BACK: _BACK, actions.CANCEL: _CANCEL},
            text=Answer(rule=replies.text),
            media=Answer(rule=replies.media),
            kept=dialogue_state.kept,
        ),
        ASK: Step(
            show=rules.show_question,
            buttons={
                actions.PICK: Answer(rule=rules.press_pick),
                actions.PAGE: Answer(rule=rules.press_page),
                actions.KEEP: Answer(rule=rules.press_keep),
                actions.DONE: Answer(rule=rules.press_keep),
                actions.CLEAR: Answer(rule=rules.press_clear),
                actions.BACK: _BACK,
                actions.CANCEL: _CANCEL,
            },
            text=Answer(rule=replies.text),
            media=Answer(rule=replies.media),
            kept=dialogue_state.kept,
        ),
        CONFIRM: Step(
            show=rules.show_confirmation,
            buttons={
                actions.CREATE: Answer(
                    rule=rules.press_create, spends=True, stale=order.pressed_twice
                ),
                actions.CHANGE: _CHANGE,
                actions.OTHER: Answer(rule=rules.press_other),
                actions.SETTINGS: Answer(rule=rules.press_settings),
                actions.BACK: _BACK,
                actions.CANCEL: _CANCEL,
            },
            text=Answer(rule=replies.text),
            media=Answer(rule=replies.media),
            kept=dialogue_state.kept,
        ),
        SETTINGS: Step(
            show=rules.show_settings,
            buttons={actions.CHANGE: _CHANGE, actions.BACK: _BACK, actions.CANCEL: _CANCEL},
            text=Answer(rule=replies.text),
            media=Answer(rule=replies.media),
            kept=dialogue_state.kept,
        ),
    },
    links={actions.LINK: Answer(rule=rules.link_model)},
    compose=order.compose,
    kinds={Edited: Answer(rule=drafts.edited)},
    effects={StartJob: job_effects.start, CancelJob: job_effects.cancel},
    places={
        "home": _HOME,
        "failure": {"menu": _menu},
        "waiting": {"stop": _stop},
        "balance": {"menu": _menu},
        "effects": {"menu": _menu},
        "paid": {"menu": _menu},
    },
    listed=dict.fromkeys(("start", "new", "search", "cancel"), always),
)
