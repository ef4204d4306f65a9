"""The Bot API: python-telegram-bot's calls over a transport of our own.

Who is authoritative
    Telegram's own answer: JSON with ``ok``. Whatever else answers is something in between, and no
    verdict on a token, a chat or a message (``answer.py``).

The way of a call::

    PTB's Bot ─► ptb_request.py ─► endpoint.py ─► transport.py ─► gate_hook.py ─► Telegram
                                                  aiohttp         last look at the gate
    result_of (calls.py) ◄── errors.py ◄── answer.py ◄────────────────────────────┘

Rules

1. PTB makes parameters and objects. Its updater, dispatcher and ``Application`` are not used: they
   would hold acknowledged updates in memory.
2. Every error that leaves this room is a ``BotError`` with a disposition: no effect, refused, or
   outcome unknown.
3. A request that fails before the last look at the gate has had no effect. After it the outcome is
   unknown until a readable answer comes.
4. Nothing is repeated here, no redirect is followed, no cookie is kept.
5. A token that has worked is not given up after one refusal (``token_trust.py``). A token that has
   never worked is refused at once, with exit code 64.
6. URLs hold the token. They are made for one request and appear in no error and no log line.

What happens on failure
    Telegram away: ``Unavailable`` or ``OutcomeUnknown``, and the tables wait. After a doubt
    ``getMe`` must be answered before the next call.
"""
