"""One process from its start to its end.

Order of the start: port, data directory, database address, everything else. The port must answer
within a second, so heavy modules are imported after it. Order of the end: the supervisor drains and
releases the lock, then the listener stops, so updates are stored until then.
"""

import asyncio
import contextlib
import gc
import importlib
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from loguru import logger

from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.migration import migrate
from supervisor.health.health import Health
from supervisor.health.health_log import tell_changes
from supervisor.health.loop_lag import measure_loop_lag
from supervisor.health.sd_notify import ServiceManager
from supervisor.http.endpoints import HealthRoute, MetricsRoute, ReadyRoute
from supervisor.http.inside import Relays
from supervisor.http.listener import Listener, NotReady
from supervisor.lock.session import Session
from supervisor.lock.timing import Timing
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.errors import (
    BotError,
    Exit,
    LoginRefused,
    Misconfigured,
    Stuck,
    Unavailable,
)
from supervisor.runtime.secret import Secret
from supervisor.runtime.threads import BackgroundThread, blocking_calls
from supervisor.settings.data_dir import check_data_dir
from supervisor.settings.reader import Settings
from supervisor.telemetry import logs

if TYPE_CHECKING:
    from handlers.process.composition import Bot

MAX_BODY = 1024 * 1024
#: Bytes of a body that anybody may send without authentication.
STRANGERS_BODY = 16 * 1024
#: Seconds after the first request to stop, when the process ends itself whatever hangs (a name
#: server, hosts that do not answer), before the platform sends SIGKILL.
LAST_RESORT = 19.0
#: Seconds that the event loop gets to end when a part of the process hangs.
STUCK_SECONDS = 3.0
#: Seconds for the connection to our own port, and for its answer. Ours answers in milliseconds,
#: but for the first seconds of many processes that start at once on a small machine.
PROOF = 10.0
#: Seconds before the second, third … try to reach the database at the start.
PAUSES = (0.5, 1.0, 2.0, 5.0)
#: The same after a refused login. After the last one the refusal is believed. They are long, since
#: poolers block whoever is refused often.
REFUSED_PAUSES = (2.0, 8.0, 20.0)
#: Seconds between two looks at a data directory that could not be written at the start.
DATA_DIR_PAUSE = 5.0
#: Seconds between two looks whether the embedded server still runs.
REVIVE_EVERY = 5.0


