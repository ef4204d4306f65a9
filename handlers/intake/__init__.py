"""Intake: updates come in, by webhook or by polling. Every instance stores them, ACTIVE or not.

Who is authoritative
    ``telegram_updates``, the inbox. ``webhooks`` has a digest of the URL and secret that Telegram
    was last given.

The way of an update here::

    webhook.py ─┐
                ├─► envelope.py ─► inbox.py: one commit for all that wait ─► answer 200
    polling.py ─┘                                                           or move the offset

The ACTIVE instance offers what comes by the short way of the webhook (a usual request,
``supervisor/http/short_way.py``) to ``Direct`` first, which stores and handles it by one commit
(``handlers/direct``), or gives it back to be stored.

Rules

1. Acknowledged means committed: the webhook answers 200, and the offset of getUpdates moves, only
   after the row is in the database.
2. The raw body is stored, whatever is in it. A body that cannot be read is stored as ``dead`` and
   answered with 200: a refused one would block the updates behind it.
3. Path and secret are checked before a byte of the body is read.
4. The webhook is set only when it differs and is never deleted at a stop. Pending updates are never
   dropped.
5. Only the ACTIVE instance calls Telegram, with one exception: ``callback_answers.py`` answers a
   press that is unanswered after 1.2 s, on the instance that has stored it. Its claim in the table
   keeps the handler from answering again.
6. ``Inbox.prove`` runs the statement that stores updates, without any: the proof of /ready.

What happens on failure
    Database away: the webhook answers 503 and Telegram keeps the update; the offset of getUpdates
    does not move. Webhook changed by somebody else: it is set again and the operators are told.
    Second installation that polls with the same token: getUpdates answers 409, which is logged.
"""
