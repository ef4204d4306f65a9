"""Telegram's side: updates come in, rules decide, answers go out.

Who is authoritative
    The tables. ``telegram_updates`` is the inbox, ``dialogues`` is where a user stands,
    ``deliveries`` is the outbox. Nothing that was acknowledged lives in memory only.

The way of an update, with the room of each part::

    intake/webhook.py ─┐
                       ├─► intake/inbox.py ─► telegram_updates ─► dispatch/dispatcher.py
    intake/polling.py ─┘   group commit                                    │
                                                                           ▼
                      features/: pure rules ◄─ dispatch/routing.py ◄─ dispatch/unit_of_work.py
                                    └── effects ──────────────────────────►│ one commit
                                                                           ▼
    Telegram ◄─ delivery/sender.py ◄─ deliveries ◄───────────┬─ dialogues, generation_jobs
                                                             │
            kie/jobs/settle.py ─► features/results/news.py ──┘

What comes by the webhook while nothing stands in the way is stored and handled by one commit:
``direct/direct_handling.py`` takes it before the table, and asks the same rules.

Each room has its theory of operation in its docstring. Each imports only what is to its right::

    process → features → operator → direct → dispatch → intake → delivery → bot_api → dialogue
    → shop → words

Rules that hold in all rooms

1. Acknowledged means committed.
2. A rule decides and does nothing; effects, dialogue and "done" are one fenced commit.
3. Only the ACTIVE instance talks to Telegram; ``intake/callback_answers.py`` is the one exception.
4. A user's text reaches Telegram only through ``escape`` of ``words/texts.py``.
5. Rows that nobody needs any more are removed by ``process/housekeeping.py``.

``demo.py`` runs the bot against the simulators of ``sandbox/``.
"""
