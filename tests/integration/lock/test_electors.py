"""A state machine of three electors on a real server: whatever happens, at most one acts.

``LONG=1`` runs thirteen times as many, longer examples, drawn anew each time.
"""

import itertools
import os
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from supervisor.lock.protocol import Acquisition
from supervisor.runtime.errors import Fenced
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Term
from supervisor.settings.identity import Identity
from tests.support.bots.electors import TIMING, Elector, Ground, StoppedClock

pytestmark = pytest.mark.any_server


LONG = bool(os.environ.get("LONG"))
COUNT = 3
_NUMBERS = itertools.count()


class Electors(RuleBasedStateMachine):
    """The model: who holds the lock, how the newest term ended, when it was last proved."""

    dsn: Secret

    @initialize()
    def open(self) -> None:
        identity = Identity(Secret(f"123456:ELECTORS-{os.getpid()}-{next(_NUMBERS)}"))
        self.clock = StoppedClock()
        self.ground = Ground(self.dsn, identity)
        names = [f"e{number}" for number in range(COUNT)]
        self.electors = [Elector(self.dsn, identity, name, self.clock) for name in names]
        self.holding: int | None = None
        self.epoch = 0
        self.open_token: UUID | None = None
        self.clean = True
        #: When the server recorded the newest heartbeat.
        self.proved = 0.0
        self.past: list[Term] = []
        self.acts: list[int] = []

    def teardown(self) -> None:
        if hasattr(self, "electors"):
            for elector in self.electors:
                elector.close()
            self.ground.close()

    # ---------------------------------------------------------------- rules --

    @precondition(lambda self: self._without_term())
    @rule(data=st.data())
    def take(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(self._without_term()))
        elector = self.electors[who]
        self.ground.age(self.clock.time - self.proved)
        acquisition = elector.take()
        assert (acquisition is not None) == (self.holding is None)
        if acquisition is not None:
            self._check_grace(acquisition)
            assert acquisition.term.epoch == self.epoch + 1
            self.epoch, self.open_token = acquisition.term.epoch, acquisition.term.token
            self.holding, self.clean = who, False
            self.proved = self.clock.time
            self.past.append(acquisition.term)

    def _check_grace(self, acquisition: Acquisition) -> None:
        """None after a sign-off; else what is left of the predecessor's trust, and a margin."""
        assert acquisition.clean is self.clean
        if self.clean:
            assert acquisition.grace == 0.0
            return
        expected = max(0.0, TIMING.trust + TIMING.margin - (self.clock.time - self.proved))
        # Winning itself takes real time, by which the server counts the age, too.
        assert max(0.0, expected - 2.0) <= acquisition.grace <= expected

    @precondition(lambda self: self._with_term())
    @rule(data=st.data())
    def beat(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(self._with_term()))
        elector = self.electors[who]
        assert elector.gate is not None
        assert elector.pid is not None
        pid, left = elector.pid, elector.gate.trust_left()
        good = elector.beat()
        if not good:
            self.ground.await_end(pid)
        if self.holding == who:
            # Recorded by the server, whatever the instance makes of it.
            self.proved = self.clock.time
            assert good == (left > 0)  # a late answer revives nothing
            if not good:
                self._gone(who)
        else:
            assert not good

    @rule(seconds=st.sampled_from([0.5, 1.0, 3.0, 5.0, 20.0]))
    def skip(self, seconds: float) -> None:
        self.clock.time += seconds

    @precondition(lambda self: self._with_session())
    @rule(data=st.data())
    def server_ends_session(self, data: st.DataObject) -> None:
        """As it does with a silent one; the instance does not know."""
        who, pid = data.draw(st.sampled_from(self._with_session()))
        self.ground.end(pid)
        self._gone(who)

    @precondition(lambda self: self._with_session())
    @rule(data=st.data())
    def line_dies(self, data: st.DataObject) -> None:
        who, pid = data.draw(st.sampled_from(self._with_session()))
        self.electors[who].cut()
        self.ground.await_end(pid)
        self._gone(who)

    @precondition(lambda self: self._with_session())
    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        who, pid = data.draw(st.sampled_from(self._with_session()))
        self.electors[who].crash()
        self.ground.await_end(pid)
        self._gone(who)

    @precondition(lambda self: self._with_term())
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        """SIGTERM. Signed off, unless the lock was lost or the term waited for another's trust."""
        who = data.draw(st.sampled_from(self._with_term()))
        elector = self.electors[who]
        assert elector.gate is not None
        assert elector.pid is not None
        waits, pid = elector.gate.waits(), elector.pid
        ending = elector.leave()
        self.ground.await_end(pid)
        if self.holding != who:
            assert ending.lost
            return
        self.holding = None
        assert not ending.lost
        if waits == 0:
            self.clean, self.open_token = True, None

    @precondition(lambda self: self.past)
    @rule(data=st.data())
    def write(self, data: st.DataObject) -> None:
        """Any term that ever was tries to write; only the open one may."""
        term = data.draw(st.sampled_from(self.past[-4:]))
        if term.token == self.open_token:
            self.ground.act(term)
            self.acts.append(term.epoch)
        else:
            with pytest.raises(Fenced):
                self.ground.act(term)

    def _without_term(self) -> list[int]:
        return [who for who in range(COUNT) if self.electors[who].term is None]

    def _with_term(self) -> list[int]:
        return [who for who in range(COUNT) if self.electors[who].term is not None]

    def _with_session(self) -> list[tuple[int, int]]:
        return [(who, each.pid) for who, each in enumerate(self.electors) if each.pid is not None]

    def _gone(self, who: int) -> None:
        if self.holding == who:
            self.holding = None

    # ----------------------------------------------------------- invariants --

    @invariant()
    def at_most_one_may_act_outside(self) -> None:
        gates = [elector.gate for elector in self.electors if elector.gate is not None]

        assert sum(gate.remaining() > 0 for gate in gates) <= 1

    @invariant()
    def the_server_agrees_who_holds_the_lock(self) -> None:
        holder = None if self.holding is None else self.electors[self.holding].pid

        assert self.ground.holders() == ([] if holder is None else [holder])

    @invariant()
    def epochs_grow_by_one_and_only_the_newest_is_open(self) -> None:
        epochs = self.ground.epochs()

        assert [epoch for epoch, _ in epochs] == list(range(1, self.epoch + 1))
        assert not any(is_open for _, is_open in epochs[:-1])

    @invariant()
    def nothing_was_written_but_by_open_terms_in_order(self) -> None:
        assert self.ground.acts() == self.acts
        assert self.acts == sorted(self.acts)


def test_at_most_one_of_three_electors_acts(dsn: Secret) -> None:
    machine = type("Bound", (Electors,), {"dsn": dsn})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=400 if LONG else 30,
            stateful_step_count=60 if LONG else 40,
            derandomize=not LONG,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            print_blob=LONG,
        ),
    )
