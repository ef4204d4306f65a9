"""The composer of the simulator: it makes the parts and gives each what it needs."""

from aiohttp import web

from sandbox.kie.account import Account
from sandbox.kie.control import add_control_routes
from sandbox.kie.families.suno import Suno
from sandbox.kie.families.veo import Veo
from sandbox.kie.front import Front
from sandbox.kie.lifecycle import Lifecycle
from sandbox.kie.market.jobs import Jobs
from sandbox.kie.outgoing import Outgoing
from sandbox.kie.results import add_result_routes
from sandbox.kie.uploads import Uploads


class KieSandbox:
    """One account on one port. See the package for what is strict and what can be switched."""

    def __init__(
        self, api_key: str, *, time_scale: float = 1.0, credits: float = 1000.0, hmac_key: str = ""
    ) -> None:
        self.account = Account(api_key, time_scale, credits, hmac_key)
        self._outgoing = Outgoing()
        self._front = Front(self.account)
        self.lifecycle = Lifecycle(self.account, self._outgoing)
        self._runner: web.AppRunner | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen; returns the base URL. Raises ``OSError`` when the port is taken."""
        application = web.Application(client_max_size=128 * 1024 * 1024)
        self._add_routes(application.router)
        self._outgoing.open()
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self.stop()
            raise
        self.account.url = f"http://{host}:{self._runner.addresses[0][1]}"
        return self.account.url

    async def stop(self) -> None:
        await self.lifecycle.close()
        await self._outgoing.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def _add_routes(self, router: web.UrlDispatcher) -> None:
        Jobs(self.account, self._front, self.lifecycle, self._outgoing).add_routes(router)
        for family in (Veo, Suno):
            family(self.account, self._front, self.lifecycle, self._outgoing).add_routes(router)
        router.add_get("/api/v1/chat/credit", self._credit)
        add_result_routes(router, self.account)
        Uploads(self.account, self._front, self._outgoing).add_routes(router)
        add_control_routes(router, self.account, self.lifecycle)
        router.add_route("*", "/{rest:.*}", self._unknown)

    async def _credit(self, request: web.Request) -> web.StreamResponse:
        account = self.account
        account.note("credit")
        ended = await self._front.stop(request, "credit", None)
        if ended is not None:
            return ended
        odd = account.take_fault("balance", "credit", "", "")
        if odd is not None:
            text = f'{{"code":200,"msg":"success","data":{odd.value}}}'
            return web.Response(text=text, content_type="application/json")
        whole = "integer_credits" in account.dialects
        balance = int(account.credits) if whole else account.credits
        answer = account.answer(200, "success", balance)
        return await self._front.done(request, "credit", answer)

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        self.account.violations.append(f"unknown path {request.method} {request.path}")
        return self.account.answer(404, "Not Found", status=404)
