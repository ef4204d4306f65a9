"""A Telegram that runs here: one bot, some users, the real rules.

``server`` speaks HTTP, ``parameters`` says what each method takes, ``methods`` (with ``sending``,
``answers``, ``payments``) does it, ``media`` are the files in both directions, ``delivery`` brings
updates to the bot, ``actions`` are what users do, ``faults`` what goes wrong, ``control`` steers.
tests/unit/sandbox/test_index.py lists every fault of the outside world with its switch.

Assumed, since Telegram documents it only in its open-source server: the hosted service
behaves like that server.
"""

from sandbox.telegram.server import TelegramSandbox

__all__ = ["TelegramSandbox"]
