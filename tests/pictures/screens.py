"""Takes pictures of the bot's screens: both languages, 390 and 1280 px wide, light and dark.

They are for eyes, not for the documents: they go to a folder. What can be measured is printed: a
title that is cut, a page that is wider than its window, a list of buttons that is longer than the
chat on a phone. The exit code is 1 if there is any.

    python tests/pictures/screens.py FOLDER [LANGUAGE …]
"""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from loguru import logger

from tests.bench.conversation import BEN, bot, settled
from tests.support.bots.world import World
from tests.support.machine.waiting import until
from tests.support.pages.browser import browser, page
from tests.support.pages.page_chat import PageChat

SETTINGS = {"SUPPORT_TELEGRAM": "@support", "PAYMENT_BANK": "Bank", "PAYMENT_CARD": "0000 0000"}
WIDTHS = {390: 844, 1280: 800}
SCHEMES = ("light", "dark")
#: Titles of buttons that are cut, and whether the page is wider than its window, or the last
#: message of buttons longer than the chat.
CUT = """() => {
    const wide = (one) => one.scrollWidth > one.clientWidth + 1;
    const last = [...document.querySelectorAll('.message')].at(-1);
    const chosen = last?.querySelectorAll('.keyboard button').length > 1;
    const media = last?.querySelector('img, video, audio');
    const room = document.getElementById('chat').clientHeight;
    return [
    ...(chosen && !media && last.offsetHeight > room ? ['(longer than the chat)'] : []),
    ...[...document.querySelectorAll('.keyboard button, .keyboard a')]
        .filter((each) => [each, each.firstChild].some(wide))
        .map((each) => each.textContent),
    ...(document.documentElement.scrollWidth > innerWidth ? ['(the page)'] : []),
    ];
}"""

#: Each screen: its name, what is done to see it (English, Russian), and what is seen then.
Step = tuple[str, str, tuple[str, str], tuple[str, str]]
STEPS: tuple[Step, ...] = (
    ("menu", "say", ("/start", "/start"), ("🎨", "🎨")),
    ("presets", "tap", ("✨", "✨"), ("🏠", "🏠")),
    ("preset", "tap", ("Sticker", "Стикер"), ("", "")),
    ("models", "say", ("/models", "/models"), ("🔎", "🔎")),
    ("category", "tap", ("🖼", "🖼"), ("Z-Image", "Z-Image")),
    ("search", "say", ("/search background", "/search фон"), ("🏠", "🏠")),
    ("search-nothing", "say", ("/search qwzx", "/search щщщ"), ("🏠", "🏠")),
    ("ask-draw", "say", ("/image", "/image"), ("✖️", "✖️")),
    (
        "card",
        "say",
        ("a red fox in a wizard's hat, watercolour", "рыжий лис в шляпе волшебника, акварель"),
        ("✅", "✅"),
    ),
    ("chip-format", "tap", ("◻️", "◻️"), ("⬅️", "⬅️")),
    ("card-back", "tap", ("⬅️", "⬅️"), ("✅", "✅")),
    ("several", "tap", ("🔢", "🔢"), ("⬅️", "⬅️")),
    ("card-again", "tap", ("⬅️", "⬅️"), ("✅", "✅")),
    ("other-models", "tap", ("🤖", "🤖"), ("⬅️", "⬅️")),
    ("card-replaced", "say", ("a grey wolf", "серый волк"), ("↩️", "↩️")),
    ("made", "tap", ("✅", "✅"), ("🔁", "🔁")),
    ("card-short", "say", ("/video waves at night", "/video волны ночью"), ("➕", "➕")),
    ("rich", "grant", ("", ""), ("✅", "✅")),
    ("settings", "tap", ("⚙️", "⚙️"), ("⬅️", "⬅️")),
    ("left", "say", ("/start", "/start"), ("▶️", "▶️")),
    ("resumed", "tap", ("▶️", "▶️"), ("✅", "✅")),
    ("removed", "tap", ("✖️", "✖️"), ("🎨", "🎨")),
    ("photo", "photo", ("", ""), ("💃", "💃")),
    ("able", "tap", ("All models", "Все модели"), ("🏠", "🏠")),
    ("photo-card", "say", ("make it a city at night", "сделай ночной город"), ("✅", "✅")),
    ("cancelled", "tap", ("✖️", "✖️"), ("🎨", "🎨")),
    ("talking", "photo", ("make it talk", "пусть заговорит"), ("", "")),
    ("not-talking", "tap", ("✖️", "✖️"), ("🎨", "🎨")),
    ("song", "say", ("a song about the sea", "песня про море"), ("✅", "✅")),
    ("song-made", "tap", ("✅", "✅"), ("🔁", "🔁")),
    ("several-made", "several", ("", ""), ("🔁", "🔁")),
    ("history", "say", ("/history", "/history"), ("›", "›")),
    ("balance", "say", ("/balance", "/balance"), ("🏠", "🏠")),
    ("topup", "say", ("/topup", "/topup"), ("⭐", "⭐")),
    ("by-hand", "tap", ("transfer", "переводом"), ("✖️", "✖️")),
    ("by-hand-left", "tap", ("✖️", "✖️"), ("", "")),
    ("topup-again", "say", ("/topup", "/topup"), ("⭐", "⭐")),
    ("invoice", "tap", ("⭐", "⭐"), ("", "")),
    ("help", "say", ("/help", "/help"), ("/balance", "/balance")),
    ("support", "say", ("/support", "/support"), ("", "")),
    ("paysupport", "say", ("/paysupport", "/paysupport"), ("", "")),
    ("terms", "say", ("/terms", "/terms"), ("", "")),
    ("invite", "say", ("/invite", "/invite"), ("", "")),
    ("promo", "say", ("/promo", "/promo"), ("", "")),
    ("privacy", "say", ("/privacy", "/privacy"), ("", "")),
    ("unknown", "say", ("/nothing", "/nothing"), ("/help", "/help")),
    ("price", "say", ("how much is it?", "сколько стоит?"), ("/models", "/models")),
)


