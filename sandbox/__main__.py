"""Starts both simulators: ``python -m sandbox``. SIGTERM or Ctrl-C ends them."""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys

from sandbox.kie import KieSandbox
from sandbox.telegram import TelegramSandbox


def main() -> int:
    """Returns 0 when stopped, 1 when a port is taken."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--telegram-port", type=int, default=8081)
    parser.add_argument("--kie-port", type=int, default=8082)
    parser.add_argument("--health-url", default="http://127.0.0.1:10000/health")
    parser.add_argument("--time-scale", type=float, default=1.0)
    arguments = parser.parse_args()
    try:
        return asyncio.run(_serve(arguments))
    except KeyboardInterrupt:
        return 0


async def _serve(arguments: argparse.Namespace) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Windows' loops cannot do this; there Ctrl-C raises KeyboardInterrupt.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    # Not on the command line, where every user of the machine could read them.
    token = os.environ.get("SANDBOX_TOKEN", "123456:SANDBOX-TOKEN-for-local-work-only-00")
    kie_key = os.environ.get("SANDBOX_KIE_KEY", "sandbox-kie-key")
    telegram = TelegramSandbox(
        token, time_scale=arguments.time_scale, health_url=arguments.health_url
    )
    kie = KieSandbox(kie_key, time_scale=arguments.time_scale)
    try:
        urls = {
            "telegram": await telegram.start(arguments.host, arguments.telegram_port),
            "kie": await kie.start(arguments.host, arguments.kie_port),
        }
        sys.stdout.write(json.dumps(urls) + "\n")
        sys.stdout.flush()
        await stop.wait()
    except OSError as error:
        sys.stderr.write(f"the sandbox cannot listen: {error}; choose another port\n")
        return 1
    finally:
        await telegram.stop()
        await kie.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
