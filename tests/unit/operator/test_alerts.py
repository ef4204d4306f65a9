"""What operators are told of, case by case."""

from typing import Any

import pytest

from handlers.dispatch.alert import Alert
from handlers.operator.alerts import LOOKS, AlertFacts, alerts

#: seen, what else is known → the keys that are told
CASES: dict[str, tuple[AlertFacts, dict[str, Any], list[str]]] = {
    "all is well": (AlertFacts(unprocessed=3, oldest_seconds=1.0, ended=40, terms=2), {}, []),
    "an update waits for two minutes": (AlertFacts(unprocessed=1, oldest_seconds=120.0), {}, []),
    "an update waits for longer": (
        AlertFacts(unprocessed=1, oldest_seconds=121.0),
        {},
        ["backlog"],
    ),
    "a backlog grows at each look": (
        AlertFacts(),
        {"backlogs": [5, 20, 40, 60, 80, 100]},
        ["backlog"],
    ),
    "a backlog has grown only of late": (
        AlertFacts(),
        {"backlogs": [200, 20, 40, 60, 80, 100]},
        [],
    ),
    "a backlog grew and fell once": (AlertFacts(), {"backlogs": [5, 20, 40, 39, 80, 100]}, []),
    "a small backlog grows": (AlertFacts(), {"backlogs": [1, 2, 3, 4, 5, 99]}, []),
    "too few looks at a backlog": (AlertFacts(), {"backlogs": [100, 200, 300, 400, 500]}, []),
    "growing is told once when it is late, too": (
        AlertFacts(unprocessed=100, oldest_seconds=200.0),
        {"backlogs": [5, 20, 40, 60, 80, 100]},
        ["backlog"],
    ),
    "three terms in ten minutes": (AlertFacts(terms=3), {}, []),
    "four terms in ten minutes": (AlertFacts(terms=4), {}, ["hand-overs"]),
    "the term before was lost": (
        AlertFacts(lost_epoch=6, lost_instance="a", lost_seconds=8.4),
        {},
        ["lock-lost:6"],
    ),
    "an unreadable update": (AlertFacts(unreadable=1), {}, ["unreadable"]),
    "a few deliveries fail": (AlertFacts(failed=4, ended=4), {}, []),
    "a fifth of the deliveries fails": (AlertFacts(failed=5, ended=25), {}, ["deliveries"]),
    "less than a fifth fails": (AlertFacts(failed=5, ended=26), {}, []),
    "somebody makes no progress": (
        AlertFacts(),
        {"overdue": "chats-1 has made none"},
        ["progress"],
    ),
    "kie.ai refuses the key": (
        AlertFacts(),
        {"troubles": {"kie": "kie.ai refuses the key"}},
        ["kie:kie.ai refuses the key"],
    ),
    "kie.ai is away and the webhook is not set": (
        AlertFacts(),
        {"troubles": {"kie-create": "away", "webhook": "not set"}},
        ["kie-create", "webhook"],
    ),
    "answers, results and jobs that are stuck": (
        AlertFacts(),
        {"late": {"updates": 99.0, "answers": 200.0, "results": 700.0, "jobs": 1000.0}},
        ["stuck-answers", "stuck-jobs", "stuck-results"],
    ),
    "users who order and block the bot": (AlertFacts(unfetched=3), {}, ["unfetched"]),
    "two of them": (AlertFacts(unfetched=2), {}, []),
    "everything at once": (
        AlertFacts(1, 999.0, 1, 9, "x", 9, 9, 6, "a", "gone", 9.0),
        {"overdue": "x", "troubles": {"kie": "y"}},
        [
            *("lock-lost:6", "hand-overs", "progress", "backlog", "unreadable", "deliveries"),
            "kie:y",
        ],
    ),
}


@pytest.mark.parametrize("case", CASES, ids=list(CASES))
def test_what_is_worth_a_message(case: str) -> None:
    seen, known, keys = CASES[case]

    assert [each.key for each in alerts(seen, **known)] == keys


def test_an_alert_says_how_it_is_and_quotes_no_more_than_a_line_of_an_error() -> None:
    (lost,) = alerts(
        AlertFacts(lost_epoch=6, lost_instance="vps-1", lost_reason="x" * 999, lost_seconds=8.4)
    )
    (late,) = alerts(AlertFacts(unprocessed=17, oldest_seconds=600.0))

    def told(alert: Alert, language: str = "en") -> str:
        return alert.told if isinstance(alert.told, str) else alert.told(language)

    assert "Epoch 6 of vps-1" in told(lost)
    assert "Эпоха 6 (vps-1)" in told(lost, "ru")
    assert "8 s" in told(lost)
    assert len(told(lost)) < 300
    assert "17 updates wait, the oldest for 10 min" in told(late)


def test_a_growing_backlog_needs_as_many_looks_as_are_remembered() -> None:
    growing = [100 + n for n in range(LOOKS)]

    assert alerts(AlertFacts(), backlogs=growing)
    assert not alerts(AlertFacts(), backlogs=growing[1:])


#: What is seen → the place whose buttons help with it. Where the bot works on by itself, or only
#: the server's log says more, that is the panel.
PLACES = {
    "a fifth of the deliveries fails": "alarm",
    "a backlog grows at each look": "alarm",
    "an update waits for longer": "alarm",
    "four terms in ten minutes": "alarm",
    "the term before was lost": "alarm",
    "somebody makes no progress": "alarm",
    "users who order and block the bot": "alarm",
    "an unreadable update": "alarm_set_aside",
    "kie.ai refuses the key": "alarm_kie",
}


@pytest.mark.parametrize("case", PLACES)
def test_an_alert_leads_to_what_helps(case: str) -> None:
    seen, known, _ = CASES[case]

    assert [each.place for each in alerts(seen, **known)] == [PLACES[case]]


@pytest.mark.parametrize(
    ("part", "place"),
    [
        ("kie-reach", "alarm_kie"),
        ("kie-create", "alarm_kie"),
        ("kie-query", "alarm_kie"),
        ("telegram", "alarm_token"),
        ("polling", "alarm_token"),
        ("webhook", "alarm"),
        ("files", "alarm"),
        ("data", "alarm_pause"),
        ("service-alerts", "alarm"),
        ("another", "alarm"),
    ],
)
def test_the_trouble_of_a_part_leads_to_what_helps(part: str, place: str) -> None:
    (told,) = alerts(AlertFacts(), troubles={part: "x"})

    assert told.place == place


def test_jobs_that_do_not_end_lead_to_the_maintenance_that_keeps_more_from_coming() -> None:
    found = alerts(AlertFacts(), late={"answers": 200.0, "results": 700.0, "jobs": 1000.0})

    assert {each.key: each.place for each in found} == {
        "stuck-answers": "alarm",
        "stuck-results": "alarm",
        "stuck-jobs": "alarm_pause",
    }
