"""Proof that a deployment works: ``run.py happy-path`` and ``run.py prod-check``.

Who is authoritative
    The outside: PostgreSQL's own tables, Telegram's getWebhookInfo, kie.ai's answers, and
    what the running bot answers on its port. Nothing is believed because this program
    would have done it right. The checks use the daemon's own code for settings, lock,
    webhook, schema and kie.ai, so that they cannot disagree with it about what is right.

Rules

1. A check passes only for a fact that a broken deployment would not show.
2. Three results: passed, failed (with what is wrong, how it was seen, and what to do), and
   not checked (with the reason). Only passed counts as passed.
3. Where one fault hides others, the first is failed and the hidden ones are not checked: the
   operator sees one cause, not its seven shadows.
4. Nothing is changed by ``prod-check`` without ``--live`` or ``--apply``, but for one row of the
   inbox: the probe that proves that what is posted to the public address is stored.
5. The whole has a time limit; a check that is cut off by it is not checked.
6. Pending updates are never dropped, a webhook that is right is never set, no secret is printed.
"""
