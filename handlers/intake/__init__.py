"""Intake: how updates come in, by webhook or by polling. Every instance stores, ACTIVE or not.

Who is authoritative
    ``telegram_updates``, the inbox. ``webhooks`` says what we told Telegram last.

The way of an update here::

    webhook.py ─┐
                ├─► envelope.py ─► inbox.py: one commit for all that wait ─► answer 200
    polling.py ─┘                                                           or move the offset

Rules

1. Acknowledged means committed: the webhook answers 200, and the offset of getUpdates moves, only
   after the row is in the database.
2. The raw body is stored before anyone tries to understand it. What cannot be read is stored as
   ``dead``: it costs no non-2xx answer and blocks nothing behind it.
3. Path and secret are checked before a byte of the body is read.
4. The webhook is set only when it differs, is never deleted on the way out, and pending updates are
   never dropped.
5. Only the ACTIVE instance talks, with one exception: ``callback_answers.py`` ends the spinner of a
   press that nobody has answered after 1.2 s, on the instance that has stored it. It does nothing
   else, and its claim in the table keeps the handler from answering again.

What happens on failure
    Database away: the webhook answers 503 and Telegram keeps the update; the offset of getUpdates
    does not move. Webhook changed by somebody else: it is set again and the operators are told.
    Second installation with the same token: getUpdates says so, and it is logged.
"""
