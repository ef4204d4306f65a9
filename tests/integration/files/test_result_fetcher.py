"""Results are fetched to the disk at once, and go when they are delivered."""

import threading
from collections.abc import Iterator

import pytest

from handlers.features.results.news import JobNews
from handlers.shop.offers import offers_of
from kie.api.outcome import Result
from kie.files import result_fetcher as fetcher_module
from kie.files.result_fetcher import FETCHES, MOST_PAUSE, PER_HOST, ResultFetcher
from kie.files.result_store import ResultStore
from kie.http.transport import Gone, NotFound
from kie.jobs.job import Job, JobState
from supervisor.runtime.errors import Unavailable
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import ServiceThread
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.deliveries import URL, picture, put, settled
from tests.support.chats.kept_results import (
    NEVER,
    clock,
    fetch_what_is_due,
    fetcher,
    files,
    store,
    talk,
)
from tests.support.edges.fakes import FakeClock
from tests.support.edges.link_files import HeldFiles
from tests.support.edges.telegram_answers import flooded
from tests.support.machine.waiting import within
from tests.support.shipped import shipped

pytestmark = pytest.mark.any_server

__all__ = ["clock", "fetcher", "files", "store", "talk"]  # fixtures

LINK = f"7:{URL}"


@pytest.fixture
def running(talk: Conversation, store: ResultStore) -> Iterator[ResultFetcher]:
    """In threads of its own, by the real clock."""
    fetcher = ResultFetcher(store=store, database=talk.database, clock=talk.clock, bot_id=BOT_ID)
    service = ServiceThread("fetcher", fetcher.run)
    service.start(Term(1, talk.term.token), Gate(talk.clock))
    yield fetcher
    service.stop()
    assert within(service.join, 5)
    assert service.failure is None


def a_job(chat: int | None = 7) -> Job:
    state = JobState.SUCCESS
    return Job(1, 7, chat, "en", "z-image", {"prompt": "a fox"}, state, "t", 0, None, 9.0)


@pytest.mark.parametrize("told", ["succeeded", "gift"])
def test_a_result_is_heard_of_when_it_is_committed_and_not_before(
    talk: Conversation, told: str
) -> None:
    heard: list[str] = []
    news = JobNews(
        talk.outbox,
        talk.current_shop,
        offers_of(shipped()),
        talk.router.places,
        found=heard.extend,
    )
    talk.rows("INSERT INTO users (user_id) VALUES (7)")
    talk.rows("INSERT INTO generation_jobs (id, bot_id, user_id, model) VALUES (1, 1, 7, 'm')")

    with talk.database.transaction(talk.term) as tx:
        getattr(news, told)(tx, a_job(), Result((URL, URL + "2")))
        assert heard == []

    assert heard == [URL, URL + "2"]
    with talk.database.transaction(talk.term) as tx:
        getattr(news, told)(tx, a_job(chat=None), Result((URL,)))
    assert len(heard) == 2  # nobody waits for the result of a check


def test_a_result_is_fetched_at_once_beside_its_delivery(
    talk: Conversation, running: ResultFetcher, store: ResultStore
) -> None:
    put(talk, picture(URL))

    running.want([URL])

    talk.until(lambda: store.has(URL), "the file", 10)


def test_a_delivery_waits_for_no_fetch_where_the_link_will_do(
    talk: Conversation, running: ResultFetcher, files: HeldFiles
) -> None:
    files.flow.clear()
    put(talk, picture(URL))
    running.want([URL])
    assert within(files.begun.wait, 10)

    with talk.sending():
        settled(talk, LINK, "sent")

    (call,) = talk.telegram.sent("send_photo")
    assert call["photo"] == URL
    files.flow.set()


def test_a_kept_result_still_goes_by_its_link_while_that_lives(
    talk: Conversation, fetcher: ResultFetcher, store: ResultStore
) -> None:
    fetcher.want([URL])
    fetch_what_is_due(fetcher)
    assert store.has(URL)

    put(talk, picture(URL))
    with talk.sending():
        settled(talk, LINK, "sent")

    (call,) = talk.telegram.sent("send_photo")
    assert call["photo"] == URL


