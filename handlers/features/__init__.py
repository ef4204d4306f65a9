"""The conversation as a pure function: facts in, effects out.

Nothing here knows a clock, a database or Telegram. ``decide`` gets one ``Facts`` and
returns the effects in the order in which they are to be carried out; the dispatcher does
that in one transaction. A dialogue is generated from what a model asks for
(``offers.py``): its required inputs in order, then a confirmation, with the others behind
the button for settings; another model is no new code.

Steps (``dialogues.step``)::

    idle     --a model is chosen-->       ask
    idle     --search-->                  search
    search   --a model is chosen-->       ask
    ask      --answered, more to ask-->   ask
    ask      --answered, nothing left-->  confirm
    confirm  --change-->                  ask
    confirm  --settings-->                settings
    settings --change-->                  ask
    settings --back-->                    confirm
    confirm  --create-->                  idle
    any      --menu, cancel-->            idle

``back`` leads to the step before, and every answer stays until there is another one: a
question that was opened to change its answer leads back to where it was opened from. Lists
of models (``menus.py``) and pages of choices are only shown; they are no steps.

Each move raises the dialogue's version by one, and every button of a step carries the
version it was shown under. A quiet move does not: the pictures of an album come as many
updates, the first is answered, and the button under that answer stays right for all.

``presses.py`` reads buttons, ``replies.py`` what is given as an answer, ``steps.py`` leads
on, ``asking.py`` and ``screens.py`` show, ``order.py`` makes the job.
"""
