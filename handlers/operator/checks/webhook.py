"""Checks that Telegram posts to us, with our secret, and that a post is stored."""

import asyncio
import datetime
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import TypeVar

import sql
from handlers.bot_api.client import build_client
from handlers.intake.webhook_info import WebhookComparison
from handlers.intake.webhook_setup import WebhookSetup
from handlers.operator.checks.check_result import CheckFailed, Deadline, NotChecked, pause
from handlers.operator.checks.deployment import Deployment, NoAnswer, NoConnection, host_of
from handlers.operator.checks.own_server import local_files
from supervisor.runtime.errors import Misconfigured, Unavailable

RECENT = 300.0  #: seconds; a more recent error of Telegram's posts fails the check
ARRIVES_WITHIN = 5.0  #: seconds from the answer to the row
#: Far above Telegram's numbers, which have 31 bits: a probe is never an update.
_PROBES = range(2**60, 2**61)
TRIES, FLOOD_PATIENCE = 3, 5.0  #: setWebhook may be called about once a second; seconds
_SQL = sql.load("checks")
T = TypeVar("T")


class WebhookCheck:
    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def run(self) -> str:
        deployment = self._deployment
        if deployment.settings.mode == "polling":
            return self._none_is_set() + local_files(deployment)
        seen = _told(deployment, look)
        self._judge(seen)
        if deployment.server is None:
            raise NotChecked("our server does not answer (see Port), so no probe was posted")
        seconds = self._probe(seen.wanted.url)
        return (
            f"{shortened(seen.wanted.url)} with our secret; a signed probe was stored after"
            f" {seconds:.2f} s{local_files(deployment)}"
        )

    def _none_is_set(self) -> str:
        url = _told(self._deployment, current_url)
        if url:
            raise CheckFailed(
                f"the bot polls, but Telegram posts to {host_of(url)}: getUpdates is refused while"
                " a webhook is set",
                "start the bot with --take-over to remove it, or use another token",
            )
        return "none is set, as polling needs it"

    def _judge(self, seen: WebhookComparison) -> None:
        info, wanted = seen.info, seen.wanted.url
        cure = "start the bot, or restart it: it sets the webhook when it becomes ACTIVE"
        if not info.url:
            raise CheckFailed("Telegram has no webhook for this bot", cure)
        if info.url != wanted:
            where, mine = host_of(info.url), host_of(wanted)
            what = (
                "at another path of this host: an old release or another token set it"
                if where == mine
                else f"to {where} instead of {mine}: another installation, or an old address"
            )
            raise CheckFailed(f"Telegram posts {what}", cure + "; is WEBHOOK_BASE_URL right?")
        if info.left_out:
            kinds = ", ".join(sorted(info.left_out))
            raise CheckFailed(
                f"Telegram sends no updates of the kind {kinds}",
                cure + "; if that does not help, your own Bot API server is older and does not know"
                " them: update it",
            )
        if not seen.allowed_updates_match:
            raise CheckFailed("Telegram sends other kinds of updates than the bot asks for", cure)
        if not seen.secret_known:
            raise CheckFailed("the secret that Telegram was told last is not ours", cure)
        if info.last_error_date is None:
            return
        # Telegram names a wall-clock time, so it is compared with the wall clock.
        age = (datetime.datetime.now(datetime.UTC) - info.last_error_date).total_seconds()
        if age < RECENT:
            raise CheckFailed(
                f"Telegram's last error is {max(0.0, age):.0f} s old: {info.last_error_message}",
                "the secret is another one: restart the bot"
                if "401" in (info.last_error_message or "")
                else "is the public address reachable from outside, with a valid certificate?",
            )

    def _probe(self, url: str) -> float:
        """Post an update as Telegram does, and wait for its row in the inbox."""
        deployment = self._deployment
        number = secrets.choice(_PROBES)
        body = json.dumps({"update_id": number, "trt_probe": {}}).encode()
        begun = deployment.clock.now()
        try:
            code, _ = deployment.post(url, body, deployment.identity.webhook_secret)
        except (NoAnswer, NoConnection) as error:
            raise CheckFailed(
                f"a probe posted to {host_of(url)} does not get through: {error}",
                "is WEBHOOK_BASE_URL the address of this service? does the proxy let it through?",
            ) from None
        if code != 200:
            raise CheckFailed(
                f"a probe posted to {host_of(url)} is answered with HTTP {code}",
                "look at the proxy, or at the database if it is 503",
            )
        deadline = Deadline(deployment.clock, ARRIVES_WITHIN)
        while deadline.left > 0:
            with deployment.database.transaction() as tx:
                named = {"bot_id": deployment.identity.bot_id, "update_id": number}
                if tx.one(_SQL["probe_arrived"], named) is not None:
                    return deployment.clock.now() - begun
            pause(deployment.clock, 0.05)
        raise CheckFailed(
            f"a probe posted to {host_of(url)} was answered with 200 and is not in the database",
            "another bot or another database is behind that address",
        )


async def look(made: WebhookSetup) -> WebhookComparison:
    """The webhook as Telegram shows it, beside the wanted one."""
    return await made.look()


async def current_url(made: WebhookSetup) -> str:
    """The URL to which Telegram posts; empty: none."""
    return await made.url()


async def ensure(made: WebhookSetup) -> str:
    """The webhook's URL after it was made right, if it was not."""
    for _ in range(TRIES):
        try:
            await made.ensure(None)
            break
        except Unavailable as error:
            if error.retry_after is None or error.retry_after > FLOOD_PATIENCE:
                raise
            await asyncio.sleep(error.retry_after)
    return await made.url()


def ask_telegram(deployment: Deployment, ask: Callable[[WebhookSetup], Awaitable[T]]) -> T:
    """Run ``ask`` with the daemon's own ``WebhookSetup``."""

    async def run() -> T:
        telegram = build_client(
            deployment.settings.token,
            deployment.settings.telegram_api_url,
            outgoing=deployment.settings.outgoing,
        )
        setup = WebhookSetup(
            api=telegram.bot,
            database=deployment.database,
            identity=deployment.identity,
            clock=deployment.clock,
            base_url=deployment.settings.base_url,
        )
        try:
            return await ask(setup)
        finally:
            await telegram.close()

    return asyncio.run(run())


def _told(deployment: Deployment, ask: Callable[[WebhookSetup], Awaitable[T]]) -> T:
    try:
        return ask_telegram(deployment, ask)
    except Misconfigured as error:
        raise CheckFailed("; ".join(error.problems), "correct the setting") from None


def shortened(url: str) -> str:
    """Our URL with most of its last part left out."""
    head, _, last = url.rpartition("/")
    return f"{head}/{last[:4]}…"
