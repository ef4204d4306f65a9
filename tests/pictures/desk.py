"""Takes pictures of the operators' screens: both languages, 390 and 1280 px wide, light and dark.

They are for eyes and go to a folder. A title that is cut and a page that is wider than its window
are printed; the exit code is 1 if there is any.

    python tests/pictures/desk.py FOLDER [LANGUAGE …]
"""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psycopg2
from loguru import logger

from tests.bench.conversation import BEN, bot
from tests.pictures.screens import WIDTHS, shoot
from tests.support.bots.world import World
from tests.support.pages.browser import browser, page
from tests.support.pages.page_chat import PageChat

#: Both are of the simulator; each has a language of its own.
OPERATORS = {"en": BEN, "ru": 1001}
SETTINGS = {
    "ADMIN_ID": ",".join(str(each) for each in OPERATORS.values()),
    "SUPPORT_TELEGRAM": "@support",
    "PAYMENT_BANK": "Bank",
    "PAYMENT_CARD": "0000 0000",
}
BOT_ID = 123456
#: How many pictures the bot has sent.
PICTURES = "document.querySelectorAll('.message:not(.mine) .bubble img').length"

#: Each screen: its name, what is done to see it, words (English, Russian), and what is seen then.
Step = tuple[str, str, tuple[str, str], str]
STEPS: tuple[Step, ...] = (
    ("panel", "say", ("/admin", "/admin"), "🔄"),
    ("users", "tap", ("👥", "👥"), "🛠"),
    ("nobody", "say", ("/user 999", "/user 999"), "🛠"),
    ("card", "say", ("/user {user}", "/user {user}"), "⛔"),
    ("plus", "tap", ("➕", "➕"), "👤"),
    ("typed", "say", ("150 thanks", "150 спасибо"), "🎁"),
    ("booked", "tap", ("🎁", "🎁"), "↩️"),
    ("undone", "tap", ("↩️", "↩️"), ""),
    ("history", "press", ("person_history||{user}", ""), ""),
    ("jobs", "press", ("person_jobs||{user}", ""), ""),
    ("letter", "press", ("letter||{user}", ""), "✖️"),
    ("letter-left", "tap", ("✖️", "✖️"), ""),
    ("banned", "press", ("person_ban||{user}", ""), ""),
    ("let-in", "press", ("person_unban||{user}", ""), "⛔"),
    ("grant", "say", ("/grant {user} 5 sorry", "/grant {user} 5 прости"), "✅"),
    ("grant-left", "say", ("/cancel", "/cancel"), ""),
    ("grant-wrong", "say", ("/grant 999 5", "/grant 999 5"), ""),
    ("receipts", "press", ("receipts||", ""), ""),
    ("payments", "press", ("payments||", ""), ""),
    ("prices", "say", ("/prices", "/prices"), ""),
    ("model", "say", ("/model z-image", "/model z-image"), "🚫"),
    ("model-unknown", "say", ("/model z-imge", "/model z-imge"), ""),
    ("promo", "say", ("/promo", "/promo"), ""),
    ("promo-bad", "say", ("/promo new X 5", "/promo new X 5"), ""),
    ("money", "say", ("/money 30", "/money 30"), "img"),
    ("stats", "say", ("/stats 30", "/stats 30"), "img"),
    ("export", "say", ("/export", "/export"), ""),
    ("maintenance", "say", ("/maintenance", "/maintenance"), "🛠"),
    ("maintenance-on", "say", ("/maintenance 30", "/maintenance 30"), "✅"),
    ("maintenance-off", "tap", ("✅", "✅"), ""),
    ("broadcast", "say", ("/broadcast", "/broadcast"), "✏️"),
    ("news-write", "tap", ("✏️", "✏️"), ""),
    ("news-card", "say", ("A new model is here!", "Новая модель уже здесь!"), "🎁"),
    ("news-link", "tap", ("🔗", "🔗"), "◀️"),
    ("news-link-bad", "say", ("See http://example.org", "Смотри http://example.org"), "◀️"),
    (
        "news-linked",
        "say",
        ("See | https://example.org/models", "Смотреть | https://example.org/models"),
        "🎁",
    ),
    ("news-bonus", "tap", ("🎁", "🎁"), "◀️"),
    ("news-with-bonus", "say", ("3", "3"), "✅"),
    ("news-sure", "tap", ("✅", "✅"), "📣"),
    ("news-sent", "tap", ("📣", "📣"), ""),
    ("set-aside", "press", ("set_aside||", ""), ""),
    ("log", "press", ("log||", ""), "🛠"),
    ("help", "say", ("/help", "/help"), ""),
)


def perform(chat: PageChat, world: World, step: Step, language: str, user: int) -> None:
    _, act, given, seen = step
    words = given[language == "ru"].format(user=user) or given[0].format(user=user)
    match act:
        case "say" if seen == "img":
            # Its own picture, however long it takes: it comes after the words.
            before = chat.page.evaluate(f"{PICTURES}")
            chat.says(words)
            chat.page.wait_for_function(f"before => {PICTURES} > before", arg=before)
        case "say":
            chat.says(words, seen)
        case "tap":
            chat.taps(words, seen)
        case _:
            shown = chat.of_bot()[-1]["message_id"]
            world.telegram.press_data(chat.user, shown, words)
            if seen:
                chat.sees(seen)
            chat.page.wait_for_timeout(2500)


def rows_of(dsn: str, user: int) -> None:
    """What a business of some days leaves."""
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO topups (bot_id, user_id, credits, file_unique_id, file_id)
            VALUES ({BOT_ID}, {user}, 500, 'u{user}', 'f');
            INSERT INTO payments (bot_id, charge_id, user_id, stars, credits, state, number)
            VALUES ({BOT_ID}, 'c{user}', {user}, 50, 100, 'credited', {user});
            INSERT INTO ledger (bot_id, user_id, kind, amount, created_at)
            SELECT {BOT_ID}, {user}, 'grant', 10 * n, now() - n * interval '1 hour'
            FROM generate_series(1, 9) AS n;
            INSERT INTO telegram_updates (bot_id, update_id, kind, body, state, error)
            VALUES ({BOT_ID}, {user}, 'message', '{{}}', 'dead', 'KeyError: prompt');
            """
        )
    connection.close()


def main(folder: Path, languages: list[str]) -> int:
    logger.remove()
    folder.mkdir(parents=True, exist_ok=True)
    cut: list[str] = []
    with bot(**SETTINGS) as (world, dsn), browser() as started:
        for language in languages:
            user = world.telegram.new_user("Анна" if language == "ru" else "Kate", language)
            world.telegram.say(user, "/start")
            world.telegram.wait_for(user, lambda _: True)
            rows_of(dsn, user)
            phone = {"width": 390, "height": WIDTHS[390]}
            options: dict[str, Any] = {"viewport": phone, "locale": language}
            with page(started, world.telegram_url, **options) as opened:
                chat = PageChat(opened, world.telegram, OPERATORS[language])
                world.telegram.say(chat.user, "/start")
                chat.sees("✨")
                for number, step in enumerate(STEPS, 1):
                    perform(chat, world, step, language, user)
                    cut += shoot(opened, folder, f"{language}-{number:02}-{step[0]}")
    print(*cut, sep="\n")
    return int(bool(cut))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:] or ["en", "ru"]))
