"""Every kind of kie.ai, times a kill -9 at every step of a job.

Whatever happens, there is one photo or one message, the ledger says the same as the user
saw, and kie.ai made one task at the most; which of the two it is, is known beforehand for every
case and every step. One departure is known and counted: when the process dies between
Telegram's answer and its record, the result is sent once more.

The short form plays every kind of kie.ai once, and every step with a few of them; LONG=1
plays the whole product.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from supervisor.runtime.secret import Secret
from tests.support.jobs.kie_worker import PRICE
from tests.support.jobs.matrix import Stage
from tests.support.jobs.matrix_case import Case
from tests.support.jobs.mortal_services import BEFORE_THE_CALL, STEPS

NO_CALLBACK = {"kind": "no_callback"}
BAD_SIGNATURE = {"kind": "bad_signature"}
DROP_AFTER = {"kind": "drop_after"}
VEO, VEO_CALL = "veo/text-to-video", "veo/generate"
SONG, SONG_CALL, UPGRADE = "suno/song", "suno/generate", "veo/4k"
NO_CALLBACK_OF_VEO = {"kind": "no_callback", "call": VEO_CALL}


def refused(number: int, message: str) -> Case:
    fault = {"kind": "code", "value": number, "message": message}
    name = f"{number} {message[:20]}".strip()
    return Case(name, "message", (fault,), tasks=0, answers=False, reports=False)


LATER = "The server is currently being maintained, please try again later~"
#: Of the callback alone depends what comes of these.
BY_CALLBACK = (
    Case("callback only", "photo", asks=False),
    Case("both at once", "photo"),
    Case("five callbacks", "photo", ({"kind": "callbacks", "value": 5},)),
    Case("callback before the answer", "photo", ({"kind": "early_callback"},), asks=False),
    Case("callback before the id is stored", "photo", asks=False, slow_store=0.4),
    Case("dropped after acceptance", "photo", (DROP_AFTER,), answers=False),
    Case("callback that lies", "photo", ({"kind": "forged_callback"},), asks=False),
)
CASES = (
    *BY_CALLBACK,
    Case("poll only", "photo", (NO_CALLBACK,), calls_back=False),
    Case(
        "never",
        "message",
        (
            NO_CALLBACK,
            {"kind": "status", "value": 502, "call": "recordInfo", "times": 9999, "html": True},
        ),
        late=True,
        calls_back=False,
        reports=False,
    ),
    Case("fail", "message", ({"kind": "fail"},)),
    Case("success with no URL", "message", ({"kind": "no_urls"},)),
    Case("expired URL", "message", ({"kind": "expired"},), expires=True),
    Case("stuck", "message", ({"kind": "stuck"},), late=True, calls_back=False, reports=False),
    refused(402, "Credits insufficient : Your current balance isn’t enough."),
    refused(422, "不能为空"),
    Case("429", "photo", ({"kind": "code", "value": 429, "message": "too high", "times": 2},)),
    Case("455", "photo", ({"kind": "code", "value": 455, "message": LATER},)),
    refused(500, "This field is required"),
    Case("503", "photo", ({"kind": "code", "value": 503, "message": LATER, "times": 2},)),
    Case(
        "HTML body",
        "message",
        ({"kind": "status", "value": 502, "html": True},),
        tasks=0,
        answers=False,
        reports=False,
    ),
    # With KIE_WEBHOOK_HMAC_KEY: a forged callback neither names a task nor costs a result.
    Case("bad signature", "photo", (BAD_SIGNATURE,), key=True, calls_back=False),
    Case(
        "bad signature before the id is stored",
        "photo",
        (BAD_SIGNATURE,),
        key=True,
        calls_back=False,
        slow_store=0.4,
    ),
    Case(
        "bad signature, dropped after acceptance",
        "message",
        (BAD_SIGNATURE, DROP_AFTER),
        key=True,
        answers=False,
        calls_back=False,
        reports=False,
    ),
    *(replace(case, name=f"{case.name}, signed", key=True) for case in BY_CALLBACK),
    # A family with endpoints of its own.
    Case("clip", "photo", model=VEO),
    Case("clip, callback only", "photo", asks=False, model=VEO),
    Case("clip, poll only", "photo", (NO_CALLBACK_OF_VEO,), calls_back=False, model=VEO),
    Case("clip that fails", "message", ({"kind": "fail", "call": VEO_CALL},), model=VEO),
    Case(
        "clip, dropped after acceptance",
        "photo",
        ({"kind": "drop_after", "call": VEO_CALL},),
        answers=False,
        model=VEO,
    ),
    # Two songs as one answer, told of in three stages.
    Case("songs", "photo", model=SONG),
    Case("songs, callback only", "photo", asks=False, model=SONG),
    Case("songs that fail", "message", ({"kind": "fail", "call": SONG_CALL},), model=SONG),
    Case(
        "songs, dropped after acceptance",
        "photo",
        ({"kind": "drop_after", "call": SONG_CALL},),
        answers=False,
        model=SONG,
    ),
    # A task that goes on from another one, asked for by the call that made it.
    Case("upgrade", "photo", calls_back=False, model=UPGRADE, follows=VEO),
    Case(
        "upgrade, dropped after acceptance",
        "photo",
        ({"kind": "drop_after", "call": UPGRADE, "prompt": ""},),
        calls_back=False,
        model=UPGRADE,
        follows=VEO,
    ),
)
BY_NAME = {case.name: case for case in CASES}
#: With these every step is reached, by a callback, by asking, and on the way to a refund.
WITH_EVERY_STEP = ("callback only", "poll only", "fail")

PLAYED = (
    list(product(CASES, ("", *STEPS)))
    if os.environ.get("LONG")
    else [(case, "") for case in CASES]
    + [(BY_NAME[name], step) for name in WITH_EVERY_STEP for step in STEPS]
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, shared_dsn: Secret) -> Iterator[Stage]:
    made = Stage(tmp_path_factory.mktemp("matrix"), shared_dsn)
    yield made
    made.close()


#: Each process that plays some of them starts one that children are forked from.
PROCESSES = 2


@pytest.mark.parametrize(
    ("case", "step"),
    [
        pytest.param(
            case,
            step,
            id=f"{case.name}-{step or 'no crash'}",
            marks=pytest.mark.xdist_group(f"matrix {number % PROCESSES}"),
        )
        for number, (case, step) in enumerate(PLAYED)
    ],
)
def test_there_is_one_end_one_price_and_one_task(stage: Stage, case: Case, step: str) -> None:
    seen = stage.play(case, step)

    assert seen.killed == case.reaches(step)
    end = case.end(step)
    # Telegram has no idempotency key: what died unrecorded is sent once more, and counted.
    again = int(step == "delivered")
    ends = {"photo": seen.photos, "message": seen.messages}
    assert ends == {"photo": 0, "message": 0, end: 1 + again}, seen
    assert seen.unanswered == again, seen
    assert seen.tasks == (0 if step in BEFORE_THE_CALL else case.tasks), seen
    paid = [("capture", 0), ("reserve", -PRICE)]
    given_back = [("release", PRICE), ("reserve", -PRICE)]
    assert seen.ledger == (paid if end == "photo" else given_back), seen
    assert seen.balance == (0 if end == "photo" else PRICE)
    # What was not signed may name no task.
    unnamed = BAD_SIGNATURE in case.faults and step not in BEFORE_THE_CALL
    assert seen.strays == int(unnamed and (not case.answers or step == "after createTask")), seen
