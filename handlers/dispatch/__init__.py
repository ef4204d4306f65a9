"""Dispatch: updates are handled one after another, from the inbox to their effects, while ACTIVE.

Who is authoritative
    ``telegram_updates``. The lanes in memory (``lanes.py``) are copies of waiting rows and can be
    thrown away at any moment.

The way of an update here::

    dispatcher.py ─► retries.py ─► unit_of_work.py: one fenced transaction
    lanes, workers   one by one      take its row ─► facts ─► routing.py ─► rule of a feature
                     on failure      carry out the effects ─► outbox, dialogue, "done"

What comes while its lane has no work is handled without a row that waits (``handlers/direct``):
its lane is reserved meanwhile, and the same ``unit_of_work.py`` decides.

Rules

1. A lane is a chat (a user, where there is no chat). One update of a lane is in work at a time, in
   the order of ``update_id``. Lanes take turns. Payments have lanes and workers of their own:
   Telegram waits ten seconds for that answer.
2. A rule decides and does nothing: it is a pure function from facts to effects. Job, messages,
   dialogue and "done" are one commit. Updates of several lanes may share it, all or none; when it
   fails each gets its own. What spends credits never shares one.
3. An update whose handler fails is tried again after 1, 5, 30 and 120 s (``RETRY_PAUSES`` in
   ``retries.py``) and then set aside. The operators are told once; ``run.py status --replay`` lets
   it be handled again. Its lane goes on meanwhile, so only that update may lose its order.
4. An update that cannot be written while others can (a locked row) keeps its place: its lane waits
   with it. While the database is away no try is counted and the order stays.
   An update during which the process ends (its handler hangs or crashes it) is found by the next
   process, handled by itself, and set aside after the fourth such end (``begun_updates.py``).
5. A press names the version of the dialogue that showed its button. A button of an older step
   changes nothing: the user is told and sees the current step.
6. After 15 s Telegram takes no answer to a press. A late press that costs credits is confirmed
   again; any other late press has its effect. The text of its toast is sent as a message.
7. Features are known only by their declaration (``feature.py``). When two features claim the same
   name the process does not start (``registry.py``).

What happens on failure
    Process killed: the update is done with all its effects, or new and known to have been in work.
    Term over: nothing is written (the fence), and the next term handles the update. Database away:
    the workers wait half a second and load again.
"""
