"""The bot under a role that may do less than its owner: it says what is missing, or works."""

import signal
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import parse_dsn

from sandbox.client import buttons
from supervisor.database.migration import migrate
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.errors import Exit
from supervisor.runtime.secret import Secret
from supervisor.settings.identity import Identity
from tests.support.bots.commands import run_py
from tests.support.bots.ordering import order
from tests.support.bots.world import TOKEN, World
from tests.support.machine.waiting import until
from tests.support.postgres.databases import admin, name_of

BEN = 1002
EVERYTHING = (
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
)

Role = Callable[..., Secret]


@pytest.fixture
def role(dsn: Secret) -> Iterator[Role]:
    """Makes a role from statements about ``{role}``; returns the address for it."""
    name = f"r_{name_of(dsn)}"
    migrate(dsn, SystemClock(), Event())

    def make(*statements: str, options: str = "", database: Secret = dsn) -> Secret:
        with admin(database) as cursor:
            cursor.execute(f"CREATE ROLE {name} LOGIN {options}")
            for statement in statements:
                cursor.execute(statement.format(role=name))
        return Secret(database.reveal().replace("postgres:@", f"{name}:@"))

    yield make
    with admin(dsn) as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (name,)
        )
        cursor.execute(f"DROP OWNED BY {name}")
        cursor.execute(f"DROP ROLE {name}")


def test_a_role_with_the_rights_to_use_the_tables_is_enough(world: World, role: Role) -> None:
    bot = world.bot(DATABASE_URL=role(*EVERYTHING).reveal())
    bot.wait_line("WEBHOOK CONFIGURED", 30)
    world.telegram.say(BEN, "/start")

    world.telegram.wait_for(BEN, lambda m: bool(buttons(m)), 30)


def test_a_login_that_is_refused_at_the_start_is_tried_again(
    world: World, role: Role, dsn: Secret
) -> None:
    """As while a password is changed, or while a pooler remembers the old one."""
    address = role(*EVERYTHING, "ALTER ROLE {role} NOLOGIN")
    bot = world.bot(DATABASE_URL=address.reveal())
    bot.wait_line("the server refuses it", 30)

    with admin(dsn) as cursor:
        cursor.execute(f"ALTER ROLE {parse_dsn(address.reveal())['user']} LOGIN")

    bot.wait_line("WEBHOOK CONFIGURED", 40)


def test_a_login_that_stays_refused_is_a_wrong_setting(world: World, role: Role) -> None:
    address = role("ALTER ROLE {role} NOLOGIN")

    bot = world.bot(DATABASE_URL=address.reveal())

    assert bot.wait(60) == Exit.USAGE


def test_that_role_lets_sequences_go_on_that_are_behind(role: Role, dsn: Secret) -> None:
    """As after a move by logical replication, which does not bring them."""
    with admin(dsn) as cursor:
        cursor.execute("INSERT INTO orphan_callbacks (id, task_id, payload) VALUES (9, 't', '{}')")

    done = migrate(role(*EVERYTHING), SystemClock(), Event())

    assert done.changes == ("numbers of orphan_callbacks go on after 9",)


MISSING = [
    ("REVOKE UPDATE ON deliveries FROM {role}", "UPDATE on deliveries"),
    ("REVOKE ALL ON accounts FROM {role}", "SELECT, INSERT, UPDATE, DELETE on accounts"),
    ("REVOKE ALL ON SEQUENCE ledger_id_seq FROM {role}", "USAGE on ledger_id_seq"),
    (
        "REVOKE EXECUTE ON FUNCTION trt_fence FROM PUBLIC",
        "EXECUTE on trt_fence",
    ),
    ("ALTER TABLE users ENABLE ROW LEVEL SECURITY", "row level security hides rows of users"),
]


@pytest.mark.parametrize(("statement", "words"), MISSING)
def test_a_right_that_was_forgotten_is_named_at_the_start(
    world: World, role: Role, statement: str, words: str
) -> None:
    """As after a migration by the owner, when nobody granted the new table."""
    bot = world.bot(DATABASE_URL=role(*EVERYTHING, statement).reveal())

    assert bot.wait(30) == 64
    assert words in bot.text()
    assert "GRANT" in bot.text() or "BYPASSRLS" in bot.text()