class Daemon:
    """``run.py serve``. Made and run in the main thread's event loop."""

    def __init__(self, settings: Settings, *, take_over: bool, die: Callable[[str], None]) -> None:
        self._settings = settings
        self._take_over = take_over
        self._die = die
        self._clock = SystemClock()
        self._health = Health(
            self._clock,
            mode=settings.mode,
            instance_id=settings.instance_id,
            version=settings.version,
        )
        logs.count_dropped(self._health.metrics.log_lines_dropped.inc)
        public_host = urlsplit(settings.base_url or "").hostname
        relays = Relays(public_host)
        # Requests of these two routes prove by a secret that they come from outside.
        self._webhook = NotReady("POST", "/telegram/{id}", MAX_BODY, relays.note)
        self._job_callback = NotReady(
            "POST", "/callbacks/kie/{job}/{signature}", MAX_BODY, relays.note
        )
        self._task_callback = NotReady("POST", "/callbacks/kie", STRANGERS_BODY)
        self._listener = Listener(
            settings.port,
            (
                HealthRoute(self._health),
                ReadyRoute(self._check_ready, self._clock),
                MetricsRoute(self._health, settings.identity.metrics_token, public_host, relays),
                self._webhook,
                self._job_callback,
                self._task_callback,
            ),
            short=self._webhook,
            metrics=self._health.metrics,
        )
        self._manager = ServiceManager(settings.notify_socket, settings.watchdog_seconds)
        self._stop = Event()
        self._bot: Bot | None = None
        self._schema_is_current = False

    def request_stop(self) -> None:
        """From a signal handler: drain and end; a second time: hurry."""
        if not self._stop.is_set():
            asyncio.get_running_loop().call_later(LAST_RESORT, self._die, "the stop takes too long")
        self._manager.stopping()
        self._stop.set()
        if self._bot is not None:
            self._bot.supervisor.request_stop()

    async def run(self) -> int:
        """Returns the exit code. Raises ``Misconfigured`` for what no restart can mend."""
        await self._listener.start()
        reporting = asyncio.create_task(
            self._manager.report(self._health.progress, self._health.summary)
        )
        beating = asyncio.create_task(
            measure_loop_lag(self._clock, self._health.metrics.loop_lag, self._health.progress)
        )
        telling = asyncio.create_task(tell_changes(self._health))
        try:
            await self._prove_port()
            writable = self._is_writable()
            self._manager.ready()
            return await self._with_database(writable)
        finally:
            reporting.cancel()
            beating.cancel()
            telling.cancel()
            await self._listener.stop()

    async def _with_database(self, writable: bool) -> int:
        if self._settings.database_url is not None:
            # The directory only keeps results until they are delivered: the bot works without it.
            waiting = None if writable else asyncio.create_task(self._wait_for_data_dir())
            try:
                return await self._with_bot(self._settings.database_url)
            finally:
                if waiting is not None:
                    waiting.cancel()
        if not writable and not await self._wait_for_data_dir():
            return Exit.OK
        server = await asyncio.to_thread(EmbeddedPostgres.start, self._settings.data_dir)
        keeping = asyncio.create_task(self._keep(server))
        try:
            return await self._with_bot(server.dsn)
        finally:
            keeping.cancel()
            await asyncio.to_thread(server.close)

    async def _keep(self, server: EmbeddedPostgres) -> None:
        """Nobody else would start the embedded server again when the system has killed it."""
        while not await asyncio.to_thread(self._clock.wait, self._stop, REVIVE_EVERY):
            try:
                if await asyncio.to_thread(server.revive):
                    logger.warning("[DB] ⚠️ the embedded PostgreSQL was killed; it runs again")
            except Stuck as error:
                logger.warning(f"[DB] ⚠️ {error}; trying again every {REVIVE_EVERY:g} s")

    async def _with_bot(self, dsn: Secret) -> int:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(blocking_calls())
        # In a thread: the import takes a while, and the port answers meanwhile.
        await asyncio.to_thread(importlib.import_module, "handlers.process.composition")
        from handlers.process.composition import compose

        bot = self._bot = compose(
            self._settings,
            dsn,
            clock=self._clock,
            health=self._health,
            loop=loop,
            take_over=self._take_over,
            prepare=lambda stop: self._prepare(dsn, stop),
            die=self._die,
        )
        # Objects of the start live as long as the process.
        gc.freeze()
        if self._stop.is_set():
            bot.supervisor.request_stop()
        ended = asyncio.Event()
        code = [Exit.FAILED]

        def supervise(_: Event) -> None:
            try:
                code[0] = bot.supervisor.run()
            finally:
                loop.call_soon_threadsafe(ended.set)
            if code[0] is Exit.STUCK:
                # The event loop itself may hang.
                self._clock.wait(Event(), STUCK_SECONDS)
                self._die("the process hangs at its end")

        bot.start()
        BackgroundThread("supervisor", supervise).start()
        await ended.wait()
        await self._listener.stop()
        await bot.close()
        if code[0] is Exit.OK:
            logger.info("[SHUTDOWN] ✅ Lock released, exit")
        else:
            logger.error(f"[SHUTDOWN] ❌ exit with code {int(code[0])}")
        return code[0]

    # ------------------------------------------------------------- the start --

    def _is_writable(self) -> bool:
        """Whether DATA_DIR can be written now. Raises ``Misconfigured`` when it never can be."""
        try:
            check_data_dir(self._settings.data_dir)
        except Unavailable as error:
            logger.warning(f"[DATA] ⚠️ {error}; trying again every {DATA_DIR_PAUSE:g} s")
            self._health.report("data", str(error))
            return False
        self._data_dir_works()
        return True

    async def _wait_for_data_dir(self) -> bool:
        """Until DATA_DIR can be written; False: the process is to stop."""
        while not await asyncio.to_thread(self._clock.wait, self._stop, DATA_DIR_PAUSE):
            with contextlib.suppress(BotError):
                check_data_dir(self._settings.data_dir)
                self._data_dir_works()
                return True
        return False

    def _data_dir_works(self) -> None:
        logger.info(f"[OK] Data directory writable: {self._settings.data_dir}")
        self._health.report("data", None)

    async def _prove_port(self) -> None:
        """Ask our own /health over the network before the log says that the port answers."""
        port = self._settings.port
        try:
            reader, writer = await asyncio.wait_for(
                asyncio.open_connection("127.0.0.1", port), PROOF
            )
            writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = await asyncio.wait_for(reader.read(64), PROOF)
            writer.close()
        except (OSError, TimeoutError) as error:
            # Not exit code 64: a machine that is overloaded now looks the same.
            raise Stuck(f"PORT: {port} is bound but does not answer: {error}") from None
        if not answer.startswith(b"HTTP/1.1 200"):
            raise Stuck(f"PORT: somebody else answers on {port}")
        logger.info(f"[HEALTH] ✅ Server started on port {port}")

    def _prepare(self, dsn: Secret, stop: Event) -> None:
        """In the supervisor's thread: wait for the database, then make schema and pool ready."""
        assert self._bot is not None
        failures = refusals = 0
        while not stop.is_set():
            try:
                # First: a server that cannot hold the lock must not be migrated.
                Session.open(dsn, Timing(), name="trt:probe", channels=()).close()
                done = migrate(dsn, self._clock, stop)
                self._bot.database.ping()
            except BotError as error:
                refusals = refusals + 1 if isinstance(error, LoginRefused) else 0
                if isinstance(error, Misconfigured) and not 0 < refusals <= len(REFUSED_PAUSES):
                    raise
                self._health.trouble(str(error))
                told = logger.bind(reason=str(error))
                loud = refusals or failures in {0, 10}
                told.log("WARNING" if loud else "DEBUG", "[DB] ⚠️ not reachable yet")
                pause = PAUSES[min(failures, len(PAUSES) - 1)]
                if refusals:
                    pause = REFUSED_PAUSES[refusals - 1]
                failures += 1
                self._clock.wait(stop, self._clock.jitter(pause))
                continue
            self._health.trouble(None)
            logger.bind(schema=done.version, changes=len(done.changes)).info(
                "[DB] ✅ DatabaseService initialized"
            )
            self._schema_is_current = True
            self._webhook.become_short(self._bot.webhook)
            self._job_callback.become(self._bot.job_callback)
            self._task_callback.become(self._bot.task_callback)
            return

    async def _check_ready(self) -> None:
        if self._bot is None or not self._schema_is_current:
            raise Unavailable("the database has not been reached yet")
        await self._bot.inbox.prove()
