"""Jobs that wait, fail, come late, or are not wanted any more."""

from kie.api.outcome import Failure
from tests.support.served_situations.acts import (
    CREATE,
    NOT_CHARGED,
    ORDER,
    PAID,
    again_for,
    all_fail,
    away,
    being_made,
    changes,
    comes,
    customer,
    fails,
    gets,
    link_dies,
    membership,
    press,
    reply_to_picture,
    restarts,
    says,
    stops,
)
from tests.support.served_situations.served import WISH, Situation

ENDS = {
    Failure.REFUSED_CONTENT: ("under its rules", "по своим правилам"),
    Failure.REFUSED_FILE: ("Nothing was charged", "Ничего не списано"),
    Failure.NO_PICTURE: ("as a photo", "как фото"),
    Failure.OTHER_LENGTH: ("Nothing was charged", "Ничего не списано"),
    Failure.REFUSED_INPUT: ("settings", "настройки"),
    Failure.UNAVAILABLE: ("operator", "оператор"),
    Failure.BROKEN: NOT_CHARGED,
    Failure.NO_RESULT: ("no file", "файла нет"),
    Failure.LOST: NOT_CHARGED,
    Failure.TIMED_OUT: NOT_CHARGED,
    Failure.UNCLEAR: NOT_CHARGED,
}
WAITING = (
    *(
        Situation(f"a job ends: {failure.value}", (*ORDER, fails(failure)), words, ("again",))
        for failure, words in ENDS.items()
    ),
    Situation(
        "a failure says which",
        (*ORDER, says("a blue cat"), CREATE, fails(Failure.BROKEN)),
        ("“a blue cat”", "«a blue cat»"),
        ("again", "another"),
    ),
    Situation(
        "a result after the refund",
        (*ORDER, fails(Failure.LOST), comes),
        ("on us", "бесплатно"),
    ),
    Situation(
        "the second of two orders",
        (*ORDER, says("a cat"), CREATE),
        ("queue", "очеред"),
        ("stop",),
    ),
    Situation(
        "cancel while queued",
        (*ORDER, press("stop")),
        ("weren't charged", "Ничего не списано"),
        ("again",),
    ),
    Situation(
        "cancel after the end",
        (*ORDER, fails(Failure.BROKEN), stops),
        ("finished", "завершён"),
    ),
    Situation("cancel twice", (*ORDER, stops, stops), ("Cancelled", "Отменено")),
    Situation("the result", (*ORDER, comes), (WISH, WISH), ("again", "do")),
    Situation(
        "three in the making, and one more",
        (*ORDER * 3, says(WISH), CREATE),
        ("3 of 3", "3 из 3"),
    ),
    Situation(
        "a queue of five",
        (*(customer(each, n) for n in range(2, 7) for each in ORDER), *ORDER),
        ("in the queue, starts in", "-й, начнём через"),
        ("stop",),
    ),
    Situation(
        "the same wish ordered twice",
        (*ORDER, *ORDER),
        ("queued", "очеред"),
        ("stop",),
    ),
    Situation(
        "the usual time is over",
        (*ORDER, being_made(1.1)),
        ("almost", "почти"),
    ),
    Situation(
        "three times the usual time",
        (*ORDER, being_made(3.0)),
        ("longer than usual", "Дольше обычного"),
    ),
    Situation(
        "kie.ai is away for ten minutes",
        (*ORDER, away(600)),
        ("will start by itself", "начнётся сам"),
        ("stop",),
    ),
    Situation(
        "kie.ai is away for two hours",
        (*ORDER, away(7200)),
        ("Nothing was charged", "Ничего не списано"),
        ("again", "another"),
    ),
    Situation(
        "the link dies before delivery",
        (*ORDER, comes, link_dies),
        ("Nothing was charged", "Ничего не списано"),
    ),
    Situation(
        "three failures at once",
        (
            *(each for words in ("an owl", "a hare", "an elk") for each in (says(words), CREATE)),
            all_fail(Failure.BROKEN),
        ),
        ("“an owl”", "«an owl»"),
        ("again", "words"),
    ),
    Situation(
        "a restart in the middle of a card",
        (says(WISH), restarts, CREATE),
        ("queued", "очеред"),
        ("stop",),
    ),
    Situation("a restart in the middle of a job", (*ORDER, restarts, comes), (WISH, WISH), ("do",)),
    Situation(
        "a user who had blocked the bot",
        (*ORDER, membership("kicked"), membership("member"), says("/start")),
        ("What shall we make", "Что сделаем"),
        home=True,
    ),
    Situation(
        "cancel while it is made",
        (*ORDER, being_made(), stops),
        ("already being created", "Уже создаётся"),
    ),
    Situation(
        "again, the model is gone",
        (*ORDER, comes, changes(model="gone"), press("again")),
        ("isn't available", "недоступна"),
    ),
    Situation(
        "again, the price is another one",
        (gets(500), says(PAID), CREATE, comes, again_for(1)),
        ("price has changed", "Цена изменилась"),
        ("create",),
    ),
    Situation(
        "a reply to a result",
        (gets(500), *ORDER, comes, reply_to_picture("make it blue")),
        ("make it blue", "make it blue"),
        ("create",),
    ),
)