def test_a_kept_result_outlives_its_link_and_goes_when_it_is_delivered(
    talk: Conversation, fetcher: ResultFetcher, store: ResultStore, files: HeldFiles
) -> None:
    put(talk, picture(URL))
    fetcher.want([URL])
    fetch_what_is_due(fetcher)

    files.content[URL] = Gone("HTTP 410")
    files.file_infos[URL] = None
    talk.telegram.script["send_photo"] = [flooded(1)]
    with talk.sending():
        talk.until(lambda: talk.telegram.sent("send_photo"), "a refusal")
        fetcher.look()
        assert store.has(URL)
        settled(talk, LINK, "sent")

    assert talk.telegram.sent("send_photo")[-1]["photo"].input_file_content == b"the bytes"
    fetcher.look()
    assert store.files() == []


def test_who_needs_the_bytes_waits_for_those_that_are_coming(
    talk: Conversation, running: ResultFetcher, files: HeldFiles, store: ResultStore
) -> None:
    files.flow.clear()
    put(talk, picture(URL))
    running.want([URL])
    assert within(files.begun.wait, 10)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(store.read(URL, 100)))

    files.content[URL] = Gone("HTTP 410")  # a download of its own would fail
    reader.start()
    reader.join(0.2)
    assert reader.is_alive()
    files.flow.set()
    reader.join(10)

    assert got == [b"the bytes"]
    assert files.fetched[URL] == 1


def test_the_first_look_of_a_term_fetches_what_a_predecessor_left(
    talk: Conversation, store: ResultStore, files: HeldFiles, request: pytest.FixtureRequest
) -> None:
    other = "http://x.example/r/other.png"
    files.content[other] = b"other"
    put(talk, picture(URL), picture(other, chat=8))
    store.keep(URL, stop=NEVER)

    request.getfixturevalue("running")

    talk.until(lambda: store.has(other), "the file that is not here", 10)
    assert files.fetched == {URL: 1, other: 1}


def test_every_page_of_what_waits_is_looked_at(
    talk: Conversation,
    fetcher: ResultFetcher,
    files: HeldFiles,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fetcher_module, "PAGE", 2)
    links = [f"http://x.example/r/{number}.png" for number in range(5)]
    put(talk, *(picture(link, chat=number) for number, link in enumerate(links)))
    files.content.update(dict.fromkeys(links, b"x"))

    fetcher.look()
    for _ in links:
        fetch_what_is_due(fetcher)

    assert set(files.fetched) == set(links)
    fetcher.look()
    assert len(fetcher._store.files()) == 5


def test_only_so_many_are_fetched_at_the_same_time(
    talk: Conversation, running: ResultFetcher, files: HeldFiles, store: ResultStore
) -> None:
    links = [f"http://x{number % 7}.example/r/{number}.png" for number in range(3 * FETCHES)]
    files.content.update(dict.fromkeys(links, b"xy"))
    files.flow.clear()

    put(talk, *(picture(link, chat=number) for number, link in enumerate(links)))
    running.want(links)
    talk.until(lambda: files.at_once == FETCHES, "all workers are busy", 10)
    files.flow.set()

    talk.until(lambda: all(store.has(link) for link in links), "all files", 10)
    assert files.most_at_once == FETCHES


def test_a_host_that_hangs_holds_only_its_own_files_up(
    fetcher: ResultFetcher, files: HeldFiles
) -> None:
    slow = [f"https://slow.example/{number}.png" for number in range(50)]
    others = ["https://quick.example/1.png", "https://[broken/x.png", "https://other.example/1.png"]
    fetcher.want([*slow, *others])

    taken = fetcher.take()

    assert taken == [*slow[:PER_HOST], *others]
    assert fetcher.take() == []  # those of the slow host come back when one of its own ends
    files.content[slow[0]] = b"x"
    fetcher.fetch(slow[0], NEVER)
    assert fetcher.take() == [slow[PER_HOST]]


def test_a_host_that_fails_is_left_alone_for_a_while_and_the_others_are_not(
    fetcher: ResultFetcher, files: HeldFiles, clock: FakeClock
) -> None:
    down = [f"https://down.example/{number}.png" for number in range(6)]
    files.content.update(dict.fromkeys(down, Unavailable("connecting took too long")))
    fetcher.want(down)
    asked: list[str] = []
    started = clock.time
    while clock.time < started + 300:
        for url in fetcher.take():
            asked.append(url)
            fetcher.fetch(url, NEVER)
        clock.time += 1.0

    assert len(asked) < 30  # six links, each by itself, would be asked for some fifty times
    fetcher.want(["https://up.example/1.png"])
    assert "https://up.example/1.png" in fetcher.take()


