"""What is said to the bot in a group and is no wish.

People answer its pictures as they answer one another: "thanks", a heart, a sticker. That is for the
group to read, so it is left alone. Who names the bot, or asks it something, is told how to order.
"""

from enum import Enum, auto

from handlers.dialogue import senders
from handlers.dialogue.incoming import Mention
from handlers.words.intents import (
    BYE,
    COMPLAINT,
    EMOJI,
    EMPTY,
    HELLO,
    HOW,
    NO,
    PRICE,
    RUDE,
    SCREENS,
    THANKS,
    YES,
    intent,
)

_REPLIES = {YES, NO, THANKS, BYE}
_REACTIONS = {EMOJI, EMPTY, RUDE}
_QUESTIONS = {HELLO, PRICE, HOW, COMPLAINT, SCREENS}


class Talk(Enum):
    """What a message in a group is."""

    WISH = auto()
    FOR_THE_GROUP = auto()  #: nobody asks for an answer
    QUESTION = auto()  #: it wants to know how the bot works


def kind_of(said: Mention, username: str) -> Talk:
    """A file of its own is always a wish; one that it answers, unless the words say otherwise."""
    if said.file is not None and said.own:
        return Talk.WISH
    meant = intent(senders.without_name(said.words, username))
    named = username.lower() in said.names
    if not named and meant in _REPLIES | _REACTIONS:
        return Talk.FOR_THE_GROUP
    if meant in _REPLIES | _QUESTIONS:
        return Talk.QUESTION
    if said.file is not None or meant in {None, EMPTY}:
        return Talk.WISH
    return Talk.QUESTION
