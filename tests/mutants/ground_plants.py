"""Mistakes in what the lock relies on: time, the gate, the database, services that can act."""

from tests.mutants.mutant import Mutant

RULES = "tests/unit/lock/test_rules.py::test_"
LOCK = "tests/integration/lock/test_lock.py::test_"
CONNECTION = "tests/integration/database/test_connection.py::test_"
POOL = "tests/unit/database/test_pool_waiting.py::test_"
LOST_TERMS = "tests/integration/database/test_lost_terms.py::test_"
ON_DEMAND = "tests/unit/process/test_on_demand.py::test_"

GROUND_PLANTS = (
    Mutant(
        "the wall clock",
        "supervisor/runtime/clock.py",
        "return time.clock_gettime(_BOOTTIME)",
        "return time.time()",
        "tests/unit/runtime/test_clock.py::test_the_wall_clock_moves_nothing",
    ),
    Mutant(
        "a clock that stands still while the machine is suspended",
        "supervisor/runtime/clock.py",
        "return time.clock_gettime(_BOOTTIME)",
        "return time.monotonic()",
        "tests/unit/runtime/test_clock.py::test_trust_runs_out_while_the_machine_is_suspended",
    ),
    Mutant(
        "a late answer revives a gate",
        "supervisor/runtime/term.py",
        "and self._clock.now() >= self._trusted_until:",
        "and False:",
        RULES + "an_answer_after_the_deadline_does_not_revive_a_gate",
    ),
    Mutant(
        "the gate opens at once",
        "supervisor/runtime/term.py",
        "if self._shut or now < self._opens_at:",
        "if self._shut:",
        RULES + "a_gate_that_waits_for_a_predecessor_says_for_how_long",
    ),
    Mutant(
        "a server that was left is trusted",
        "supervisor/database/current_server.py",
        "return newest is not None and newest.differs(server)",
        "return False",
        CONNECTION + "a_lock_on_a_server_that_newer_sessions_left_is_given_up",
    ),
    Mutant(
        "sessions stay in a read-only phase",
        "supervisor/database/transactions.py",
        "                self._pool.renew()\n",
        "",
        CONNECTION + "sessions_that_turned_read_only_are_replaced_at_the_first_refusal",
    ),
    Mutant(
        "winning waits for every row",
        "sql/submission.sql",
        "FOR NO KEY UPDATE SKIP LOCKED);",
        "FOR NO KEY UPDATE);",
        LOCK + "a_row_that_somebody_has_locked_keeps_nobody_from_winning",
    ),
    Mutant(
        "a standby is as good as a primary",
        "supervisor/database/connection.py",
        'if facts["in_recovery"]:',
        "if False:",
        CONNECTION + "the_pool_refuses_a_standby_and_takes_it_once_it_is_promoted",
    ),
    Mutant(
        "who waits for a connection outlives the term",
        "supervisor/network/timed_call.py",
        'From any thread."""\n        self._woken.set()\n',
        'From any thread."""\n',
        POOL + "the_end_of_a_term_ends_the_waiting_of_its_callers_and_of_nobody_else[a new one]",
    ),
    Mutant(
        "a service asks on after its term",
        "supervisor/database/transactions.py",
        "self._pool.take(term or ACTING_FOR.get())",
        "self._pool.take(term)",
        LOST_TERMS + "a_service_whose_term_is_lost_asks_nothing_more_even_without_naming_its_term",
    ),
    Mutant(
        "a standby that cannot act stays",
        "handlers/process/on_demand.py",
        "            self._on_failure(error)\n",
        "",
        ON_DEMAND + "services_that_cannot_be_made_are_told_of_before_a_term_needs_them",
        slow=True,
    ),
)
