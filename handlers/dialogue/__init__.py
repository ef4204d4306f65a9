"""The conversation as a pure function: facts in, effects out.

Nothing here knows a clock, a database or Telegram. ``decide`` gets one ``Facts`` and
returns the effects in the order in which they are to be carried out; the dispatcher does
that in one transaction. A dialogue is generated from what a model asks for
(``offers.py``): text, then choices, then a confirmation; another model is no new code.

Steps (``dialogues.step``)::

    idle    --a model is chosen-->       ask
    ask     --answered, more to ask-->   ask
    ask     --answered, nothing left-->  confirm
    confirm --change-->                  ask
    confirm --create-->                  idle
    any     --menu, cancel-->            idle

Each move raises the dialogue's version by one, and every button of a step carries the
version it was shown under.
"""

from handlers.dialogue.decide import decide

__all__ = ["decide"]
