"""Sharing: a user's own finished works in any chat, by an inline query.

The answer holds files that Telegram has already, by their ids. Nothing is made, fetched or charged
for it, and each user sees only what is theirs.
"""

from collections.abc import Sequence

from handlers.delivery.outbox import Delivery
from handlers.dialogue.incoming import InlineQuery
from handlers.dispatch.feature import Answer, Feature, Work
from handlers.features.sharing import rules, works
from handlers.features.sharing.rules import AnswerQuery
from handlers.features.sharing.words import WORDS


def _answer(effect: AnswerQuery, work: Work) -> Sequence[Delivery]:
    return [work.told("toast", effect.payload)]


FEATURE = Feature(
    name="sharing",
    words=WORDS,
    kinds={InlineQuery: Answer(rule=rules.answer, load=works.page_of_user)},
    effects={AnswerQuery: _answer},
)
