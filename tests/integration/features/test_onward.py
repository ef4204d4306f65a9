"""What follows a result: another variant by one press, and progress that moves."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from handlers.features.results.progress_service import ProgressService
from kie.api.outcome import Result
from kie.api.wire import Succeeded
from kie.catalogue.availability import Availability
from kie.jobs import job_table, settle
from kie.jobs.job import Job, NewJob
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.deliveries import settled
from tests.support.edges import telegram_updates as telegram

PICTURE = "http://x.example/1.png"
SHOWN = 60  #: the message that shows the progress


@pytest.fixture
def talk(talk: Conversation) -> Iterator[Conversation]:
    with talk.dispatching(), talk.sending():
        yield talk


def order(talk: Conversation, words: str, shown: int | None = SHOWN) -> Job:
    with talk.database.transaction(talk.term) as tx:
        tx.one("SELECT ensure_user(7)")
        tx.one("SELECT ensure_account(%(bot)s, 7)", {"bot": BOT_ID})
        inputs = {"prompt": words, "aspect_ratio": "1:1"}
        new = NewJob(7, 7, "en", "z-image", inputs, 0, words, shown, wish_message_id=12)
        number = job_table.create(tx, BOT_ID, new)
    return job(talk, number)


def job(talk: Conversation, number: int) -> Job:
    (row,) = talk.rows("SELECT *, 0.0 AS seconds FROM generation_jobs WHERE id = %s", number)
    return job_table.from_row(row)


def made(talk: Conversation, of: Job) -> None:
    with talk.database.transaction(talk.term) as tx:
        settle.succeed(tx, of, Succeeded(Result((PICTURE,)), None), talk.news)
    settled(talk, f"job:{of.id}:end", "sent")


def variants(talk: Conversation) -> Sequence[Mapping[str, Any]]:
    return talk.rows("SELECT * FROM generation_jobs WHERE repeats IS NOT NULL ORDER BY id")


def test_another_variant_is_ordered_by_one_press_and_only_once_at_a_time(
    talk: Conversation,
) -> None:
    first = order(talk, "a fox")
    made(talk, first)

    presses = [telegram.press(f"again||{first.id}:0", message_id=70, text=None) for _ in "12"]
    talk.put(*presses)
    talk.until(lambda: len(talk.telegram.sent("answer_callback_query")) == 2, "both answered")

    (variant,) = variants(talk)
    assert variant["input_params"]["prompt"] == "a fox"
    assert (variant["repeats"], variant["wish_message_id"]) == (first.id, 12)


def test_the_progress_of_a_variant_is_a_message_of_its_own_that_goes_with_the_result(
    talk: Conversation,
) -> None:
    first = order(talk, "a fox")
    made(talk, first)
    talk.put(telegram.press(f"again||{first.id}:0", message_id=70, text=None))
    (variant,) = talk.until(
        lambda: [each for each in variants(talk) if each["status_message_id"]], "its progress"
    )

    made(talk, job(talk, variant["id"]))

    gone = ("delete_message", {"chat_id": 7, "message_id": variant["status_message_id"]})
    talk.until(lambda: gone in talk.telegram.calls, "the progress is removed")


def test_progress_that_arrives_after_its_job_has_ended_is_removed(talk: Conversation) -> None:
    talk.telegram.held["send_message"] = held = Held()
    first = order(talk, "a fox")
    made(talk, first)
    talk.put(telegram.press(f"again||{first.id}:0", message_id=70, text=None))
    talk.until(lambda: talk.telegram.sent("send_message"), "the progress is on its way")
    (variant,) = variants(talk)
    with talk.database.transaction(talk.term) as tx:
        report = Succeeded(Result((PICTURE,)), None)
        settle.succeed(tx, job(talk, variant["id"]), report, talk.news)

    held.open = True

    def removed() -> list[int]:
        return [each["message_id"] for each in talk.telegram.sent("delete_message")]

    talk.until(lambda: set(removed()) - {SHOWN}, "the progress of the variant is removed")


class Held:
    """A call that is not answered before it is opened."""

    open = False

    async def wait(self) -> None:
        while not self.open:
            await asyncio.sleep(0.01)


def begun(talk: Conversation, passed: float) -> Job:
    """A task that began so many seconds ago."""
    found = order(talk, "a fox")
    talk.rows(
        "UPDATE generation_jobs SET status = 'waiting', task_id = 'task-1', next_action_at = now()"
        " + interval '1 hour', submitted_at = now() - make_interval(secs => %s) RETURNING id",
        passed,
    )
    with talk.database.transaction(talk.term) as tx:
        talk.news.started(tx, job(talk, found.id))
    return found


def told(talk: Conversation) -> list[str]:
    return [each["text"] for each in talk.telegram.sent("edit_message_text")]


@pytest.mark.parametrize(
    ("passed", "words"), [(8.0, "left"), (16.0, "almost"), (23.0, "longer than usual")]
)
def test_the_progress_says_what_is_left_and_when_it_is_late(
    talk: Conversation, passed: float, words: str
) -> None:
    begun(talk, passed)

    left = ProgressService(talk.parts()).look(talk.term)

    talk.until(lambda: any(words in each for each in told(talk)), words)
    assert (left is None) == (passed > 22.5)


def test_a_step_that_is_told_is_not_told_again_by_the_next_term(talk: Conversation) -> None:
    found = begun(talk, 8.0)
    ProgressService(talk.parts()).look(talk.term)
    term, _ = talk.new_term()

    ProgressService(talk.parts()).look(term)

    keys = "SELECT 1 FROM deliveries WHERE dedupe_key LIKE 'job:%%:progress:%%'"
    assert len(talk.rows(keys)) == 1
    (row,) = talk.rows("SELECT progress_told FROM generation_jobs WHERE id = %s", found.id)
    assert row["progress_told"] == 50


def test_what_is_usual_is_what_the_latest_jobs_took(talk: Conversation) -> None:
    for number in range(5):
        found = order(talk, f"fox {number}")
        talk.rows(
            "UPDATE generation_jobs SET status = 'success', submitted_at = now() -"
            " make_interval(secs => %s), completed_at = now() WHERE id = %s RETURNING id",
            40.0 + number,
            found.id,
        )
    availability = Availability(talk.database, talk.news, talk.wakeups, talk.clock, BOT_ID)
    availability.look()

    assert availability.snapshot().seconds == {"z-image": pytest.approx(42.0, abs=0.5)}
    talk.display = availability.snapshot()
    assert talk.current_shop().offers["z-image"].seconds == pytest.approx(42.0, abs=0.5)
