"""Proof that a deployment works: ``run.py happy-path`` and ``run.py prod-check``.

Who is authoritative
    Sources outside this program: PostgreSQL's own tables, Telegram's getWebhookInfo, kie.ai's
    answers, and what the running bot answers on its port. The checks share the daemon's code for
    settings, lock, webhook, schema and kie.ai, so both agree about what is right.

Rules

1. A check passes only for a fact that a broken deployment would not show.
2. Three results: passed, failed (with what is wrong, how it was seen, and what to do), and
   not checked (with the reason). Only passed counts as passed.
3. When one fault hides others, that check fails and those behind it are not checked: the operator
   sees the cause, not its consequences.
4. Without ``--live`` or ``--apply``, ``prod-check`` changes nothing except one row of the inbox:
   the probe that proves that an update posted to the public address is stored.
5. All checks together have a time limit; a check that it interrupts is not checked.
6. Pending updates are never dropped, a webhook that is right is never set, no secret is printed.
"""
