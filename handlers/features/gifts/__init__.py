"""Credits that are given away: invitations, promo codes, and the links that lead to them.

A friend is a user who comes to this bot for the first time, by another user's link. Both are
rewarded when the friend has paid (``kie/money/invites.py``). A code is redeemed by one statement
(``kie/money/promos.py``).
"""

from handlers.dispatch.feature import Answer, Feature, always
from handlers.features.gifts import codes, invitations
from handlers.features.gifts.words import WORDS

FEATURE = Feature(
    name="gifts",
    words=WORDS,
    commands={
        "invite": Answer(rule=invitations.invite, load=invitations.own),
        "promo": Answer(rule=codes.redeem),
    },
    operator_commands={"promo": Answer(rule=codes.manage, load=codes.lists, operators=True)},
    links={
        "r": Answer(rule=invitations.invited),
        "c": Answer(rule=invitations.by_campaign),
        "p": Answer(rule=codes.by_link),
    },
    effects={
        invitations.NoteInvite: invitations.note,
        invitations.CountVisit: invitations.count,
        codes.Redeem: codes.carry_redeem,
        codes.MakePromo: codes.carry_make,
        codes.EndPromo: codes.carry_end,
        codes.MakeCampaign: codes.carry_campaign,
    },
    listed={"invite": always, "promo": always},
    services=invitations.services,
    counters={
        "invited": "Users who came by the link of another one for the first time",
        "redeemed": "Promo codes that were redeemed",
    },
)
