"""How a draft, the question before sending, and a broadcast under way look to operators."""

from collections.abc import Mapping, Sequence
from typing import Any

from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.features.broadcast.words import plain, say
from handlers.words.texts import Markup, duration, escape, language_of, measured

AUDIENCES = ("all", "ru", "en", "payers", "never", "silent")
SILENT_DAYS = 30
RATE = 22.0  #: messages a second, as an estimate; the sender's limit is a little higher
MOST_BONUS = 10_000
BAR = 10  #: characters of the progress

Shown = Mapping[str, Any]


def audience_name(audience: str, language: str) -> str:
    return plain(language, f"to_{audience}", days=SILENT_DAYS)


def people(groups: Sequence[Mapping[str, Any]], audience: str) -> int:
    """How many of these groups (language, code, people) the audience has."""
    return sum(each["people"] for each in groups if speaks(each, audience))


def speaks(account: Mapping[str, Any], audience: str) -> bool:
    """Whether the account has the language of the audience; the other audiences have any."""
    if audience not in {"ru", "en"}:
        return True
    return language_of(account["language"], account["code"]) == audience


def draft(shown: Shown, language: str, version: int) -> Screen:
    """The card under the message: who gets it, and what comes with it."""
    text = say(
        language,
        "news_card",
        audience=audience_name(shown["audience"], language),
        n=shown["n"],
        time=duration(language, shown["n"] / RATE),
        button=_link(shown, language),
        bonus=_bonus(shown, language),
    )
    return Screen(text, _draft_keyboard(shown, language, version))


def sure(shown: Shown, language: str, version: int) -> Screen:
    """The last question."""
    each = shown["bonus"]
    named = {"n": each, "whole": each * shown["n"]}
    text = say(
        language,
        "news_sure",
        n=shown["n"],
        audience=audience_name(shown["audience"], language),
        time=duration(language, shown["n"] / RATE),
        bonus=say(language, "sure_bonus", **named) if each else Markup(""),
    )
    return Screen(
        text,
        (
            (_button("sure", language, "news_start", version),),
            (_button("to_card", language, "news_back", version),),
        ),
    )


def asked(key: str, without: str, language: str, version: int, **fields: object) -> Screen:
    """A question for words, with a button that does without and one that goes back."""
    return Screen(
        say(language, key, **fields),
        (
            (_button(without, language, "news_without", version),),
            (_button("to_card", language, "news_back", version),),
        ),
    )


def listed(rows: Sequence[Shown], *, has_draft: bool, language: str) -> Screen:
    """What runs and waits, and the way to a new one."""
    lines = [
        say(
            language,
            "news_line",
            id=row["id"],
            state=plain(language, f"news_is_{row['state']}"),
            done=_done(row),
            whole=row["receivers"],
        )
        for row in rows
    ] or [say(language, "news_none")]
    write = Button(
        plain(language, "button_draft" if has_draft else "button_write_news"), "news_write||"
    )
    controls = tuple(each for row in rows for each in keyboard(row, language))
    return Screen(say(language, "news_open", list=Markup("".join(lines))), (*controls, (write,)))


def progress(row: Shown, language: str) -> Screen:
    """A broadcast on its way, with what can be done about it."""
    whole, done = row["receivers"], _done(row)
    filled = BAR * done // whole if whole else 0
    text = say(
        language,
        "news_progress",
        id=row["id"],
        state=plain(language, f"news_is_{row['state']}"),
        bar="▓" * filled + "░" * (BAR - filled),
        done=done,
        whole=whole,
        **_counts(row),
    )
    return Screen(_with_doubts(text, row, language), keyboard(row, language))


def report(row: Shown, language: str) -> Screen:
    """What has become of it."""
    text = say(
        language,
        "news_report",
        id=row["id"],
        state=plain(language, f"news_is_{row['state']}"),
        time=measured(language, row["seconds"]),
        **_counts(row),
    )
    return Screen(_with_doubts(text, row, language))


def keyboard(row: Shown, language: str) -> Keyboard:
    """Pause or go on, and stop; nothing for one that has ended."""
    number = row["id"]
    names = {
        "running": ("pause", "stop"),
        "paused": ("resume", "stop"),
        "queued": ("stop",),
    }.get(row["state"], ())
    found = tuple(
        Button(plain(language, f"button_news_{name}"), encode(f"news_{name}", number))
        for name in names
    )
    return (found,) if found else ()


def stop_sure(row: Shown, language: str) -> Screen:
    """The question before a broadcast is stopped."""
    left = max(0, row["receivers"] - _done(row))
    label = plain(language, "button_news_stop_sure")
    button = Button(label, encode("news_stop_sure", row["id"]))
    key = "stop_sure" if row["receivers"] else "stop_sure_early"
    return Screen(say(language, key, id=row["id"], n=left), ((button,),))


def _draft_keyboard(shown: Shown, language: str, version: int) -> Keyboard:
    to = [
        Button(
            f"{'● ' if each == shown['audience'] else ''}{audience_name(each, language)}",
            encode("news_to", each, version=version),
        )
        for each in AUDIENCES
    ]
    send = Button(plain(language, "button_go", n=shown["n"]), encode("news_send", version=version))
    return (
        *(tuple(to[at : at + 2]) for at in range(0, len(to), 2)),
        (
            _button("link", language, "news_link", version),
            _button("bonus", language, "news_bonus", version),
        ),
        (send,),
        (
            _button("rewrite", language, "news_rewrite", version),
            _button("discard", language, "news_discard", version),
        ),
    )


def _button(label: str, language: str, action: str, version: int) -> Button:
    return Button(plain(language, f"button_{label}"), encode(action, version=version))


def _link(shown: Shown, language: str) -> Markup:
    if not shown["url"]:
        return say(language, "no_link")
    return escape(f"{shown['label']} → {shown['url']}")


def _bonus(shown: Shown, language: str) -> str:
    each = shown["bonus"]
    if not each:
        return plain(language, "no_bonus")
    return plain(language, "each_bonus", n=each, whole=each * shown["n"])


def _done(row: Shown) -> int:
    return int(row["sent"] + row["failed"] + row["skipped"])


def _counts(row: Shown) -> dict[str, int]:
    return {name: row[name] for name in ("sent", "failed", "skipped")}


def _with_doubts(text: Markup, row: Shown, language: str) -> Markup:
    if not row["doubtful"]:
        return text
    return Markup(text + say(language, "news_doubtful", n=row["doubtful"]))
