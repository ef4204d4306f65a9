"""Mistakes in the lock's code and in the fence. The first nine are the classic ones of leader
elections that users have reported.
"""

from tests.mutants.mutant import Mutant

TERM = "tests/unit/lock/test_term_holder.py::test_"
RULES = "tests/unit/lock/test_rules.py::test_"
FENCE = "tests/integration/lock/test_fence.py::test_"
LOCK = "tests/integration/lock/test_lock.py::test_"
AHEAD = "tests/integration/lock/test_server_clock.py::test_"
EVICTION = "tests/integration/lock/test_eviction.py::test_"

LOCK_PLANTS = (
    Mutant(
        "heartbeat locks once more",
        "sql/lock.sql",
        "WHERE token = CAST(%(token)s AS uuid) AND ended_at IS NULL AND backend_pid"
        " = pg_backend_pid()",
        "WHERE token = CAST(%(token)s AS uuid) AND ended_at IS NULL AND backend_pid"
        " = pg_backend_pid()\n  AND pg_try_advisory_lock(CAST(%(key)s AS bigint))",
        FENCE + "however_often_it_is_proved_the_lock_is_free_after_one_unlock",
    ),
    Mutant(
        "trust counts from the end of the heartbeat",
        "supervisor/lock/term_holder.py",
        "            self._verified(asked)\n            # Return even",
        "            self._verified(clock.now())\n            # Return even",
        TERM + "heartbeats_that_take_longer_than_their_interval_shorten_trust_and_starve_nobody",
    ),
    Mutant(
        "trust of the first heartbeat counts from its end",
        "supervisor/lock/term_holder.py",
        "        self._verified(asked)\n        self._tools.watchdog",
        "        self._verified(self._tools.clock.now())\n        self._tools.watchdog",
        TERM + "a_slow_success_does_not_stretch_trust",
    ),
    Mutant(
        "unlock before the services are joined",
        "supervisor/lock/term_holder.py",
        "        began, timing = self._tools.clock.now(), self._tools.timing\n",
        "        began, timing = self._tools.clock.now(), self._tools.timing\n"
        "        self._lock.free()\n",
        TERM + "a_clean_end_stops_signs_off_and_frees_in_this_order",
    ),
    Mutant(
        "NOTIFY before the unlock",
        "supervisor/lock/protocol.py",
        '        return bool(self._one("unlock_and_notify", named)["unlocked"])',
        "        self._session.run(\"SELECT pg_notify(%(channel)s, '')\", named)\n"
        '        return bool(self._one("unlock_and_notify", named)["unlocked"])',
        FENCE + "the_lock_is_free_by_the_time_that_a_waiter_hears_of_it",
    ),
    Mutant(
        "the heartbeat's WHERE without the token",
        "sql/lock.sql",
        "UPDATE lock_epochs SET heartbeat_at = clock_timestamp()\n"
        "WHERE token = CAST(%(token)s AS uuid) AND",
        "UPDATE lock_epochs SET heartbeat_at = clock_timestamp()\n"
        "WHERE CAST(%(token)s AS uuid) IS NOT NULL AND",
        FENCE + "a_term_speaks_for_itself_alone",
    ),
    Mutant(
        "the sign-off's WHERE without the token",
        "sql/lock.sql",
        "end_reason = %(reason)s\nWHERE token = CAST(%(token)s AS uuid) AND",
        "end_reason = %(reason)s\nWHERE CAST(%(token)s AS uuid) IS NOT NULL AND",
        FENCE + "a_term_speaks_for_itself_alone",
    ),
    Mutant(
        "the fence's WHERE without the token",
        "sql/init_schema_idempotent.sql",
        "FROM lock_epochs WHERE token = p_token AND ended_at IS NULL;",
        "FROM lock_epochs WHERE ended_at IS NULL;",
        LOCK + "a_deposed_term_cannot_write_any_more",
    ),
    Mutant(
        "sleep instead of select",
        "supervisor/lock/session.py",
        "            ready = wait_readable([self._connection, wake_pipe], seconds)\n",
        "            import time\n\n            time.sleep(seconds)\n"
        "            ready: list[object] = []\n",
        LOCK + "a_freed_lock_wakes_the_waiter",
    ),
    Mutant(
        "the fence in REPEATABLE READ",
        "sql/init_schema_idempotent.sql",
        "IF current_setting('transaction_isolation') <> 'read committed' THEN",
        "IF false THEN",
        FENCE + "a_snapshot_that_is_older_than_the_fence_is_refused",
    ),
    Mutant(
        "the fence checks before it locks",
        "sql/init_schema_idempotent.sql",
        "    PERFORM pg_advisory_xact_lock_shared(p_fence_key);\n"
        "    SELECT epoch INTO v_epoch FROM lock_epochs WHERE token = p_token"
        " AND ended_at IS NULL;\n",
        "    SELECT epoch INTO v_epoch FROM lock_epochs WHERE token = p_token"
        " AND ended_at IS NULL;\n"
        "    PERFORM pg_advisory_xact_lock_shared(p_fence_key);\n"
        "    PERFORM 1 WHERE v_epoch IS NOT NULL;\n",
        FENCE + "a_transaction_that_waits_for_a_successor_to_win_is_refused",
    ),
    Mutant(
        "the fence without its lock",
        "sql/init_schema_idempotent.sql",
        "    PERFORM pg_advisory_xact_lock_shared(p_fence_key);\n",
        "",
        LOCK + "a_new_term_waits_for_a_fenced_transaction_that_is_under_way",
    ),
    Mutant(
        "winning does not wait at the fence",
        "supervisor/lock/protocol.py",
        "        self._fence_out()\n",
        '        self._session.run("BEGIN ISOLATION LEVEL READ COMMITTED")\n',
        LOCK + "a_new_term_waits_for_a_fenced_transaction_that_is_under_way",
    ),
    Mutant(
        "a waiter of another role judges what it cannot see",
        "supervisor/lock/eviction.py",
        "if not holder.visible:",
        "if False:",
        EVICTION + "a_role_that_may_not_look_says_so_once_and_ends_nobody",
    ),
    Mutant(
        "the heartbeat does not look at the lock",
        "sql/lock.sql",
        "backend_pid = pg_backend_pid()\n  AND EXISTS (",
        "backend_pid = pg_backend_pid()\n  OR EXISTS (",
        LOCK + "a_heartbeat_proves_the_lock_and_fails_without_it",
    ),
    Mutant(
        "a late answer keeps a term",
        "supervisor/lock/term_holder.py",
        "        if self.gate.is_shut:\n            # The answer",
        "        if False:\n            # The answer",
        TERM + "an_answer_after_the_deadline_ends_the_term_and_proves_nothing",
    ),
    Mutant(
        "a holder that stood still asks once more",
        "supervisor/lock/term_holder.py",
        "            if self.gate.trust_left() <= 0:\n                # The process stood",
        "            if False:\n                # The process stood",
        TERM + "a_holder_that_stood_still_beyond_its_trust_asks_no_more",
    ),
    Mutant(
        "a slow heartbeat starves the loop",
        "supervisor/lock/term_holder.py",
        "            # Return even if the next one is due: a stop may have been requested.\n"
        "            return\n",
        "",
        TERM + "heartbeats_that_take_longer_than_their_interval_shorten_trust_and_starve_nobody",
    ),
    Mutant(
        "a term that waits for its predecessor signs off",
        "supervisor/lock/term_holder.py",
        "if self.gate.waits() <= 0:",
        "if True:",
        TERM + "a_term_that_still_waits_for_its_predecessor_is_freed_without_a_sign_off",
    ),
    Mutant(
        "work that goes on is signed off",
        "supervisor/lock/term_holder.py",
        '.warning("drain_incomplete")\n            return\n',
        '.warning("drain_incomplete")\n',
        TERM + "work_that_does_not_stop_in_time_is_not_signed_off",
    ),
    Mutant(
        "nobody looks whether the lock was ours to free",
        "supervisor/lock/term_holder.py",
        "        if not freed:",
        "        if False:",
        TERM + "a_lock_that_was_not_ours_when_it_was_to_be_freed_is_told",
    ),
    Mutant(
        "a lost term outlives its time",
        "supervisor/lock/term_holder.py",
        "            self._tools.die(f",
        "            str(f",
        TERM + "a_service_that_outlives_a_lost_term_ends_the_process",
    ),
    Mutant(
        "no grace after an unclean end",
        "supervisor/lock/timing.py",
        "        if clean:\n            return 0.0",
        "        if clean or heartbeat_age >= 0:\n            return 0.0",
        RULES + "a_successor_waits_until_its_predecessor_cannot_act",
    ),
    Mutant(
        "a failover is forgotten by the grace",
        "supervisor/lock/timing.py",
        "        if moved:\n",
        "        if False:\n",
        RULES + "a_successor_waits_until_its_predecessor_cannot_act",
    ),
    Mutant(
        "the watchdog leaves the hung socket alone",
        "supervisor/lock/watchdog.py",
        "        watched.abort()\n",
        "",
        RULES + "the_watchdog_shuts_the_gate_and_frees_the_socket_at_the_deadline",
    ),
    Mutant(
        "the watchdog leaves the gate open",
        "supervisor/lock/watchdog.py",
        "        watched.gate.shut()\n",
        "",
        RULES + "the_watchdog_shuts_the_gate_and_frees_the_socket_at_the_deadline",
    ),
    Mutant(
        "the server's clock is believed when heartbeats are judged",
        "supervisor/lock/protocol.py",
        'heartbeat_age=before["heartbeat_age"] - overstated,',
        'heartbeat_age=before["heartbeat_age"],',
        AHEAD + "a_successor_waits_for_its_predecessors_trust_although_its_heartbeat_looks_old",
        slow=True,
    ),
    Mutant(
        "the server's clock is believed when holders are judged",
        "supervisor/lock/eviction.py",
        "self._rules.stale_after + doubt,",
        "self._rules.stale_after,",
        AHEAD + "a_healthy_holder_that_looks_idle_for_an_hour_is_left_alone",
        slow=True,
    ),
    Mutant(
        "the lock's session may idle for ever",
        "supervisor/lock/session_limits.py",
        "        IDLE: _milliseconds(timing.idle),\n",
        "",
        LOCK + "a_silent_holder_is_ended_by_the_server_and_never_early",
        slow=True,
    ),
    Mutant(
        "the stale holder's session is not checked again",
        "sql/lock.sql",
        "      AND a.state = 'idle'\n"
        "      AND a.state_change < clock_timestamp() - make_interval(secs => %(stale_seconds)s)\n",
        "      AND make_interval(secs => %(stale_seconds)s) IS NOT NULL\n",
        LOCK + "only_a_holder_that_is_idle_beyond_the_limit_is_ended",
    ),
    Mutant(
        "a lost session is not told apart from a silent one",
        "supervisor/lock/session.py",
        "        if self.broken:\n            raise self._broken(None)\n",
        "",
        LOCK + "a_session_that_is_ended_is_noticed_while_waiting",
        slow=True,
    ),
    Mutant(
        "a winner is held up by a transaction that does not end",
        "supervisor/lock/protocol.py",
        "        except Unavailable:\n            if self.broken:",
        "        except Unavailable:\n            if True:",
        LOCK + "a_fenced_transaction_that_does_not_end_is_ended_by_the_winner",
    ),
    Mutant(
        "the fence is cleared by one that does not hold the lock",
        "sql/lock.sql",
        "\n        AND ours.pid = pg_backend_pid());",
        ");",
        LOCK + "nobody_ends_what_holds_the_fence_without_holding_the_lock",
    ),
    Mutant(
        "who throws out the holder tries for the lock only afterwards",
        "sql/lock.sql",
        "SELECT pg_advisory_lock(CAST(%(key)s AS bigint)),\n"
        "       extract(epoch FROM clock_timestamp())::float8 AS server_time\n"
        "FROM told WHERE to_end;\n\n-- name: fence_out",
        "SELECT extract(epoch FROM clock_timestamp())::float8 AS server_time\n"
        "FROM told WHERE to_end;\n\n-- name: fence_out",
        EVICTION + "whoever_throws_the_holder_out_has_the_lock_in_the_same_breath",
    ),
    Mutant(
        "who was thrown out comes back as somebody younger",
        "supervisor/lock/eviction.py",
        "return self._older.get(name, FORCED_AT_MOST) < FORCED_AT_MOST",
        "return is_older",
        EVICTION + "who_was_thrown_out_and_comes_back_is_not_younger_for_that",
        slow=True,
    ),
)