def test_an_idle_fetcher_reads_the_table_seldom_and_soon_again_when_there_is_a_result(
    talk: Conversation, store: ResultStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetcher_module, "EVERY", 0.01)
    fetcher = ResultFetcher(store=store, database=talk.database, clock=talk.clock, bot_id=BOT_ID)
    looks, look = 0, fetcher.look

    def counting() -> None:
        nonlocal looks
        looks += 1
        look()

    monkeypatch.setattr(fetcher, "look", counting)
    service = ServiceThread("fetcher", fetcher.run)
    service.start(Term(1, talk.term.token), Gate(talk.clock))
    for _ in range(20):  # rounds without anything to do
        fetcher.want(())
        talk.until(lambda: not fetcher._wake.is_set(), "a round")
    assert looks == 1

    put(talk, picture(URL))
    fetcher.want([URL])

    talk.until(lambda: looks >= 5 and store.has(URL), "looks while it waits")
    talk.rows("UPDATE deliveries SET state = 'sent'")
    talk.until(lambda: not store.has(URL) and fetcher._is_idle, "it is idle again")
    service.stop()
    assert within(service.join, 5)


def test_a_link_is_tried_for_as_long_as_its_result_waits_and_ever_more_seldom(
    talk: Conversation,
    fetcher: ResultFetcher,
    store: ResultStore,
    files: HeldFiles,
    clock: FakeClock,
) -> None:
    asked: list[float] = []

    def fresh(url: str, limit: int) -> bytes:
        asked.append(clock.time)
        raise NotFound("HTTP 404")

    files.download = fresh  # type: ignore[method-assign]
    put(talk, picture(URL))
    started = clock.time
    while clock.time < started + 2 * 3600:
        fetcher.look()
        fetch_what_is_due(fetcher)
        clock.time += 0.5 if clock.time < started + 60 else 20.0

    assert asked[1] - asked[0] < 4.0
    assert MOST_PAUSE / 2 < asked[-1] - asked[-2] < 1.5 * MOST_PAUSE
    assert len(asked) < 25
    del files.download
    clock.time += 2 * MOST_PAUSE
    fetch_what_is_due(fetcher)
    assert store.has(URL)


def test_a_link_that_leads_nowhere_is_asked_for_once(
    talk: Conversation, fetcher: ResultFetcher, files: HeldFiles, clock: FakeClock
) -> None:
    asked: list[str] = []

    def dead(url: str, limit: int) -> bytes:
        asked.append(url)
        raise Gone("HTTP 410")

    files.download = dead  # type: ignore[method-assign]
    put(talk, picture(URL))
    for _ in range(100):
        fetcher.look()
        fetch_what_is_due(fetcher)
        clock.time += 100.0

    assert len(asked) == 1


def test_what_came_during_a_look_is_not_dropped_by_it(
    talk: Conversation, fetcher: ResultFetcher, store: ResultStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, other = fetcher._undelivered, "http://x.example/r/other.png"

    def and_meanwhile() -> set[str]:
        found = read()
        put(talk, picture(URL))
        fetcher.want([URL])
        fetch_what_is_due(fetcher)
        fetcher.want([other])
        return found

    monkeypatch.setattr(fetcher, "_undelivered", and_meanwhile)
    fetcher.look()

    assert store.has(URL)
    assert fetcher.take() == [other]


def test_a_fetch_under_way_is_left_alone_by_a_look_and_ends_with_the_term(
    talk: Conversation, store: ResultStore, files: HeldFiles
) -> None:
    fetcher = ResultFetcher(store=store, database=talk.database, clock=talk.clock, bot_id=BOT_ID)
    service = ServiceThread("fetcher", fetcher.run)
    service.start(talk.term, talk.gate)
    files.flow.clear()
    put(talk, picture(URL))
    fetcher.want([URL])
    assert within(files.begun.wait, 10)
    fetcher.look()
    assert len(store.files()) == 1

    service.stop()

    assert within(service.join, 5)  # without the file having come
    files.flow.set()
    talk.until(lambda: store.files() == [], "nothing is left of it", 10)
    assert not store.has(URL)
