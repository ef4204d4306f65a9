"""Child processes that do a bot's work with kie.ai and are killed at a named step.

Run as a program it is a fork server: a JSON object on a line of its input starts a child, forked
with all imports; ``{"pid": …}`` and ``{"ended": …}`` come on its output. At the end of its input it
kills its child and ends.

A child runs the production services (submitter, poller, sender) on a real database. What ends it is
in ``mortal_services.py``.
"""

import asyncio
import dataclasses
import gc
import importlib
import json
import os
import select
import signal
import sys
import time
import traceback
import uuid
from pathlib import Path
from threading import Event
from typing import Any

import sql
from handlers.bot_api.client import build_client
from handlers.delivery.calls import TelegramCalls
from handlers.delivery.claims import Claims
from handlers.delivery.outbox import Outbox
from handlers.delivery.outcome_recorder import OutcomeRecorder
from handlers.delivery.sender import Sender
from handlers.dialogue.places import Places
from handlers.features.results.news import JobNews
from handlers.process.shared_parts import CLAIMS_ARE_LEFT, RELEASE_CLAIMS
from handlers.shop.offers import offers_of
from handlers.shop.shop import Shop, Support
from kie.api.circuit import Circuit
from kie.api.client import Circuits
from kie.api.limiter import Limiter
from kie.catalogue.catalogue import Catalogue
from kie.files.result_store import ResultStore
from kie.jobs.account_state import AccountState
from kie.jobs.poll_schedule import PollSchedule
from kie.jobs.poller import Poller
from kie.submission.submitter import Submitter
from supervisor.database.transactions import Database
from supervisor.lock.leftover_claims import LeftoverClaims
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.scheduler import Scheduler
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import ServiceThread
from supervisor.runtime.wakeups import JOBS, OUTBOX, Wakeups
from supervisor.settings.identity import Identity
from supervisor.settings.outgoing import Outgoing
from supervisor.telemetry.metrics import Metrics
from tests.support.jobs.mortal_services import MortalClient, MortalDatabase, MortalTelegram, Orders
from tests.support.shipped import shipped

MODELS = frozenset({"z-image", "veo/text-to-video", "veo/4k", "suno/song"})
PRICE = 5


class HastyClock(SystemClock):
    """A minute is a second: for pauses that a test does not wait for."""

    def now(self) -> float:
        return time.monotonic() * 60

    def wait(self, event: Event, seconds: float) -> bool:
        return event.wait(seconds / 60)


def catalogue(expected: float) -> Catalogue:
    """The models of the tests: priced, and as quick as is said."""
    return Catalogue(
        tuple(
            dataclasses.replace(model, fixed_price=PRICE, expected_seconds=expected)
            for model in shipped().models()
            if model.id in MODELS
        )
    )


def begin_term(database: Database, identity: Identity) -> Term:
    """As winning the lock does: the predecessor's term ends, its claims are released."""
    lock, token = sql.load("lock"), uuid.uuid4()
    named = {"key": identity.lock_key, "token": str(token), "bot_id": identity.bot_id}
    absent = dict.fromkeys(("system_id", "timeline"))
    with database.transaction() as tx:
        tx.run(lock["end_predecessor"], {**named, "reason": "test"})
        row = tx.one(lock["begin_term"], {**named, **absent, "instance_id": "child"})
        tx.run(sql.load("submission")["orphaned_submissions"], named)
    assert row is not None
    return Term(row["epoch"], token)


