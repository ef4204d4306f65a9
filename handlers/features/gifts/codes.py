"""Promo codes: users redeem them, operators make them, list them and switch them off.

An order that waited for the credits of a code follows at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import saying
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Effect, Effects, Home, Say, Screen
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command
from handlers.dispatch.feature import Reading, Work
from handlers.features.gifts.invitations import CAMPAIGN, link_of
from handlers.features.gifts.words import plain, say
from handlers.words import moments
from handlers.words.texts import Markup
from kie.money import invites, promos
from kie.money.promos import Promo, Redeemed, Refused
from supervisor.database.transactions import Row
from supervisor.values.foreign import whole_text

MOST_PERCENT = 90
MOST_CREDITS, MOST_USES, MOST_DAYS = 1_000_000, 1_000_000, 3650


@dataclass(frozen=True, slots=True)
class Redeem(Effect):
    """The credits of a code, once per user."""

    code: str


@dataclass(frozen=True, slots=True)
class MakePromo(Effect):
    promo: Promo


@dataclass(frozen=True, slots=True)
class EndPromo(Effect):
    code: str


@dataclass(frozen=True, slots=True)
class MakeCampaign(Effect):
    """Visits by this link are counted."""

    name: str


@dataclass(frozen=True, slots=True)
class Lists:
    """What operators see."""

    codes: Sequence[Row] = ()
    campaigns: Sequence[Row] = ()


def lists(reading: Reading) -> Lists:
    tx, bot_id = reading.tx, reading.installation.bot_id
    return Lists(promos.listed(tx, bot_id), invites.campaigns(tx, bot_id))


# --------------------------------------------------------------------- rules --


def redeem(facts: Facts, command: Command) -> Effects:
    """``/promo CODE``"""
    if not command.arguments:
        return (Say(facts.sentence(say(facts.language, "promo_usage"))),)
    return (Redeem(command.arguments),)


def by_link(_facts: Facts, link: Press) -> Effects:
    """``/start p_CODE``"""
    return (Redeem(link.argument), Home())


def manage(facts: Facts, command: Command, found: Lists) -> Effects | None:
    """An operator's ``/promo``; with a code alone it is everybody's."""
    words = command.arguments.split()
    if not words:
        return (Say(_lists(found, facts.language), stays=True),)
    code = promos.folded(words[1]) if len(words) > 1 else ""
    if words[0] == "off" and len(words) == 2:
        return (EndPromo(code),)
    if words[0] == "link" and len(words) == 2:
        if CAMPAIGN.fullmatch(words[1]):
            return (MakeCampaign(words[1]),)
        return (Say(facts.at_desk(say(facts.language, "campaign_bad"))),)
    if words[0] != "new":
        return None
    promo = _promo(code, words[2:])
    if promo is None:
        named = {"uses": MOST_USES, "percent": MOST_PERCENT}
        return (Say(facts.at_desk(say(facts.language, "promo_bad", **named))),)
    return (MakePromo(promo),)


def _promo(code: str, words: Sequence[str]) -> Promo | None:
    only_new = bool(words) and words[-1] == "new"
    numbers = words[:-1] if only_new else words
    if not code or len(numbers) not in {2, 3}:
        return None
    is_percent, limit = numbers[0].endswith("%"), MOST_CREDITS
    if is_percent:
        numbers, limit = [numbers[0][:-1], *numbers[1:]], MOST_PERCENT
    credits, most = whole_text(numbers[0], 1, limit), whole_text(numbers[1], 1, MOST_USES)
    days = whole_text(numbers[2], 1, MOST_DAYS) if len(numbers) == 3 else None
    if credits is None or most is None or (len(numbers) == 3 and days is None):
        return None
    if is_percent:
        return Promo(code, 0, most, days, only_new, credits)
    return Promo(code, credits, most, days, only_new)


def _worth(promo: Promo) -> str:
    return f"{promo.percent} %" if promo.percent else str(promo.credits)


def _lists(found: Lists, language: str) -> Screen:
    codes = "".join(_line(row, language) for row in found.codes)
    visits = "".join(say(language, "campaign_line", **row) for row in found.campaigns)
    none = say(language, "promo_none")
    shown = {"codes": Markup(codes or none), "campaigns": Markup(visits or none)}
    return Screen(say(language, "promo_operators", **shown))


def _line(row: Row, language: str) -> Markup:
    more = ""
    if row["until"] is not None:
        more += plain(language, "promo_until", date=moments.date(language, row["until"]))
    if row["only_new"]:
        more += plain(language, "promo_only_new")
    named = {name: row[name] for name in ("code", "used", "most")}
    named["credits"] = f"−{row['percent']} %" if row["percent"] else row["credits"]
    mark = "🟢" if row["alive"] else "⚪"
    return say(language, "promo_line", mark=mark, more=more, **named)


# --------------------------------------------------------------- carrying out --


def carry_redeem(effect: Redeem, work: Work) -> Sequence[Delivery]:
    facts, language = work.facts, work.facts.language
    user_id = facts.incoming.sender.user_id
    found = promos.redeem(work.tx, work.installation.bot_id, user_id, effect.code)
    if isinstance(found, Redeemed):
        work.count("gifts", "redeemed")
        text = say(language, "promo_redeemed", n=found.credits, balance=found.balance)
        if found.percent:
            text = say(language, "promo_percent", percent=found.percent)
        waiting = work.told_theirs(user_id) if found.credits else []
        spot = replace(facts.spot(), kept=work.keeps(user_id))
        buttons = () if waiting else work.places.keyboard("booked", spot)
        return [work.told("answer", saying(Screen(text, buttons))), *waiting]
    text = say(language, "promo_wrong" if found is Refused.WRONG else "promo_silenced")
    return [work.told("answer", saying(facts.sentence(text)))]


def carry_make(effect: MakePromo, work: Work) -> Sequence[Delivery]:
    facts, promo = work.facts, effect.promo
    who = facts.incoming.sender.user_id
    made = promos.make(work.tx, work.installation.bot_id, who, promo)
    url = link_of(facts.shop.bot_username, f"p_{promo.code}")
    if made:
        work.acted("promo", promo.code, after=f"{_worth(promo)} × {promo.most}")
    key = "promo_made" if made else "promo_exists"
    text = say(facts.language, key, code=promo.code, link=url)
    return [work.told("answer", saying(facts.at_desk(text)))]


def carry_campaign(effect: MakeCampaign, work: Work) -> Sequence[Delivery]:
    facts, name = work.facts, effect.name
    made = invites.make_campaign(work.tx, work.installation.bot_id, name)
    if made:
        work.acted("campaign_made", name)
    url = link_of(facts.shop.bot_username, f"c_{name}")
    text = say(facts.language, "campaign_made" if made else "campaign_exists", link=url)
    return [work.told("answer", saying(facts.at_desk(text)))]


def carry_end(effect: EndPromo, work: Work) -> Sequence[Delivery]:
    facts = work.facts
    ended = promos.end(work.tx, work.installation.bot_id, effect.code)
    if ended:
        work.acted("promo", effect.code, before="on", after="off")
    text = say(facts.language, "promo_ended" if ended else "promo_unknown", code=effect.code)
    return [work.told("answer", saying(facts.at_desk(text)))]
