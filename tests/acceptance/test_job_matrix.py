"""Every kind of kie.ai, times a kill -9 at every step of a job.

Whatever happens, there is one photo or one message, the ledger says the same as the user
saw, and kie.ai made one task at the most. One departure is known and counted: when the
process dies between Telegram's answer and its record, the result is sent once more.

The short form plays every kind of kie.ai once, and every step with a few of them; LONG=1
plays the whole product.
"""

import os
from collections.abc import Iterator
from itertools import product

import pytest

from supervisor.secret import Secret
from tests.support.kie_worker import PRICE, STEPS
from tests.support.matrix import Case, Stage

NO_CALLBACK = {"kind": "no_callback"}


def code(number: int, message: str) -> Case:
    fault = {"kind": "code", "value": number, "message": message}
    return Case(f"{number} {message[:20]}".strip(), "message", (fault,))


LATER = "The server is currently being maintained, please try again later~"
CASES = (
    Case("callback only", "photo", asks=False),
    Case("poll only", "photo", (NO_CALLBACK,)),
    Case("both at once", "photo"),
    Case("five callbacks", "photo", ({"kind": "callbacks", "value": 5},)),
    Case("callback before the answer", "photo", ({"kind": "early_callback"},), asks=False),
    Case("callback before the id is stored", "photo", asks=False, slow_store=0.4),
    Case(
        "never",
        "message",
        (
            NO_CALLBACK,
            {"kind": "status", "value": 502, "call": "recordInfo", "times": 9999, "html": True},
        ),
        late=True,
    ),
    Case("fail", "message", ({"kind": "fail"},)),
    Case("success with no URL", "message", ({"kind": "no_urls"},)),
    Case("expired URL", "message", ({"kind": "expired"},), expires=True),
    Case("stuck", "message", ({"kind": "stuck"},), late=True),
    code(402, "Credits insufficient : Your current balance isn’t enough."),
    code(422, "不能为空"),
    Case("429", "photo", ({"kind": "code", "value": 429, "message": "too high", "times": 2},)),
    Case("455", "photo", ({"kind": "code", "value": 455, "message": LATER},)),
    code(500, "This field is required"),
    Case("503", "photo", ({"kind": "code", "value": 503, "message": LATER, "times": 2},)),
    Case("HTML body", "message", ({"kind": "status", "value": 502, "html": True},)),
    Case("dropped after acceptance", "photo", ({"kind": "drop_after"},)),
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


@pytest.mark.parametrize(
    ("case", "step"), PLAYED, ids=[f"{case.name}-{step or 'no crash'}" for case, step in PLAYED]
)
def test_there_is_one_end_one_price_and_one_task(stage: Stage, case: Case, step: str) -> None:
    seen = stage.play(case, step)

    assert seen.killed or not (step and case.name in WITH_EVERY_STEP)
    assert seen.tasks <= 1
    assert (seen.photos > 0) + (seen.messages > 0) == 1, seen
    # Telegram has no idempotency key: what died unrecorded is sent once more.
    assert seen.photos + seen.messages <= (2 if step == "delivered" else 1), seen
    paid = [("capture", 0), ("reserve", -PRICE)]
    given_back = [("release", PRICE), ("reserve", -PRICE)]
    assert seen.ledger == (paid if seen.photos else given_back), seen
    assert seen.balance == (0 if seen.photos else PRICE)
    if not seen.killed:
        assert ("photo" if seen.photos else "message") == case.ends, seen