def test_a_setting_that_the_role_may_not_undo_and_that_would_break_the_money_is_named(
    world: World, role: Role
) -> None:
    """A superuser has switched triggers off for the role, as during a copy of the data."""
    off = "ALTER ROLE {role} SET session_replication_role = replica"
    bot = world.bot(DATABASE_URL=role(*EVERYTHING, off).reveal())

    assert bot.wait(30) == 64
    assert "session_replication_role is replica" in bot.text()
    assert "RESET session_replication_role" in bot.text()


def test_a_role_that_may_not_see_the_sessions_of_the_holder_waits_and_takes_over(
    world: World, role: Role, dsn: Secret
) -> None:
    """The holder has another role: its session is hidden, and may not be ended."""
    world.bot().wait_line("WEBHOOK CONFIGURED", 40)
    holder = world.bots[0]
    other = world.bot(
        DATABASE_URL=role(*EVERYTHING).reveal(),
        PORT=str(world.spare_port),
        LOCK_MODE="wait_then_force",
        LOCK_WAIT_SECONDS="1",
    )
    other.wait_state("PASSIVE", 30)
    other.wait_line("give all instances the same role", 30)
    assert holder.health()["state"] == "ACTIVE"

    holder.signal(signal.SIGSTOP)
    try:
        other.wait_state("ACTIVE", 40)
    finally:
        holder.signal(signal.SIGCONT)


def ask(world: World, *words: str, address: Secret) -> tuple[int, str]:
    """The exit code and all output of a command."""
    done = run_py(*words, env=world.env(DATABASE_URL=address.reveal()))
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def holding() -> Iterator[Callable[[Secret], Any]]:
    """Opens a session that takes the bot's lock and does nothing more, as a dead holder."""
    opened = []

    def hold(address: Secret) -> Any:
        opened.append(psycopg2.connect(address.reveal(), application_name="old bot"))
        opened[-1].autocommit = True
        key = Identity(Secret(TOKEN)).lock_key
        opened[-1].cursor().execute("SELECT pg_advisory_lock(%s)", (key,))
        return opened[-1]

    yield hold
    for each in opened:
        each.close()


MAY_NOT_END = "REVOKE EXECUTE ON FUNCTION pg_terminate_backend(int, bigint) FROM PUBLIC"


@pytest.mark.parametrize(
    ("statement", "held_by_owner", "told", "cure"),
    [
        (MAY_NOT_END, False, "cannot be ended by us", "GRANT EXECUTE ON FUNCTION"),
        ("GRANT pg_read_all_stats TO {role}", True, "cannot be ended by us", "the same role"),
        ("GRANT CONNECT ON DATABASE {base} TO {role}", True, "unknown whether", "the same role"),
    ],
)
def test_who_may_not_end_a_holder_says_so_everywhere_and_takes_over_when_it_has_ended(
    world: World,
    role: Role,
    dsn: Secret,
    holding: Callable[[Secret], Any],
    statement: str,
    held_by_owner: bool,
    told: str,
    cure: str,
) -> None:
    """The holder is nobody's instance any more; this role may not end its session."""
    address = role(*EVERYTHING, statement.replace("{base}", name_of(dsn)))
    held = holding(dsn if held_by_owner else address)
    pid = held.info.backend_pid
    bot = world.bot(
        DATABASE_URL=address.reveal(), LOCK_MODE="wait_then_force", LOCK_WAIT_SECONDS="1"
    )

    bot.wait_line(told, 30)
    end_it = f"SELECT pg_terminate_backend({pid})"
    assert end_it in bot.text()
    health = until(lambda: (h := bot.health()).get("reason") and h, 20, "its health says it")
    assert (health["state"], health["status"], health["reason"]) == ("PASSIVE", "degraded", "lock")
    assert bot.get("/ready")[0] == 200
    for command, code in (("status", 0), ("prod-check", 1)):
        ended, output = ask(world, command, address=address)
        assert ended == code, output
        assert f"if pid {pid} is dead, nobody with this DATABASE_URL can end it" in output
        assert cure in output

    held.close()
    bot.wait_state("ACTIVE", 30)
    until(lambda: "reason" not in bot.health(), 20, "nothing stands in the way any more")
    assert "can end it" not in ask(world, "status", address=Secret(dsn.reveal()))[1]


