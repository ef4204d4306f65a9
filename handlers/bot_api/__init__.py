"""The Bot API: python-telegram-bot's calls over a transport of our own.

Who is authoritative
    Telegram's own answer: JSON with ``ok``. Any other answer comes from something in between, a
    proxy or a load balancer, and says nothing about a token, a chat or a message (``answer.py``).

The way of a call::

    PTB's Bot ─► ptb_request.py ─► endpoint.py ─► transport.py ─► gate_hook.py ─► Telegram
                                                  aiohttp         last gate check
    result_of (calls.py) ◄── errors.py ◄── answer.py ◄────────────────────────────┘

Rules

1. PTB makes parameters and objects. Its updater, dispatcher and ``Application`` are not used: they
   would hold acknowledged updates in memory.
2. Every error that leaves this room is a ``BotError`` with a disposition: no effect, refused, or
   outcome unknown.
3. A request that fails before the last gate check has had no effect. After it the outcome is
   unknown (``OutcomeUnknown``: ``transport.py``, ``answer.py``) until a readable answer comes.
4. Nothing is repeated here, no redirect is followed, no cookie is kept. A 429 is raised as
   ``TooManyRequests``; ``delivery`` decides which chats wait, and for how long.
5. A token that has worked is not given up after one refusal (``token_trust.py``). A token that
   never worked ends the process at its first refusal, with exit code 64.
6. URLs hold the token. They are made for one request and appear in no error and no log line.

What happens on failure
    Telegram away: ``Unavailable`` or ``OutcomeUnknown``, and the tables wait. After an
    unknown outcome ``getMe`` must be answered before the next call.
"""
