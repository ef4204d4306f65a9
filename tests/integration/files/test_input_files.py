"""A job with a user's file: whatever goes wrong with the file, the job ends and money is right."""

import uuid
from typing import Any

import pytest

import sql
from handlers.words.notice_text import refused
from kie.api.outcome import Failure
from kie.api.refusals import OPERATOR, TaskRefused
from kie.catalogue.user_file import UserFile
from sandbox.files.sound import silence, voice
from supervisor.runtime.errors import Misconfigured, OutcomeUnknown, Rejected, Unavailable
from tests.support.edges.example_inputs import a_file
from tests.support.jobs.shop import Shop

pytestmark = pytest.mark.integration


def order(shop: Shop, key: str = "k") -> int:
    inputs: dict[str, Any] = {"image": a_file("image").as_json()}
    return shop.order(key, 2, model="recraft/remove-background", inputs=inputs)


def test_the_task_gets_a_link_and_the_row_keeps_the_reference(shop: Shop) -> None:
    shop.start()
    job = order(shop)

    row = shop.until_state(job, "waiting", "success")

    (task,), (upload,) = shop.kie.tasks(), shop.kie.uploads()
    assert task["input"]["image"] == upload["url"]
    assert row["input_params"]["image"]["file_id"] == "file-0"
    assert "http" not in str(row["input_params"])


@pytest.mark.parametrize(
    "failure",
    [Unavailable("away"), OutcomeUnknown("silent"), Misconfigured(["the token is refused"])],
)
def test_a_file_that_cannot_be_had_now_is_fetched_later(shop: Shop, failure: Exception) -> None:
    shop.files.failures = [failure]
    shop.start()
    job = order(shop)
    shop.until(lambda: shop.files.fetched, "the first try")

    shop.until_state(job, "queued")
    shop.hurry(job)

    shop.until_state(job, "waiting", "success")
    assert len(shop.files.fetched) == 2
    assert shop.tasks() == 1


def test_an_upload_that_kie_refuses_for_now_is_repeated_and_makes_one_task(shop: Shop) -> None:
    shop.kie.fault("status", 500, call="file-stream-upload", times=4)
    shop.start()
    job = order(shop)
    shop.until(lambda: shop.row(job)["error_message"], "the first try failed")

    shop.hurry(job)

    shop.until_state(job, "waiting", "success")
    assert shop.tasks() == 1


def test_a_file_that_is_gone_ends_the_job_and_gives_the_credits_back(shop: Shop) -> None:
    shop.files.failures = [Rejected("wrong file_id")]
    shop.start()
    job = order(shop)

    row = shop.until_state(job, "fail")

    assert row["failure"] == "refused_file"
    assert shop.tasks() == 0
    assert shop.balance() == 2
    assert shop.told.ends() == ["refused_file"]


TRANSIENT = "Server exception, please try again later"  # what kie.ai says of a file that is gone


def test_the_second_try_of_a_job_has_an_upload_of_its_own(shop: Shop) -> None:
    shop.kie.fault("code", 500, message=TRANSIENT)
    shop.start()
    job = order(shop)
    shop.until(lambda: shop.row(job)["error_message"], "the first try failed")

    shop.hurry(job)

    shop.until_state(job, "waiting", "success")
    (task,), uploads = shop.kie.tasks(), shop.kie.uploads()
    assert len(uploads) == 2
    assert task["input"]["image"] == uploads[1]["url"]


