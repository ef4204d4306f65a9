"""Simulators of Telegram and kie.ai on this machine.

The daemon imports nothing of them, and they import nothing of the daemon: both rely only on what
the real services document. ``python -m sandbox`` starts both; ``run.py demo`` and the acceptance
tests do the same.

``sandbox.telegram``
    A Bot API server: parameters, lengths, HTML entities, 64 bytes of callback data, albums,
    files in both directions, Stars, secret header, one update under way per queue, the retry
    schedule of the open-source server, long polling, both kinds of 409, flood limits with
    ``retry_after``.
``sandbox.kie``
    kie.ai's market API: see there.
``sandbox.files``
    Pictures, clips and sounds, made here.
``sandbox.page``
    The chat page: a messenger in the browser whose users talk to the bot.
``sandbox.stage``
    The demo: two copies of the bot, and the faults that they must survive. See there.

Both simulators keep ``violations``: calls that the real service would refuse or silently ignore. A
test expects the list to be empty.
"""
