"""Help with payments in Stars: questions of users, refunds by operators.

Telegram's terms want ``/paysupport`` of every bot that sells. A refund is a whole
payment, since the Bot API knows no parts. It takes two presses of an operator, whose Telegram id is
checked at each press. Its credits leave the account first; ``kie/money/payments.py``
says what follows.
"""

from handlers.dispatch.feature import Answer, Feature, Step, always, asked_enough
from handlers.features.paysupport import listing, questions, returns
from handlers.features.paysupport.words import WORDS

_LEAVE = {"paysupport_leave": Answer(rule=questions.left)}

FEATURE = Feature(
    name="paysupport",
    words=WORDS,
    commands={
        "paysupport": Answer(rule=questions.ask, load=questions.latest),
    },
    operator_commands={"payment": Answer(rule=returns.show, load=returns.payment, operators=True)},
    steps={
        questions.ASKING: Step(
            brief=True,
            show=questions.show,
            buttons=_LEAVE,
            text=Answer(rule=questions.asked, load=asked_enough),
            media=Answer(rule=questions.wants_words),
        ),
    },
    buttons={
        "payments": Answer(rule=listing.press, load=listing.read, operators=True),
        "pay_card": Answer(rule=listing.press_card, load=returns.payment, operators=True),
        "pay_refund": Answer(rule=returns.confirm, load=returns.payment, operators=True),
        "pay_return": Answer(rule=returns.confirmed, load=returns.payment, operators=True),
        "pay_return_anyway": Answer(rule=returns.confirmed, load=returns.payment, operators=True),
    },
    effects={
        questions.AskOperators: questions.tell_operators,
        returns.ReturnStars: returns.return_stars,
    },
    places={
        "admin": {"payments": listing.button},
        "alarm_payments": {"payments": listing.button},
        "person": {"payments": listing.of_person},
    },
    operator_listed=("payment",),
    listed={"paysupport": always},
    counters={
        "questions": "Questions about payments that users sent to operators",
        "refunds": "Refunds of Stars that operators began",
    },
)
