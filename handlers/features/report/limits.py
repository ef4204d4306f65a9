"""``/money limit``: the number below which operators are told of kie.ai's balance."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.delivery.outbox import Delivery
from handlers.dialogue.effects import Effect, Effects, Say
from handlers.dialogue.facts import Facts
from handlers.dispatch.feature import Work
from handlers.features.report.amounts import number
from handlers.features.report.words import plain, say
from handlers.words.texts import shorten
from kie.money import spending

MOST = 10_000_000  #: credits of kie.ai
GIVEN = 40  #: UTF-16 units of a wrong number that are quoted


@dataclass(frozen=True, slots=True)
class SetLimit(Effect):
    """None: no limit."""

    before: float | None
    after: float | None


def limit(facts: Facts, written: str, before: float | None) -> Effects:
    """``/money limit 500``, ``/money limit off``; alone it tells the limit in force."""
    language = facts.language
    if not written:
        text = say(language, "limit", now=_shown(before, language))
        return (Say(facts.at_desk(text)),)
    after = None if written == "off" else _number(written)
    if after is None and written != "off":
        given = shorten(written, GIVEN)
        text = say(language, "limit_bad", given=given, most=number(language, MOST))
        return (Say(facts.at_desk(text)),)
    text = say(
        language,
        "limit_set",
        old=_shown(before, language),
        new=_shown(after, language),
        back="off" if before is None else f"{before:.0f}",
    )
    return (SetLimit(before, after), Say(facts.at_desk(text)))


def set_limit(effect: SetLimit, work: Work) -> Sequence[Delivery]:
    """Recorded with who and when, if it was another one."""
    who = work.facts.incoming.sender.user_id
    if spending.set_limit(work.tx, work.installation.bot_id, who, effect.after):
        work.acted("kie_limit", before=effect.before, after=effect.after)
    return ()


def _shown(value: float | None, language: str) -> str:
    return plain(language, "limit_none") if value is None else number(language, value)


def _number(written: str) -> float | None:
    digits = written.isascii() and written.isdecimal() and len(written) <= len(str(MOST))
    return float(written) if digits and 0 < int(written) <= MOST else None