def test_a_transaction_of_the_former_holder_that_nobody_may_end_is_named(
    world: World, role: Role, dsn: Secret
) -> None:
    """Frozen in the middle of a fenced transaction; the server ends it by itself later."""
    address = role(*EVERYTHING, MAY_NOT_END)
    left = psycopg2.connect(address.reveal())
    left.cursor().execute(
        "SELECT pg_advisory_xact_lock_shared(%s)", (Identity(Secret(TOKEN)).fence_key,)
    )
    bot = world.bot(DATABASE_URL=address.reveal())

    bot.wait_line("a transaction of the former holder is still open", 40)
    left.close()

    bot.wait_state("ACTIVE", 40)


GONE = [
    ("ALTER TABLE deliveries RENAME TO elsewhere", "ALTER TABLE elsewhere RENAME TO deliveries"),
    ("ALTER TABLE accounts RENAME TO elsewhere", "ALTER TABLE elsewhere RENAME TO accounts"),
    ("REVOKE ALL ON deliveries FROM {role}", "GRANT ALL ON deliveries TO {role}"),
    ("REVOKE ALL ON users FROM {role}", "GRANT ALL ON users TO {role}"),
]


@pytest.mark.parametrize(("away", "back"), GONE)
def test_a_table_that_is_away_in_the_middle_of_work_costs_no_update_a_try(
    world: World, role: Role, dsn: Secret, away: str, back: str
) -> None:
    """A backup is restored or rights are changed under a bot that works: an outage of all."""
    address = role(*EVERYTHING)
    bot = world.bot(DATABASE_URL=address.reveal())
    bot.wait_line("WEBHOOK CONFIGURED", 30)
    users = [world.telegram.new_user(f"User {number}") for number in range(3)]
    named = psycopg2.extensions.parse_dsn(address.reveal())["user"]
    with admin(dsn) as cursor:
        cursor.execute(away.format(role=named))
        try:
            for user in users:
                world.telegram.say(user, "/start")
            bot.wait_line("python run.py prod-check names what is missing", 30)
            until(lambda: bot.text().count("dispatcher_paused") > 1, 30, "it has tried again")
        finally:
            cursor.execute(back.format(role=named))
        for user in users:
            world.telegram.wait_for(user, lambda m: bool(buttons(m)), 40)
        cursor.execute("SELECT state, max(attempts) FROM telegram_updates GROUP BY state")
        assert cursor.fetchall() == [("done", 1)]
    assert bot.popen.poll() is None


MADE_MEANWHILE = [
    ("ALTER TABLE generation_jobs RENAME TO away", "ALTER TABLE away RENAME TO generation_jobs"),
    ("REVOKE ALL ON ledger FROM {role}", "GRANT ALL ON ledger TO {role}"),
]


@pytest.mark.parametrize(("away", "back"), MADE_MEANWHILE)
def test_a_picture_that_is_made_while_a_table_is_away_arrives_once(
    world: World, role: Role, dsn: Secret, away: str, back: str
) -> None:
    address = role(*EVERYTHING)
    bot = world.bot(DATABASE_URL=address.reveal())
    bot.wait_line("WEBHOOK CONFIGURED", 30)
    named = psycopg2.extensions.parse_dsn(address.reveal())["user"]
    order(world, BEN)
    world.telegram.press(BEN, "Create")
    until(lambda: world.kie.calls("createTask"), 20, "it is being made")
    with admin(dsn) as cursor:
        cursor.execute(away.format(role=named))
        try:
            bot.wait_line("python run.py prod-check names what is missing", 30)
            Event().wait(5.0)  # a while that outlasts the task itself
        finally:
            cursor.execute(back.format(role=named))
        world.telegram.wait_photo(BEN, 60)
        cursor.execute("SELECT status, count(*) FROM generation_jobs GROUP BY status")
        assert cursor.fetchall() == [("success", 1)]
    assert len(world.kie.tasks()) == 1
    assert bot.popen.poll() is None


