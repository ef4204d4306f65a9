"""Results: the news of jobs, the form in which a result is shown, and the latest once more.

``news.py`` is what ``kie/`` tells its news to; it writes them in the transaction that makes
them true. ``forms.py`` says how a result is shown. Which buttons stand under a result, other
features declare for the places ``result`` and ``failure``.
"""

from handlers.dispatch.feature import Answer, Feature, always
from handlers.features.results import history
from handlers.features.results.history import ShowHistory
from handlers.features.results.words import WORDS

FEATURE = Feature(
    name="results",
    words=WORDS,
    commands={"history": Answer(rule=history.ask)},
    effects={ShowHistory: history.latest},
    listed={"history": always},
)
