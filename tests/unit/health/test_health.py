"""What /health tells: the state, and of a trouble its class only."""

import json
from collections.abc import Callable

import pytest

from supervisor.health.health import Health
from supervisor.health.status import LATE, REFUSED_WITHIN, Facts, Trouble, assess, kind_of
from supervisor.lock.phase import Phase
from supervisor.runtime.progress import SILENCE
from tests.support.edges.fakes import FakeClock

HOST = "10.1.2.3"


def answered(health: Health, trouble: str | None = None, **late: float) -> None:
    queue = {"unprocessed_updates": 3, "oldest_update_seconds": 900.0}
    health.database_answered(queue=queue, late=late, trouble=trouble)


def active(*reports: Callable[[Health], None]) -> Health:
    clock = FakeClock()
    health = Health(clock, mode="polling", instance_id="i", version="1")
    health.phase_changed(Phase.ACTIVE, epoch=7, reason="won")
    health.lock_verified(seconds=0.001)
    clock.time += 1.0
    for report in reports:
        report(health)
    return health


def told(health: Health) -> dict[str, object]:
    found: dict[str, object] = json.loads(health.as_json())
    return found


def test_an_active_instance_with_a_proved_lock_is_ok() -> None:
    found = told(active())

    assert (found["status"], found["state"], found["epoch"]) == ("ok", "ACTIVE", 7)
    assert "reason" not in found


@pytest.mark.parametrize(
    ("report", "kind"),
    [
        (lambda h: h.report("kie", f"kie.ai at {HOST} refuses the key"), "kie"),
        (lambda h: h.report("kie-create", f"kie.ai is away ({HOST})"), "kie"),
        (lambda h: h.report("webhook", f"Telegram cannot reach {HOST}"), "telegram"),
        (lambda h: h.report("polling", f"no updates come: {HOST}"), "telegram"),
        (lambda h: h.report("data", f"{HOST} is full"), "data"),
        (lambda h: h.database_failed(f'connection to "{HOST}" failed'), "database"),
        (lambda h: h.trouble(f"no session on {HOST}"), "database"),
        (lambda h: h.trouble(f"a session of {HOST} holds the lock", kind="lock"), "lock"),
        (lambda h: answered(h, f"{HOST} can only be read"), "database"),
        (lambda h: h.intake(f"database: {HOST} is away"), "intake"),
        (lambda h: answered(h, updates=90.0), "updates"),
        (lambda h: answered(h, answers=130.0), "answers"),
        (lambda h: answered(h, results=700.0), "results"),
    ],
)
def test_a_trouble_is_shown_by_its_class_and_its_details_are_for_the_log(
    report: Callable[[Health], None], kind: str
) -> None:
    health = active(report)

    assert (told(health)["status"], told(health)["reason"]) == ("degraded", kind)
    assert HOST not in health.as_json().decode()
    assert health.status().details in health.summary()
    assert HOST in health.status().details or kind in {"updates", "answers", "results"}


def test_several_troubles_are_shown_together_and_each_class_once() -> None:
    health = active(
        lambda h: h.report("kie-create", "away"),
        lambda h: h.report("kie-query", "away, too"),
        lambda h: h.intake("full"),
    )

    assert told(health)["reason"] == "intake, kie"


def test_an_update_that_is_old_but_not_late_is_no_trouble() -> None:
    assert told(active(answered))["status"] == "ok"


def test_a_refusal_of_the_intake_is_over_with_the_next_update_or_after_a_while() -> None:
    health = active(lambda h: h.intake("away"), lambda h: h.intake(None))
    assert told(health)["status"] == "ok"

    facts = Facts(Phase.PASSIVE, refused="away", refused_ago=REFUSED_WITHIN + 1)
    assert assess(facts).level == "ok"
    facts = Facts(Phase.PASSIVE, refused="away", refused_ago=REFUSED_WITHIN - 1)
    assert assess(facts).level == "degraded"


@pytest.mark.parametrize("phase", [Phase.PASSIVE, Phase.ACTIVE])
@pytest.mark.parametrize("what", LATE)
def test_what_is_late_is_told_by_every_instance(phase: Phase, what: str) -> None:
    assert assess(Facts(phase, late={what: LATE[what] + 1})).kinds == what
    assert assess(Facts(phase, late={what: LATE[what] - 1})).level == "ok"


def test_who_makes_no_progress_or_cannot_prove_its_lock_fails() -> None:
    assert assess(Facts(Phase.ACTIVE, overdue="sender …")).kinds == "progress"
    assert assess(Facts(Phase.ACTIVE, verified=60.0)).kinds == "lock"
    assert {assess(Facts(Phase.ACTIVE, verified=60.0)).level} == {"failing"}
    assert assess(Facts(Phase.PASSIVE, verified=60.0)).level == "ok"


def test_a_start_without_a_database_fails_and_later_it_is_degraded() -> None:
    away = Trouble("database", "away")
    assert assess(Facts(Phase.STARTING, lock_trouble=away)).level == "failing"
    assert assess(Facts(Phase.PASSIVE, lock_trouble=away)).level == "degraded"


def test_a_silent_service_is_named_in_the_summary_and_not_outside() -> None:
    clock = FakeClock()
    health = Health(clock, mode="polling", instance_id="i", version="1")
    health.progress.beat("submitter")
    clock.time += SILENCE + 1

    assert (told(health)["status"], told(health)["reason"]) == ("failing", "progress")
    assert "submitter has made no progress" in health.summary()


def test_who_is_not_active_tells_of_no_trouble_and_the_next_term_knows_it_again() -> None:
    passive = lambda h: h.phase_changed(Phase.PASSIVE, epoch=None, reason="lost")  # noqa: E731
    again = lambda h: h.phase_changed(Phase.ACTIVE, epoch=8, reason="won")  # noqa: E731
    trouble = lambda h: h.report("kie", "kie.ai refuses the key")  # noqa: E731

    assert told(active(trouble, passive))["status"] == "ok"
    assert told(active(trouble, passive, again))["reason"] == "kie"


def test_a_trouble_that_is_over_is_forgotten() -> None:
    found = told(active(lambda h: h.report("kie", "x"), lambda h: h.report("kie", None)))

    assert found["status"] == "ok"


def test_a_part_that_nobody_has_heard_of_is_a_class_of_its_own() -> None:
    assert kind_of("stars") == "stars"
    assert kind_of("stars-refunds") == "stars"


def test_a_silence_that_telegram_asks_for_is_a_trouble_once_it_lasts() -> None:
    clock = FakeClock()
    health = Health(clock, mode="polling", instance_id="i", version="1")
    health.phase_changed(Phase.ACTIVE, epoch=7, reason="won")
    health.lock_verified(seconds=0.001)

    health.silenced(True)
    assert health.status().level == "ok"

    clock.time += LATE["answers"] + 1
    health.silenced(True)  # once more: it has begun before
    health.lock_verified(seconds=0.001)
    assert (told(health)["status"], told(health)["reason"]) == ("degraded", "telegram")

    health.silenced(False)
    assert health.status().level == "ok"
