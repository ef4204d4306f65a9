"""Groups: a member orders for their own credits, and the result comes into the group.

A mention, an answer to one of our messages, or a command with words is a wish, unless it is small
talk: "thanks" under a result is for the group (``small_talk.py``). It is kept in
``group_wishes``; its user confirms the price in private: by a button, or by a link if there is
no private chat yet; the result goes into the topic in which it was asked for. The group itself
sees no price and no balance.

Under a result stands a link with which everybody else begins the same for themselves: its words and
settings, without the files of the first one.

Administrators switch the bot off and on (``groups``). Telegram is asked whether the user is one
(``switching.py``), unless the message was written in the name of the group: only administrators
can do that. Its writer is answered in the language of the words, else in that of whoever spoke to
the bot there last (``group_languages``).

A group that becomes a supergroup gets another number. All that is known of it moves to that number,
also that its administrators have switched the bot off.
"""

from collections.abc import Sequence

from handlers.dialogue.effects import Button
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Answer, Feature, Parts
from handlers.features.groups import effects, rules, screens
from handlers.features.groups.rules import (
    DropWish,
    KeepWish,
    MoveGroup,
    NoteLanguage,
    SwitchGroup,
)
from handlers.features.groups.switching import Switching
from handlers.features.groups.words import WORDS, plain
from supervisor.runtime.threads import Service


def _services(parts: Parts) -> Sequence[Service]:
    switching = Switching(
        parts.installation, parts.database, parts.members, parts.wakeups, parts.clock
    )
    return (parts.task("group_switches", switching.run),)


def _for_me(spot: Spot) -> Button | None:
    """Under a result in a group: the way for everybody else."""
    if not spot.shop.bot_username:
        return None
    start = f"{screens.SAME}_{spot.job_id}_{spot.code}" if spot.code else ""
    return Button(plain(spot.language, "button_for_me"), url=screens.link_to(spot.shop, start))


FEATURE = Feature(
    name="groups",
    words=WORDS,
    commands={rules.SWITCH: Answer(rule=rules.in_private)},
    buttons={
        screens.WISH: Answer(rule=rules.press_wish, load=effects.wish_of_user, spends=True),
        screens.NO: Answer(rule=rules.press_no, load=effects.wish_of_user),
    },
    links={
        screens.LINK: Answer(rule=rules.link, load=effects.wish_of_user),
        screens.SAME: Answer(rule=rules.same, load=effects.wish_of_result),
    },
    group=Answer(rule=rules.in_group, load=effects.standing),
    effects={
        KeepWish: effects.keep_wish,
        DropWish: effects.drop_wish,
        SwitchGroup: effects.switch,
        NoteLanguage: effects.note_language,
        MoveGroup: effects.move,
    },
    places={"group_result": {"for_me": _for_me}},
    services=_services,
)