async def live(orders: Orders) -> None:
    """All services of one term, until the process is killed."""
    clock, hasty, wakeups = SystemClock(), HastyClock(), Wakeups()
    identity = Identity(Secret(orders.token))
    database = MortalDatabase(
        Secret(orders.dsn),
        size=8,
        bot_id=identity.bot_id,
        fence_key=identity.fence_key,
        name="child",
        wakeups=wakeups,
    )
    database.orders = orders
    database.is_active = True
    term, gate = begin_term(database, identity), Gate(clock)
    gate.extend(clock.now() + 3600)
    client = MortalClient(
        api_url=orders.kie_url,
        upload_url=orders.kie_url,
        key=Secret(orders.kie_key),
        version="test",
        limiter=Limiter(hasty),
        circuits=Circuits(Circuit(hasty), Circuit(hasty)),
        clock=clock,
    )
    client.orders = orders
    shop = Shop(offers_of(catalogue(orders.expected)), Support())
    offered, schedule, scheduler = (
        catalogue(orders.expected),
        PollSchedule(clock),
        Scheduler(clock),
    )
    scheduler.start()
    shared: dict[str, Any] = {
        "database": database,
        "client": client,
        "news": JobNews(Outbox(identity.bot_id, ()), lambda: shop, shop.offers, Places()),
        "account": AccountState(),
        "wakeups": wakeups,
        "clock": clock,
        "bot_id": identity.bot_id,
    }
    submitter = Submitter(
        **shared,
        catalogue=offered,
        callback_url=lambda job: identity.callback_url(orders.callback_base, job),
        first_look=schedule.first_look,
    )
    poller = Poller(**shared, schedule=schedule, timer=scheduler)
    # A claim whose row a callback holds locked just now is released later in the term.
    leftovers = LeftoverClaims(
        database,
        hasty,
        bot_id=identity.bot_id,
        release_claims=RELEASE_CLAIMS,
        are_left=CLAIMS_ARE_LEFT,
    )
    services = [
        ServiceThread("submitter", submitter.run),
        ServiceThread("poller", poller.run),
        ServiceThread("leftovers", leftovers.run),
    ]
    for service in services:
        service.start(term, gate)
    telegram = build_client(Secret(orders.telegram_token), orders.telegram_url)
    sender = Sender(
        claims=Claims(database, identity.bot_id, clock),
        recorder=OutcomeRecorder(database, identity.bot_id, clock),
        # No folder to keep anything in.
        calls=TelegramCalls(
            MortalTelegram(telegram.bot, orders), ResultStore(Path(os.devnull), client), clock
        ),
        clock=clock,
        wakeups=wakeups,
        metrics=Metrics(),
    )
    sending = asyncio.create_task(sender.run(term, gate, asyncio.Event()))
    while not sending.done() and all(service.failure is None for service in services):
        # What the gauge sampler does in production, and what a query circuit needs to close.
        client.circuits.query.probed(good=True)
        client.circuits.create.probed(good=True)
        for topic in (JOBS, OUTBOX):
            wakeups.signal(topic)
        await asyncio.sleep(0.1)
    sys.exit("a service of the child has ended")


def read_once() -> None:
    """What every child would load and read at its start."""
    importlib.import_module("handlers.bot_api.ptb_request")
    shipped()
    Outgoing().ssl_context()
    gc.freeze()


def serve_forks() -> None:
    """The loop of the fork server: one child at a time."""
    child, seen = 0, b""
    while True:
        ready, _, _ = select.select([0], [], [], 0.05)
        if child and os.waitpid(child, os.WNOHANG)[0]:
            print(json.dumps({"ended": child}), flush=True)  # noqa: T201 the protocol
            child = 0
        if not ready:
            continue
        read = os.read(0, 65536)
        if not read:
            if child:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
            return
        seen += read
        while b"\n" in seen:
            line, _, seen = seen.partition(b"\n")
            child = _bear(Orders(**json.loads(line)))
            print(json.dumps({"pid": child}), flush=True)  # noqa: T201 the protocol


def _bear(orders: Orders) -> int:
    child = os.fork()
    if child:
        return child
    os.dup2(2, 1)  # the protocol has stdout
    try:
        asyncio.run(live(orders))
    except BaseException:  # noqa: BLE001 it must not serve a second time
        traceback.print_exc()
    os._exit(1)


if __name__ == "__main__":
    read_once()
    serve_forks()
