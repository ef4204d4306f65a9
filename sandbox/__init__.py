"""Telegram and kie.ai as they are seen from a bot, on this machine.

Imported by nothing of the daemon, and importing nothing of it: what the two have in
common is only what the real services document. ``python -m sandbox`` starts both;
``run.py demo`` and the acceptance tests do the same.

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
    The demo: two copies of the bot, and everything that can happen to them. See there.

Both simulators keep ``violations``: what a caller did that the real service refuses, or
ignores without a word. A test expects the list to be empty.
"""
