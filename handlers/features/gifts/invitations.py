"""Invitations and the links that lead into the bot."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event
from urllib.parse import quote

from loguru import logger

from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import saying
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Button, Effect, Effects, Home, Say, Screen
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command
from handlers.dispatch.feature import Parts, Reading, Work
from handlers.features.gifts.words import plain, say
from handlers.words.texts import language_of
from kie.money import invites
from kie.money.invites import REWARD, Invitation
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.stop_request import wait_for_wake_up, wake_on_stop
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import Service
from supervisor.runtime.wakeups import REWARDS

#: Seconds between two looks for rewards that nobody was told of: after a failure, and without one
#: unless somebody is rewarded.
AGAIN, IDLE = 20.0, 3600.0
_CODE = re.compile(r"[0-9a-f]{10}", re.ASCII)
CAMPAIGN = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class NoteInvite(Effect):
    """Somebody came by a user's link."""

    code: str


@dataclass(frozen=True, slots=True)
class CountVisit(Effect):
    """Somebody came by the link of a campaign."""

    name: str


def own(reading: Reading) -> Invitation:
    user_id = reading.facts.incoming.sender.user_id
    return invites.of(reading.tx, reading.installation.identity, user_id)


def link_of(bot_username: str, payload: str) -> str:
    return f"https://t.me/{bot_username}?start={payload}"


def invite(facts: Facts, _command: Command, found: Invitation | None) -> Effects:
    """``/invite``"""
    language, username = facts.language, facts.shop.bot_username
    if not username or found is None:
        return (Say(facts.sentence(say(language, "invite_no_link"))),)
    url = link_of(username, f"r_{found.code}")
    text = say(
        language, "invite", link=url, reward=REWARD, came=found.came, rewarded=found.rewarded
    )
    words = quote(plain(language, "share_text"))
    share = f"https://t.me/share/url?url={quote(url, safe='')}&text={words}"
    button = Button(plain(language, "button_share_invite"), url=share)
    home = facts.places.keyboard("home", facts.spot())
    return (Say(Screen(text, ((button,), *home))),)


def invited(_facts: Facts, link: Press) -> Effects | None:
    """``/start r_…``: a link of a user."""
    if not _CODE.fullmatch(link.argument):
        return None
    return (NoteInvite(link.argument), Home())


def by_campaign(_facts: Facts, link: Press) -> Effects | None:
    """``/start c_…``: a link of an advertisement."""
    if not CAMPAIGN.fullmatch(link.argument):
        return None
    return (CountVisit(link.argument), Home())


def note(effect: NoteInvite, work: Work) -> Sequence[Delivery]:
    user_id = work.facts.incoming.sender.user_id
    if invites.note(work.tx, work.installation.bot_id, user_id, effect.code):
        work.count("gifts", "invited")
    return ()


def count(effect: CountVisit, work: Work) -> Sequence[Delivery]:
    user_id = work.facts.incoming.sender.user_id
    invites.count_visit(work.tx, work.installation.bot_id, user_id, effect.name)
    return ()


class Thanks:
    """The body of a ``ServiceThread``: tells both sides of a reward."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def run(self, term: Term, _gate: Gate, stop: Event) -> None:
        """Until ``stop``."""
        clock, woken = self._parts.clock, Event()
        wake_on_stop(stop, woken)
        forget = self._parts.wakeups.subscribe(REWARDS, woken.set)
        try:
            while not stop.is_set():
                woken.clear()
                pause = IDLE
                try:
                    self.look(term)
                except BotError as error:
                    pause = clock.jitter(AGAIN)
                    if error.disposition is not Disposition.STEP_DOWN:
                        logger.bind(reason=str(error)).warning("rewards_not_told")
                wait_for_wake_up(clock, stop, woken, pause)
        finally:
            forget()

    def look(self, term: Term) -> None:
        """Tell what nobody was told. Raises what the database does."""
        bot_id = self._parts.installation.bot_id
        with self._parts.database.transaction() as tx:
            if not invites.untold(tx, bot_id):
                return
        with self._parts.database.transaction(term) as tx:
            told = [
                Delivery(
                    row["user_id"],
                    "result",
                    saying(
                        Screen(
                            say(
                                language_of(row["language"], row["last_language_code"]),
                                "invited_rewarded"
                                if row["user_id"] == row["friend"]
                                else "invite_rewarded",
                                n=REWARD,
                            )
                        )
                    ),
                    f"invite:{row['friend']}:{row['user_id']}",
                )
                for row in invites.to_tell(tx, bot_id)
            ]
            self._parts.installation.outbox.enqueue(tx, told)


def services(parts: Parts) -> Sequence[Service]:
    """What runs while this instance is ACTIVE."""
    return (parts.thread("thanks", Thanks(parts).run),)
