"""Which limits the lock's session must keep, judged by what the server says of itself."""

import pytest

from supervisor.lock import session_limits as limits
from supervisor.lock.timing import Timing
from supervisor.runtime.errors import Misconfigured

WANTED = limits.wanted(Timing())


def test_a_session_that_keeps_every_limit_needs_no_word() -> None:
    assert limits.judge(WANTED, WANTED, over_tcp=True) == ()


@pytest.mark.parametrize("name", [name for name in WANTED if not name.startswith("tcp_")])
def test_a_session_without_one_of_the_timeouts_is_refused(name: str) -> None:
    with pytest.raises(Misconfigured, match=f"{name} is 0, not {WANTED[name]}"):
        limits.judge(WANTED, {**WANTED, name: 0}, over_tcp=True)


@pytest.mark.parametrize("name", [name for name in WANTED if name.startswith("tcp_")])
def test_a_network_limit_that_does_not_hold_is_told(name: str) -> None:
    (told,) = limits.judge(WANTED, {**WANTED, name: 0}, over_tcp=True)

    assert name in told


def test_a_local_socket_needs_no_network_limits() -> None:
    local = {name: 0 if name.startswith("tcp_") else value for name, value in WANTED.items()}

    assert limits.judge(WANTED, local, over_tcp=False) == ()


def test_a_server_before_14_works_with_a_warning() -> None:
    before_14 = {name: value for name, value in WANTED.items() if name != limits.IDLE}

    (told,) = limits.judge(WANTED, before_14, over_tcp=True)

    assert "before 14" in told
    assert "upgrade" in told


def test_a_server_before_14_that_forgets_another_timeout_is_refused_all_the_same() -> None:
    before_14 = {name: value for name, value in WANTED.items() if name != limits.IDLE}

    with pytest.raises(Misconfigured, match="statement_timeout"):
        limits.judge(WANTED, {**before_14, "statement_timeout": 0}, over_tcp=True)
