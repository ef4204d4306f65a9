"""What operators do about a draft and a broadcast, and what receivers do about news."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import sql
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import editing, saying
from handlers.delivery.sent_messages import changing_buttons
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Effect, Effects, Say, Toast
from handlers.dialogue.facts import Facts
from handlers.dispatch.feature import Reading, Work
from handlers.features.broadcast import message, screens
from handlers.features.broadcast.composing import ChangeDraft, Discard, Start
from handlers.features.broadcast.words import plain, say
from supervisor.database.transactions import Row
from supervisor.runtime.wakeups import BROADCASTS, NEWS_QUEUED

_SQL = sql.load("broadcast")
#: What a button makes of a broadcast, and the states in which it does.
_MOVES = {
    "pause": ("paused", ["running"]),
    "resume": ("running", ["paused"]),
    "stop": ("stopped", ["queued", "running", "paused"]),
}


@dataclass(frozen=True, slots=True)
class Control(Effect):
    """Pause, resume or stop a broadcast."""

    act: str
    number: int
    at: int | None


@dataclass(frozen=True, slots=True)
class SetNews(Effect):
    """Whether the user gets news; the button of the message changes."""

    off: bool
    number: int
    under: int | None


# --------------------------------------------------------------------- rules --


def named(reading: Reading) -> Row | None:
    """The broadcast that the button names."""
    number = reading.press.number if reading.press is not None else None
    if number is None:
        return None
    return reading.tx.one(_SQL["one"], {"bot_id": reading.installation.bot_id, "id": number})


def control(facts: Facts, press: Press, found: Row | None) -> Effects:
    """Pause, go on, or stop for good."""
    if found is None:
        return (Toast(plain(facts.language, "news_unknown"), alert=True),)
    act = press.action.removeprefix("news_").removesuffix("_sure")
    return (Control(act, found["id"], press.at),)


def ask_stop(facts: Facts, _press: Press, found: Row | None) -> Effects:
    """The first press of two."""
    if found is None or found["state"] not in _MOVES["stop"][1]:
        return (Toast(plain(facts.language, "news_unknown"), alert=True),)
    return (Say(screens.stop_sure(found, facts.language), stays=True),)


def mute(facts: Facts, press: Press) -> Effects:
    """The button under every message of a broadcast."""
    off = press.action == "news_off"
    told = plain(facts.language, f"toast_{press.action}")
    return (Toast(told, alert=off), SetNews(off, press.number or 0, press.under))


# --------------------------------------------------------------- carrying out --


def change_draft(effect: ChangeDraft, work: Work) -> Sequence[Delivery]:
    """Change the draft, which is made if there is none; show its message as it will arrive."""
    ids = _ids(work)
    work.tx.run(_SQL["begin_draft"], ids)
    content = None if effect.content is None else json.dumps(dict(effect.content))
    changes = {"content": content, "audience": effect.audience, "bonus": effect.bonus}
    work.tx.run(_SQL["change_draft"], {**ids, **changes})
    row = work.tx.one(_SQL["own_draft"], ids) if effect.previews else None
    if row is None or "text" not in row["content"]:
        return ()
    return [work.told("answer", message.payload(row["content"], 0, work.facts.language))]


def discard(_effect: Discard, work: Work) -> Sequence[Delivery]:
    work.tx.run(_SQL["discard_draft"], _ids(work))
    return ()


def start(_effect: Start, work: Work) -> Sequence[Delivery]:
    """The draft is a broadcast from this commit on; its progress is shown in a new message."""
    language = work.facts.language
    row = work.tx.one(_SQL["start_draft"], _ids(work))
    if row is None:
        return [work.told("answer", saying(work.facts.at_desk(say(language, "news_gone"))))]
    after = {"audience": row["audience"], "bonus": row["bonus"], "kind": row["content"]["kind"]}
    work.acted("broadcast", row["id"], after=after)
    work.count("broadcast", "started")
    work.tx.wake(BROADCASTS)
    shown = saying(screens.progress(row, language))
    return [Delivery(work.chat_id, "answer", shown, f"news:{row['id']}:progress")]


def carry_control(effect: Control, work: Work) -> Sequence[Delivery]:
    """The first press wins; the message shows the state that holds."""
    language, bot_id = work.facts.language, work.installation.bot_id
    to, states = _MOVES[effect.act]
    ids = {"bot_id": bot_id, "id": effect.number}
    before = work.tx.one(_SQL["one"], ids)
    moved = work.tx.one(_SQL["move"], {**ids, "to": to, "from": states})
    if moved is not None and before is not None:
        act = {"pause": "park_news", "resume": "unpark_news", "stop": "drop_news"}[effect.act]
        work.tx.run(_SQL[act], {"id": effect.number})
        work.acted("broadcast", effect.number, before=before["state"], after=to)
        work.tx.wake(BROADCASTS)
        work.tx.wake(NEWS_QUEUED)
    row = work.tx.one(_SQL["one"], ids)
    if row is None:
        return ()
    screen = screens.progress(row, language)
    payload = saying(screen) if effect.at is None else editing(effect.at, screen, or_say=True)
    told = [work.told("answer", payload)]
    if moved is not None and to == "stopped":
        work.installation.outbox.ask_operators(
            work.tx, f"news:{row['id']}:report", lambda spoken: screens.report(row, spoken)
        )
    return told


def set_news(effect: SetNews, work: Work) -> Sequence[Delivery]:
    """Note it for all later broadcasts; messages that wait for this user are dropped."""
    ids = _ids(work)
    work.tx.run(_SQL["set_news"], {**ids, "off": effect.off})
    if effect.off:
        work.tx.run(_SQL["drop_news_of"], ids)
        work.count("broadcast", "muted")
    if effect.under is None:
        return ()
    row = work.tx.one(_SQL["one"], {**ids, "id": effect.number})
    content = {} if row is None else row["content"]
    language = work.facts.language
    keyboard = message.keyboard_of(content, effect.number, language, off=effect.off)
    return [work.told("answer", changing_buttons(effect.under, keyboard))]


def _ids(work: Work) -> dict[str, int]:
    user_id = work.facts.incoming.sender.user_id
    return {"bot_id": work.installation.bot_id, "user_id": user_id}
