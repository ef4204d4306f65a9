"""A Telegram that runs here: one bot, some users, the rules of the real one.

``server``    the composer: it makes the parts and gives each what it needs
``control``   paths under ``/sandbox/``: what the page and the tests do and see
``users``     what users do; each action becomes an update
``api``       the Bot API: HTTP, parameters, methods
``delivery``  brings updates to the bot, by webhook or getUpdates
``state``     what is remembered
``faults``    what goes wrong with a call, as a test asks for it
``entities``, ``errors``  Telegram's HTML, and its refusals

A part imports only parts further down this list.
tests/unit/sandbox/test_index.py lists every fault of the outside world with its switch.

Assumed, since Telegram documents it only in its open-source server: the hosted service
behaves like that server.
"""

from sandbox.telegram.server import TelegramSandbox

__all__ = ["TelegramSandbox"]
