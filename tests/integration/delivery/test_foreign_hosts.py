"""A host that accepts and never answers costs its own results time, and nobody else's."""

import threading
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from handlers.delivery.in_flight import BACKGROUND_SLOTS
from handlers.delivery.outbox import Delivery
from handlers.delivery.outcome import LINK_PATIENCE
from handlers.delivery.payloads import showing_album
from handlers.words.texts import Markup
from kie.files import link_reader
from kie.http.transport import FileInfo
from supervisor.runtime.errors import Unavailable
from tests.support.chats.conversation import Conversation
from tests.support.chats.deliveries import picture, put, settled, state_of, texts, word
from tests.support.edges.link_files import Files
from tests.support.edges.telegram_answers import refused

HEALTHY = "http://healthy.example/fox.png"


class Hanging(Files):
    """Hosts named hang.example answer when the test says so, and then with a failure."""

    def __init__(self) -> None:
        super().__init__()
        self.release = threading.Event()
        self.asked: list[str] = []
        self.hangs = True
        self.disk_is_full = False

    def _maybe(self, url: str) -> None:
        self.asked.append(url)
        if urlsplit(url).hostname == "hang.example":
            if self.hangs:
                self.release.wait(60)
            raise Unavailable("no answer")

    def file_info(self, url: str) -> FileInfo | None:
        if not self.disk_is_full:
            self._maybe(url)
        return super().file_info(url)

    def fetch(self, url: str, limit: int) -> bool:
        if self.disk_is_full:
            return False
        self._maybe(url)
        return True

    def read(self, url: str, limit: int) -> bytes:
        if self.disk_is_full:
            self._maybe(url)
        return super().read(url, limit)


@pytest.fixture
def files() -> Hanging:
    return Hanging()


def hanging(chat: int) -> Delivery:
    return picture(f"http://hang.example/{chat}.png", chat)


def test_results_of_a_host_that_hangs_hold_up_no_other_result(
    talk: Conversation, files: Hanging
) -> None:
    put(talk, *(hanging(chat) for chat in range(100, 100 + 3 * BACKGROUND_SLOTS)))
    with talk.sending():
        talk.until(lambda: len(files.asked) >= link_reader.PER_HOST, "the host hangs")
        put(talk, picture(HEALTHY, 7), word("hello", 8))
        settled(talk, f"7:{HEALTHY}", "sent")
        settled(talk, "8:hello", "sent")
        assert len(files.asked) <= link_reader.PER_HOST + 1
        files.release.set()


def test_downloads_without_a_disk_take_no_place_from_uploads(
    talk: Conversation, files: Hanging
) -> None:
    links = [f"http://hang.example/{chat}.png" for chat in range(100, 103)]
    files.disk_is_full = True
    files.content[HEALTHY] = b"a fox"
    # Telegram does not fetch them: they have to be uploaded.
    files.file_infos = dict.fromkeys([*links, HEALTHY])
    put(talk, *(picture(link, chat) for chat, link in enumerate(links, 100)))
    with talk.sending():
        talk.until(lambda: len(set(files.asked)) == len(links), "all downloads have begun")
        put(talk, picture(HEALTHY, 7))
        settled(talk, f"7:{HEALTHY}", "sent")
        files.release.set()


def test_albums_of_a_host_that_hangs_do_not_take_the_threads_of_the_sender(
    talk: Conversation, files: Hanging
) -> None:
    for chat in range(100, 106):
        urls = [("photo", f"http://hang.example/{chat}-{n}.png") for n in range(10)]
        album = showing_album(urls, Markup("x"), link=Markup("link"), lost=Markup("lost"))
        put(talk, Delivery(chat, "result", album, f"album:{chat}"))
    with talk.sending():
        talk.until(lambda: len(files.asked) >= link_reader.PER_HOST, "the host hangs")
        put(talk, word("hello", 8))
        settled(talk, "8:hello", "sent")
        files.release.set()


def test_a_host_that_fails_again_and_again_is_left_alone_for_a_while(
    talk: Conversation, files: Hanging
) -> None:
    files.hangs = False
    put(talk, *(hanging(chat) for chat in range(100, 120)))
    with talk.sending():
        talk.until(
            lambda: not talk.rows("SELECT 1 FROM deliveries WHERE attempts = 0"), "all were begun"
        )
        talk.until(
            lambda: not talk.rows("SELECT 1 FROM deliveries WHERE state = 'sending'"), "judged"
        )

    assert link_reader.FAILURES <= len(files.asked) <= link_reader.FAILURES + link_reader.PER_HOST


def test_a_link_that_its_host_never_gives_is_told_in_words_at_last(
    talk: Conversation, files: Hanging
) -> None:
    files.hangs = False
    put(talk, hanging(7))
    age = f"{LINK_PATIENCE + 1:.0f} seconds"
    talk.rows("UPDATE deliveries SET created_at = now() - CAST(%s AS interval)", age)
    with talk.sending():
        settled(talk, "7:http://hang.example/7.png", "sent")

    assert texts(talk) == ["see http://hang.example/7.png"]
    assert state_of(talk, "7:http://hang.example/7.png")["message_id"] is not None


def test_a_delivery_goes_to_the_topic_where_it_belongs_or_without_it_when_that_is_gone(
    talk: Conversation,
) -> None:
    gone = refused(400, "Bad Request: message thread not found")
    talk.telegram.script["send_photo"] = [None, gone]
    put(talk, replace(word("hello", -5), thread=3), replace(picture(HEALTHY, -5), thread=3))
    put(talk, replace(picture("http://healthy.example/2.png", -5), thread=4))
    with talk.sending():
        settled(talk, "-5:http://healthy.example/2.png", "sent")
        settled(talk, "-5:hello", "sent")

    assert [each["message_thread_id"] for each in talk.telegram.sent("send_message")] == [3]
    threads = [each["message_thread_id"] for each in talk.telegram.sent("send_photo")]
    assert threads == [3, 4, None]
