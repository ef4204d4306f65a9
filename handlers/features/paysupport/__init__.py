"""Help with payments in Stars: questions of users, answers and refunds of operators.

Telegram's terms want ``/paysupport`` and ``/terms`` of every bot that sells. A refund is a whole
payment, since the Bot API knows no parts. It takes two presses of an operator; whoever is none is
refused by number at each press. Its credits leave the account first; ``kie/money/payments.py``
says what follows.
"""

from handlers.dispatch.feature import Answer, Feature, Step, always
from handlers.features.paysupport import questions, returns
from handlers.features.paysupport.words import WORDS

_LEAVE = {"paysupport_leave": Answer(rule=questions.left)}

FEATURE = Feature(
    name="paysupport",
    words=WORDS,
    commands={
        "paysupport": Answer(rule=questions.ask, load=questions.latest),
        "terms": Answer(rule=questions.terms),
    },
    operator_commands={"payment": Answer(rule=returns.show, load=returns.payment)},
    steps={
        questions.ASKING: Step(
            show=questions.show,
            buttons=_LEAVE,
            text=Answer(rule=questions.asked),
            media=Answer(rule=questions.wants_words),
        ),
        questions.ANSWERING: Step(
            show=questions.show,
            buttons={"answer_leave": Answer(rule=questions.left)},
            text=Answer(rule=questions.answered),
            media=Answer(rule=questions.wants_words),
        ),
    },
    buttons={
        "pay_answer": Answer(rule=questions.press_answer, load=questions.person),
        "pay_refund": Answer(rule=returns.confirm, load=returns.payment),
        "pay_return": Answer(rule=returns.confirmed, load=returns.payment),
        "pay_return_anyway": Answer(rule=returns.confirmed, load=returns.payment),
    },
    effects={
        questions.AskOperators: questions.tell_operators,
        questions.AnswerUser: questions.tell_user,
        returns.ReturnStars: returns.return_stars,
    },
    listed={"paysupport": always, "terms": always},
    counters={
        "questions": "Questions about payments that users sent to operators",
        "refunds": "Refunds of Stars that operators began",
    },
)