def perform(chat: PageChat, world: World, dsn: str, step: Step, language: str) -> None:
    """What the step says, until its answer is seen and nothing is in the making."""
    name, act, given, seen = step
    words, answer = given[language == "ru"], seen[language == "ru"]
    match act:
        case "say":
            chat.says(words, answer)
        case "tap":
            chat.taps(words, answer)
        case "photo":
            chat.sends("photo", answer, words)
        case "grant":
            world.telegram.say(BEN, f"/grant {chat.user} 1000")
            world.telegram.wait_text(BEN, str(chat.user))
            world.telegram.press(BEN, "Book it")
            chat.sees(answer)
        case _:  # four of something
            chat.says("four kittens" if language == "en" else "четыре котёнка", "✅")
            chat.taps("🔢", "⬅️")
            chat.taps("4", "✅")
            chat.taps("✅", answer)
    until(lambda: settled(dsn), 30, f"the end of {name}")


def shoot(opened: Any, folder: Path, name: str) -> list[str]:
    """The screen in each width and scheme; returns what is cut."""
    found = []
    for width, height in WIDTHS.items():
        opened.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            opened.emulate_media(color_scheme=scheme)
            opened.evaluate("document.getElementById('chat').scrollTo(0, 1e9)")
            opened.screenshot(path=folder / f"{name}-{width}-{scheme}.png")
        found += [f"{name}, {width} px: {each}" for each in opened.evaluate(CUT)]
    opened.set_viewport_size({"width": 390, "height": WIDTHS[390]})
    return found


def main(folder: Path, languages: list[str]) -> int:
    logger.remove()
    folder.mkdir(parents=True, exist_ok=True)
    cut: list[str] = []
    with bot(**SETTINGS) as (world, dsn), browser() as started:
        for language in languages:
            user = world.telegram.new_user("Анна" if language == "ru" else "Kate", language)
            size = {"width": 390, "height": WIDTHS[390]}
            with page(started, world.telegram_url, viewport=size, locale=language) as opened:
                chat = PageChat(opened, world.telegram, user)
                cut += shoot(opened, folder, f"{language}-00-empty")
                opened.locator("#start").click()
                chat.sees("✨")
                for number, step in enumerate(STEPS, 1):
                    perform(chat, world, dsn, step, language)
                    cut += shoot(opened, folder, f"{language}-{number:02}-{step[0]}")
    print(*{each.rpartition(": ")[2]: each for each in reversed(cut)}.values(), sep="\n")
    return int(bool(cut))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:] or ["en", "ru"]))
