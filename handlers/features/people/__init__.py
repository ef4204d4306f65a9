"""Users, for operators: search, card, bookings, ban.

A booking is shown with name and numbers, confirmed, and can be undone for an hour, once. Ban means:
no new jobs and no payments; what runs is delivered (``kie/money/bans.py``).
"""

from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button
from handlers.dialogue.places import Offered, Spot
from handlers.dispatch.feature import Answer, Feature, Step
from handlers.features.people import amounts, booking, card, effects, finding, lists, standing
from handlers.features.people.words import WORDS, plain


def _users(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_users"), encode("users"))


def _undo(spot: Spot) -> Button | None:
    if not spot.number:
        return None  # what was undone is not undone again
    return Button(plain(spot.language, "button_undo_act"), encode("undo_act", spot.number))


def _about(key: str, action: str) -> Offered:
    """A button about the user of the screen."""

    def made(spot: Spot) -> Button:
        return Button(plain(spot.language, key), encode(action, spot.user_id))

    return made


FEATURE = Feature(
    name="people",
    words=WORDS,
    operator_commands={
        "user": Answer(rule=finding.ask, load=finding.by_words, operators=True),
        "topup": Answer(rule=booking.top_up, load=booking.named_target, operators=True),
        "grant": Answer(rule=booking.book, load=booking.named_target, operators=True),
        "refund": Answer(rule=booking.book, load=booking.named_target, operators=True),
    },
    steps={
        finding.FINDING: Step(
            brief=True,
            show=finding.show,
            text=Answer(rule=finding.searched, load=finding.by_words, operators=True),
            forwarded=Answer(
                rule=finding.searched, load=finding.by_words, operators=True, foreign=True
            ),
        ),
        amounts.AMOUNT: Step(
            brief=True,
            show=amounts.show,
            buttons={
                "person_suggested": Answer(
                    rule=amounts.suggested, load=amounts.person, operators=True
                )
            },
            text=Answer(rule=amounts.typed, load=amounts.person, operators=True),
        ),
        booking.BOOKING: Step(
            show=booking.show,
            buttons={
                "book": Answer(rule=booking.confirmed, operators=True),
                "book_leave": Answer(rule=booking.left, operators=True),
            },
            text=Answer(rule=booking.words, operators=True),
        ),
    },
    buttons={
        "users": Answer(rule=finding.press, operators=True),
        "person": Answer(rule=card.press, load=card.pressed, operators=True),
        "person_plus": Answer(rule=amounts.plus, load=amounts.person, operators=True),
        "person_minus": Answer(rule=amounts.minus, load=amounts.person, operators=True),
        "person_history": Answer(rule=lists.press_entries, load=lists.entries, operators=True),
        "person_jobs": Answer(rule=lists.press_jobs, load=lists.jobs, operators=True),
        "person_refund": Answer(
            rule=booking.press_refund, load=booking.pressed_request, operators=True
        ),
        "person_ban": Answer(rule=standing.ban, operators=True),
        "person_unban": Answer(rule=standing.unban, operators=True),
        "undo_act": Answer(rule=standing.undo, operators=True),
    },
    effects={
        effects.Book: effects.book,
        effects.Undo: effects.undo,
        effects.SetBanned: effects.set_banned,
    },
    places={
        "admin": {"users": _users},
        "person": {
            "plus": _about("button_plus", "person_plus"),
            "minus": _about("button_minus", "person_minus"),
            "history": _about("button_history", "person_history"),
            "jobs": _about("button_jobs", "person_jobs"),
            # What can be given back is chosen there.
            "refunds": _about("button_refunds", "person_jobs"),
        },
        "people": {"users": _users},
        "alarm_person": {"person": _about("button_card", "person")},
        "asked": {"person": _about("button_card", "person")},
        "act": {"undo": _undo, "person": _about("button_card", "person")},
    },
    operator_listed=("user", "topup", "grant", "refund"),
)