@pytest.mark.parametrize(
    "failure",
    [
        {"kind": "code", "value": 422, "message": "invalid url"},
        {"kind": "fail", "value": "451", "message": "Failed to fetch the image."},
        {"kind": "fail", "value": "500", "message": "Internal error"},
    ],
)
def test_a_file_of_a_job_that_kie_ended_is_uploaded_anew_for_the_next_one(
    shop: Shop, failure: dict[str, Any]
) -> None:
    shop.kie.fault(**failure)
    shop.start()
    first = order(shop, "k1")
    if shop.until_state(first, "waiting", "fail")["status"] == "waiting":
        shop.kie.finish(shop.kie.tasks()[0]["id"])
        shop.hurry(first)
        shop.until_state(first, "fail")

    shop.until_state(order(shop, "k2"), "waiting", "success")

    task, uploads = shop.kie.tasks()[-1], shop.kie.uploads()
    assert len(uploads) == 2
    assert task["input"]["image"] == uploads[1]["url"]


def test_a_file_that_was_good_for_one_job_is_uploaded_once_for_two(shop: Shop) -> None:
    shop.start()
    for key in ("k1", "k2"):
        shop.until_state(order(shop, key), "waiting", "success")

    assert len(shop.kie.uploads()) == 1


def test_a_key_that_is_refused_for_the_upload_is_told_as_for_a_task(shop: Shop) -> None:
    shop.files.failures = [TaskRefused("401", Failure.UNAVAILABLE, operator=OPERATOR[401])]
    shop.start()
    job = order(shop)

    assert shop.until_state(job, "fail")["failure"] == "unavailable"
    assert shop.told.alerts == [refused(OPERATOR[401], "en")]
    assert shop.balance() == 2


def test_a_crash_while_files_are_on_their_way_leaves_no_doubt_and_the_job_is_sent_again(
    shop: Shop,
) -> None:
    seen: list[bool] = []

    def win_elsewhere() -> None:
        """What a successor does first, once, while the upload is under way."""
        if not seen:
            seen.append(shop.row(job)["uploading"])
            with shop.database.transaction() as tx:
                named = {"bot_id": shop.identity.bot_id, "token": str(uuid.uuid4())}
                tx.run(sql.load("submission")["orphaned_submissions"], named)
            assert shop.row(job)["status"] == "queued"

    shop.files.before = win_elsewhere
    job = order(shop)
    shop.start()

    row = shop.until_state(job, "waiting", "success")

    assert seen == [True]
    assert not row["uploading"]
    assert shop.tasks() == 1


# ----------------------------------------------------------------- a price by its length --

ISOLATION = "elevenlabs/audio-isolation"


def recording(declared: float) -> dict[str, Any]:
    file = UserFile("voice-1", "audio", 5000, "a.ogg", "audio/ogg", declared)
    return {"audio_url": file.as_json()}


@pytest.mark.parametrize(
    ("content", "declared"),
    [
        (silence("five minutes", 300), 1.0),
        (voice(1), 300.0),
        (voice(20), 17.0),
        (b"no recording at all", 5.0),
    ],
)
def test_a_file_that_plays_for_another_time_than_declared_ends_with_the_credits_back(
    shop: Shop, content: bytes, declared: float
) -> None:
    shop.files.content = content
    shop.start()
    job = shop.order(price=120, model=ISOLATION, inputs=recording(declared))

    row = shop.until_state(job, "fail")

    assert row["failure"] == "other_length"
    assert shop.balance() == 120
    assert shop.tasks() == 0


@pytest.mark.parametrize("declared", [19.0, 20.0, 20.4, 21.0])
def test_a_length_that_an_app_has_rounded_is_taken(shop: Shop, declared: float) -> None:
    shop.files.content = voice(20)
    shop.start()
    job = shop.order(price=8, model=ISOLATION, inputs=recording(declared))

    shop.until_state(job, "waiting", "success")


def test_a_file_whose_length_costs_nothing_is_not_measured(shop: Shop) -> None:
    shop.files.content = b"\x89PNG, so to speak"
    shop.start()
    picture = UserFile("photo-1", "image", 16, "a.png", "image/png").as_json()
    job = shop.order(model="recraft/remove-background", inputs={"image": picture})

    shop.until_state(job, "waiting", "success", "fail")

    assert shop.row(job)["failure"] != "other_length"
