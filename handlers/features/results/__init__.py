"""Results: the news of jobs, the form in which a result is shown, what it leads on to, the works.

``news.py`` is what ``kie/`` tells its news to; it writes them in the transaction that makes
them true. ``forms.py`` says how a result is shown, ``captions.py`` and ``failures.py`` what is said
with it. ``result_buttons.py`` are the buttons under a result, ``onward.py`` and ``keeping.py`` what
they lead to: the next order with what is there already, or the result kept; ``following.py`` what
kie.ai itself goes on with. Orders are taken by another feature (``Compose``).
``progress_service.py`` and ``chat_actions.py`` tell that a task goes
on, ``gallery.py`` shows earlier results.
"""

from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Answer, Feature, always
from handlers.features.results import following, gallery, keeping, onward, result_buttons
from handlers.features.results.keeping import Star, Tell
from handlers.features.results.made import pressed
from handlers.features.results.onward import ShowButtons
from handlers.features.results.progress_service import ProgressService
from handlers.features.results.words import WORDS, plain


def _again(spot: Spot) -> Button:
    return result_buttons.again(spot.job_id, None, spot.language)


def _works(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_works"), encode("history"))


FEATURE = Feature(
    name="results",
    words=WORDS,
    commands={"history": Answer(rule=gallery.ask, load=gallery.newest)},
    buttons={
        result_buttons.AGAIN: Answer(rule=onward.again, load=pressed, spends=True),
        result_buttons.FORMAT: Answer(rule=onward.another_format, load=pressed),
        result_buttons.WORDS: Answer(rule=onward.other_words, load=pressed),
        result_buttons.OTHER: Answer(rule=onward.other_model, load=pressed),
        result_buttons.DO: Answer(rule=onward.act, load=pressed),
        following.FOLLOW: Answer(rule=following.follow, load=following.earlier),
        result_buttons.BACK: Answer(rule=onward.buttons_again, load=pressed),
        result_buttons.STAR: Answer(rule=keeping.star, load=pressed),
        result_buttons.ORIGINAL: Answer(rule=keeping.original, load=pressed),
        result_buttons.PROMPT: Answer(rule=keeping.prompt, load=pressed),
        gallery.WORKS: Answer(rule=gallery.turn, load=gallery.turned),
        "history": Answer(rule=gallery.open_works, load=gallery.newest),
    },
    effects={
        ShowButtons: keeping.show_buttons,
        Star: keeping.put_star,
        Tell: keeping.tell,
    },
    places={"failure": {"again": _again}, "balance": {"works": _works}, "menu": {"works": _works}},
    listed={"history": always},
    services=lambda parts: (parts.thread("progress", ProgressService(parts).run),),
)