def test_who_cannot_store_an_update_is_not_ready(world: World, role: Role, dsn: Secret) -> None:
    address = role(*EVERYTHING)
    bot = world.bot(DATABASE_URL=address.reveal())
    bot.wait_line("WEBHOOK CONFIGURED", 30)
    named = psycopg2.extensions.parse_dsn(address.reveal())["user"]

    with admin(dsn) as cursor:
        cursor.execute(f"REVOKE INSERT ON telegram_updates FROM {named}")
        until(lambda: bot.get("/ready")[0] == 503, 15, "it is not ready")
        bot.wait_line("permission denied for table telegram_updates", 15)
        cursor.execute(f"GRANT INSERT ON telegram_updates TO {named}")
        until(lambda: bot.get("/ready")[0] == 200, 15, "it is ready")


def test_an_empty_database_where_nothing_may_be_made_is_a_wrong_setting(
    world: World, role: Role, dsn: Secret, empty_dsn: Secret
) -> None:
    """PostgreSQL 15 gives nobody but the owner the right to make tables in public."""
    address = role()
    address = Secret(address.reveal().replace(f"/{name_of(dsn)}?", f"/{name_of(empty_dsn)}?"))
    bot = world.bot(DATABASE_URL=address.reveal())

    assert bot.wait(30) == 64
    assert "the role may not change the schema" in bot.text()


def test_three_connections_are_enough_and_the_next_instance_waits(world: World, role: Role) -> None:
    address = role(*EVERYTHING, options="CONNECTION LIMIT 3").reveal()
    first = world.bot(DATABASE_URL=address)
    first.wait_line("WEBHOOK CONFIGURED", 40)
    users = [world.telegram.new_user(f"User {number}") for number in range(5)]
    for user in users:
        world.telegram.say(user, "/start")
    for user in users:
        world.telegram.wait_for(user, lambda m: bool(buttons(m)), 30)

    second = world.bot(DATABASE_URL=address, PORT=str(world.spare_port))
    second.wait_line("too many connections for role", 30)
    first.signal(signal.SIGTERM)
    assert first.wait() == 0

    second.wait_state("ACTIVE", 30)


def test_the_lock_gets_a_session_although_those_for_work_have_taken_all(
    world: World, role: Role, dsn: Secret
) -> None:
    """Somebody takes the lock's place for a moment; the sessions for work stay where they are."""
    address = role(*EVERYTHING, options="CONNECTION LIMIT 3").reveal()
    bot = world.bot(DATABASE_URL=address)
    bot.wait_line("WEBHOOK CONFIGURED", 40)
    users = [world.telegram.new_user(f"User {number}") for number in range(9)]
    with admin(dsn) as cursor:
        until(lambda: busy(world, users, cursor, address) == 2, 60, "two sessions for work")
        cursor.execute(
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks AS l JOIN pg_database AS d"
            " ON d.oid = l.database WHERE l.locktype = 'advisory' AND d.datname = %s",
            (name_of(dsn),),
        )
        other = until(lambda: taken(address), 20, "the lock's place")
        bot.wait_line("[LOCK] ⚠️ ACTIVE → PASSIVE: ", 30)

        until(lambda: bot.health().get("state") == "ACTIVE", 40, "it is ACTIVE again")
    other.close()


def busy(world: World, users: list[int], cursor: Any, address: str) -> int:
    """The sessions for work, after a message of everybody."""
    for user in users:
        world.telegram.say(user, "/start")
    role = psycopg2.extensions.parse_dsn(address)["user"]
    cursor.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = %s"
        " AND application_name LIKE 'trt-work:%%'",
        (role,),
    )
    return int(cursor.fetchone()[0])


def taken(address: str) -> Any:
    """A session of somebody else with our role; None: there is no place."""
    try:
        return psycopg2.connect(address)
    except psycopg2.OperationalError:
        return None
