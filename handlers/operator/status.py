"""``run.py status``: one screen from the database, as text or as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sql
from handlers.operator import dead_letters, orphan_callbacks
from kie.jobs import job_table
from supervisor.database.migration import SESSION_NAME
from supervisor.database.transactions import Database, Tx
from supervisor.lock.protocol import session_name
from supervisor.runtime.errors import BotError, SchemaMismatch, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity

_SQL = sql.load("status")
_HOLDER = sql.load("lock")["holder"]


@dataclass(frozen=True, slots=True)
class CommandOutput:
    """The output of the command, and whether it has found what it was asked for."""

    text: str
    found: bool = True


def answer(
    dsn: Secret,
    identity: Identity,
    *,
    dead: bool = False,
    replay: int | None = None,
    orphans: bool = False,
    match: Sequence[int] | None = None,
    as_json: bool = False,
) -> CommandOutput:
    """The whole command, with a connection of its own. Raises ``BotError``."""
    database = Database(
        dsn,
        size=1,
        bot_id=identity.bot_id,
        fence_key=identity.fence_key,
        name="trt:status",
        wakeups=Wakeups(),
    )
    try:
        return _answer(
            database,
            identity,
            dead=dead,
            replay=replay,
            orphans=orphans,
            match=match,
            as_json=as_json,
        )
    except Unavailable as error:
        raise _explained(database, error) from None
    finally:
        database.close()


def _answer(
    database: Database,
    identity: Identity,
    *,
    dead: bool,
    replay: int | None,
    orphans: bool,
    match: Sequence[int] | None,
    as_json: bool,
) -> CommandOutput:
    if replay is not None:
        done = dead_letters.replay(database, identity.bot_id, replay)
        if done is None:
            return CommandOutput(f"{replay} is not an update that can be replayed", found=False)
        return CommandOutput(done)
    if match is not None:
        orphan, job = match
        done = orphan_callbacks.match(database, identity.bot_id, orphan, job)
        if done is None:
            told = f"callback {orphan} does not fit job {job}: one of them is unknown, or the"
            return CommandOutput(f"{told} job has a task or a result", found=False)
        return CommandOutput(done)
    if orphans:
        return CommandOutput(orphan_callbacks.answer(database, identity.bot_id, as_json=as_json))
    if dead:
        rows = dead_letters.listed(database, identity.bot_id)
        return CommandOutput(json.dumps(rows) if as_json else dead_letters.screen(rows))
    found = collect(database, identity)
    return CommandOutput(json.dumps(found) if as_json else screen(found))


def _explained(database: Database, error: Unavailable) -> Unavailable:
    """The same error, and what to do while or before the schema is made."""
    try:
        making = database.read(_SQL["migrating"], {"name": SESSION_NAME})[0]["running"]
    except BotError:
        return error
    if making:
        return Unavailable(
            f"the tables are being made or brought up to date just now; ask again in a moment"
            f" ({error})"
        )
    if not isinstance(error, SchemaMismatch):
        return error
    return Unavailable(
        "the database does not have the tables of this release: start the bot, or run"
        f" python run.py migrate ({error})"
    )


def collect(database: Database, identity: Identity) -> dict[str, Any]:
    """The same as ``gather``, in a transaction of its own. Raises ``BotError``."""
    with database.transaction() as tx:
        return gather(tx, identity)


def gather(tx: Tx, identity: Identity) -> dict[str, Any]:
    """Who is ACTIVE, who waits, what is queued. Raises ``BotError``.

    ``active`` holds the lock, by the server's own tables, and has an open term. A session that
    holds the lock without a term (an old release) is ``holder``. A term without the lock is over.
    """
    key = {"key": identity.lock_key}
    holder = tx.one(_HOLDER, key)
    term = tx.one(_SQL["latest_term"], key)
    sessions = tx.all(_SQL["sessions"], {"prefix": session_name(identity.bot_id, "")})
    queues = tx.one(_SQL["queues"], {"bot_id": identity.bot_id}) or {}
    by_state = dict(job_table.by_state(tx, identity.bot_id))
    active = stranger = None
    if holder is not None and term is not None and holder["epoch"] == term["epoch"]:
        active = {
            "instance": term["instance_id"],
            "epoch": term["epoch"],
            "since": term["acquired_at"].isoformat(timespec="seconds"),
            "heartbeat_seconds": round(term["heartbeat_age"], 1),
            "cannot_end": _hindrance(tx, holder["pid"]),
        }
    elif holder is not None:
        stranger = {
            "pid": holder["pid"],
            "name": holder["application_name"],
            "idle_seconds": _rounded(holder["idle_seconds"]),
            "cannot_end": _hindrance(tx, holder["pid"]),
        }
    holding = None if holder is None else holder["pid"]
    return {
        "active": active,
        "holder": stranger,
        "last_end": None if active is not None else _last_end(term),
        "waiting": [row["instance"] for row in sessions if row["pid"] != holding],
        "queue": {name: _rounded(value) for name, value in queues.items()},
        "jobs": by_state,
    }


def _hindrance(tx: Tx, pid: int) -> str | None:
    """Why an instance with our role could not end the session that holds the lock, if it were
    dead, and what to do; None: it could."""
    row = tx.one(_SQL["may_end"], {"pid": pid})
    if row is None or (row["may_call"] and row["may_end"] and row["visible"]):
        return None
    role, theirs = row["role"], row["theirs"]
    why = (
        f"{role} may not call pg_terminate_backend: GRANT EXECUTE ON FUNCTION"
        f" pg_terminate_backend(integer, bigint) TO {role}"
        if not row["may_call"]
        else f"it is one of the role {theirs}, and {role} may not end it: give all instances the"
        " same role"
    )
    return (
        f"if pid {pid} is dead, nobody with this DATABASE_URL can end it: {why}, or end it by hand"
    )


def _last_end(term: Mapping[str, Any] | None) -> str:
    if term is None:
        return "no term was ever begun"
    name = f"epoch {term['epoch']} of {term['instance_id']}"
    if term["ended_at"] is None:
        return f"{name} is gone; its last heartbeat is {term['heartbeat_age']:.0f} s old"
    return f"{name} ended: {term['end_reason']}"


def screen(status: Mapping[str, Any]) -> str:
    """The same for a terminal as narrow as a phone."""
    active, holder = status["active"], status["holder"]
    lines = []
    if active is not None:
        lines += [
            f"ACTIVE   {active['instance']}",
            f"         epoch {active['epoch']} since {active['since']}",
            f"         heartbeat {active['heartbeat_seconds']} s ago",
            *_noted(active),
        ]
    elif holder is not None:
        idle = holder["idle_seconds"]
        lines += [
            f"ACTIVE   pid {holder['pid']} {holder['name']}".rstrip(),
            "         holds the lock without a term, as an old release does"
            + ("" if idle is None else f"; idle {idle:.0f} s"),
            *_noted(holder),
        ]
    else:
        lines += ["ACTIVE   nobody", f"         {status['last_end']}"]
    lines += [f"PASSIVE  {name}" for name in status["waiting"]] or ["PASSIVE  none"]
    queue = status["queue"]
    oldest = queue.get("oldest_update_seconds")
    lines.append(f"updates  {queue['unprocessed_updates']} to process" + _age(oldest))
    if queue["dead_updates"]:
        lines.append(f"         {queue['dead_updates']} set aside")
    counts = ", ".join(f"{count} {state}" for state, count in status["jobs"].items())
    lines.append(f"jobs     {counts or 'none'}")
    late = _age(queue.get("oldest_result_seconds"))
    lines.append(f"outbox   {queue['undelivered']} to deliver{late}")
    if queue["held"]:
        lines.append(f"         {queue['held']} held for users who have blocked the bot")
    return "\n".join(lines)


def _noted(holder: Mapping[str, Any]) -> list[str]:
    return [f"         ⚠️ {holder['cannot_end']}"] if holder["cannot_end"] else []


def _age(seconds: float | None) -> str:
    return "" if seconds is None else f", oldest {seconds:.0f} s"


def _rounded(value: Any) -> Any:
    return round(value, 1) if isinstance(value, float) else value
