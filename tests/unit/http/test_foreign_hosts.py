"""What is remembered of foreign hosts: failures, rests, and not more than may be."""

import pytest

from kie.files import link_reader, result_fetcher
from kie.http import foreign_hosts
from kie.http.foreign_hosts import ForeignHosts


def test_a_host_that_fails_rests_and_one_that_works_begins_anew() -> None:
    host = ForeignHosts(float).of("cdn.example")

    host.failed(100.0)
    host.failed(100.0)
    assert host.rests_until == 102.0

    host.worked()
    host.failed(100.0)
    assert host.rests_until == 101.0


def test_hosts_that_work_are_forgotten_before_those_that_fail_or_are_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(foreign_hosts, "MOST_HOSTS", 3)
    hosts = ForeignHosts(float)
    hosts.of("fails").failed(0.0)
    hosts.of("asked").under_way = 1
    works = hosts.of("works")

    hosts.of("new")

    assert hosts.of("fails").failures == 1
    assert hosts.of("asked").under_way == 1
    assert hosts.of("works") is not works


def test_looking_at_a_host_remembers_nothing() -> None:
    hosts = ForeignHosts(float)
    looked = hosts.look("cdn.example")

    assert hosts.of("cdn.example") is not looked
    assert hosts.look("cdn.example") is hosts.of("cdn.example")


def test_the_circuit_of_a_delivery_opens_at_the_third_failure_and_for_longer_each_time() -> None:
    assert [link_reader.rest(failures) for failures in range(1, 7)] == [0, 0, 5, 15, 60, 60]


def test_a_fetch_beside_it_leaves_a_host_alone_after_each_failure() -> None:
    assert [result_fetcher.rest(failures) for failures in (1, 2, 3, 7, 99)] == [1, 2, 4, 60, 60]
