"""What a wish takes on the chat page, in Chromium: taps, messages, seconds, what stays in the chat.

Prints a table for each language. The seconds are those until an answer is seen; what kie.ai
takes to make a result is not among them. The exit code is 1 when an errand takes more than the
conversation promises.

    python tests/bench/conversation.py
"""

import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psycopg2
from loguru import logger

from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.migration import migrate
from supervisor.runtime.clock import SystemClock
from tests.support.bots.world import World
from tests.support.machine.waiting import until
from tests.support.pages.browser import browser, page
from tests.support.pages.page_chat import Count, PageChat

BEN = 1002  #: the operator, who gives credits
PHONE = {"width": 390, "height": 844}
MADE = 0.02  #: kie.ai's simulator works so many times faster


@dataclass(frozen=True)
class Errand:
    """What somebody wants, how, and the most that it may take."""

    name: str
    act: Callable[[PageChat, dict[str, str]], None]
    taps: int
    messages: int
    brings: str  #: what stays in the chat
    stay: int = 1  #: messages; buttons of an album need one of their own


WORDS = {
    "en": {
        "name": "Kate",
        "wish": "a red fox in the snow",
        "song": "a song about a red fox",
        "create": "Create",
        "film": "Video instead",
        "animate": "Animate",
        "more": "Another one",
        "count": "×1",
        "four": "×4",
    },
    "ru": {
        "name": "Анна",
        "wish": "рыжий лис в снегу",
        "song": "песня про рыжего лиса",
        "create": "Создать",
        "film": "Лучше видео",
        "animate": "Оживить",
        "more": "Ещё вариант",
        "count": "1 шт.",
        "four": "4 шт.",
    },
}


def picture(chat: PageChat, words: dict[str, str]) -> None:
    """Text → picture."""
    chat.says(words["wish"], words["create"])
    chat.taps(words["create"])


def video(chat: PageChat, words: dict[str, str]) -> None:
    """Text → video."""
    chat.says(f"/video {words['wish']}", words["create"])
    chat.taps(words["create"])


def photo_to_video(chat: PageChat, words: dict[str, str]) -> None:
    """Photo → video."""
    chat.sends("photo", words["animate"])
    chat.taps(words["animate"], words["create"])
    chat.taps(words["create"])


def result_to_video(chat: PageChat, words: dict[str, str]) -> None:
    """Result → video."""
    chat.taps(words["animate"], words["create"])
    chat.taps(words["create"])


def four_pictures(chat: PageChat, words: dict[str, str]) -> None:
    """Four pictures."""
    chat.says(words["wish"], words["create"])
    chat.taps(words["count"], words["four"])
    chat.taps(words["four"], words["create"])
    chat.taps(words["create"])


def song(chat: PageChat, words: dict[str, str]) -> None:
    """Song."""
    chat.says(words["song"], words["create"])
    chat.taps(words["create"])


ERRANDS = (
    Errand("text → picture", picture, 1, 1, "photo"),
    Errand("result → video", result_to_video, 2, 0, "video"),
    Errand("text → video", video, 1, 1, "video"),
    Errand("photo → video", photo_to_video, 2, 1, "video"),
    Errand("four pictures", four_pictures, 3, 1, "photo", 2),
    Errand("song", song, 1, 1, "audio", 2),
)


@contextmanager
def bot(**settings: str) -> Iterator[tuple[World, str]]:
    """An ACTIVE bot between the two simulators, and its database."""
    with tempfile.TemporaryDirectory(prefix="trt-bench-") as folder:
        server = EmbeddedPostgres.start(Path(folder) / "data")
        migrate(server.dsn, SystemClock(), Event())
        world = World(Path(folder), server.dsn.reveal(), time_scale=MADE)
        try:
            world.bot(**{"ADMIN_ID": str(BEN), "LOG_LEVEL": "INFO", **settings}).wait_state(
                "ACTIVE"
            )
            yield world, server.dsn.reveal()
        finally:
            world.close()
            server.close()


def customer(world: World, language: str) -> int:
    """Somebody new, whose chat has begun and who has credits."""
    user = world.telegram.new_user(WORDS[language]["name"], language)
    world.telegram.say(user, "/start")
    world.telegram.wait_for(user, lambda _: True)
    world.telegram.say(BEN, f"/grant {user} 1000")
    world.telegram.wait_text(BEN, str(user))
    world.telegram.press(BEN, "Book it")
    world.telegram.wait_text(user, "1000")
    return user


def settled(dsn: str) -> bool:
    """Whether no job is in the making and nothing waits to be sent."""
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM generation_jobs WHERE status NOT IN ('success', 'fail'))"
            " OR EXISTS (SELECT 1 FROM deliveries WHERE state IN ('pending', 'sending'))"
        )
        (waiting,) = cursor.fetchone() or (True,)
        return not waiting


def run(chat: PageChat, errand: Errand, words: dict[str, str], dsn: str) -> bool:
    """Print what the errand took. False: it was more than it may take."""
    before = {each["message_id"] for each in chat.of_bot()}
    chat.count = Count()
    errand.act(chat, words)
    until(lambda: settled(dsn), 60, f"the end of {errand.name}")
    new = [each for each in chat.of_bot() if each["message_id"] not in before]
    assert any(errand.brings in each for each in new), new
    # The files of an album are one answer.
    stay, stale = (
        len({each.get("media_group_id", each["message_id"]) for each in new}),
        chat.stale_buttons(),
    )
    count = chat.count
    print(
        f"{errand.name:18}{count.taps:>6}{count.messages:>10}{stay:>6}{len(stale):>7}"
        f"{statistics.median(count.waits):>8.2f}{max(count.waits):>6.2f}"
    )
    within = count.taps <= errand.taps and count.messages <= errand.messages
    return within and stay <= errand.stay and not stale


def main() -> int:
    """1 when an errand takes more than it may."""
    logger.remove()
    good = True
    head = f"{'taps':>6}{'messages':>10}{'stay':>6}{'stale':>7}{'s, p50':>8}{'max':>6}"
    with bot() as (world, dsn), browser() as started:
        for language, words in WORDS.items():
            user = customer(world, language)
            print(f"\n{language:18}{head}")
            with page(started, world.telegram_url, viewport=PHONE) as opened:
                chat = PageChat(opened, world.telegram, user)
                for errand in ERRANDS:
                    good &= run(chat, errand, words, dsn)
        violations = [*world.telegram.violations(), *world.kie.violations()]
        print("", *violations, sep="\n")
    return int(not good or bool(violations))


if __name__ == "__main__":
    sys.exit(main())
