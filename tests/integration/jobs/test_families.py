"""Veo and Suno from the row to the settlement: the same job, ledger and news as the market's."""

from typing import Any

import pytest

from kie.api.outcome import Song
from kie.catalogue.follow import Earlier, sources
from kie.jobs.poll_schedule import PROVEN
from kie.submission.submitter import SOON
from tests.support.jobs.shop import Shop
from tests.support.shipped import shipped

CATALOGUE = shipped()
MODELS = ["veo/text-to-video", "suno/song", "suno/instrumental", "suno/lyrics"]
#: Results a task, where it is not two.
FILES = {"veo/text-to-video": 1}


def order(shop: Shop, model_id: str, key: str = "k", **inputs: Any) -> int:
    model = CATALOGUE.model(model_id)
    assert model is not None
    words = {"prompt": "a fox sings"}
    if model_id == "suno/lyrics":
        words |= {"style": "folk", "title": "The Fox"}
    whole = model.complete({**words, **inputs})
    assert model.check(whole) == []
    return shop.order(key, price=24, model=model_id, inputs=whole)


def finished(shop: Shop, job: int) -> dict[str, Any]:
    """Asked for as soon as kie.ai is done."""
    shop.until_state(job, "waiting", "success", "fail")
    shop.until(lambda: shop.kie.tasks()[-1]["state"] in {"success", "fail"}, "kie.ai is done")
    shop.hurry(job)
    return shop.until_state(job, "success", "fail")


@pytest.mark.parametrize("model", MODELS)
def test_a_job_of_a_family_ends_with_its_files(shop: Shop, model: str) -> None:
    shop.start()

    row = finished(shop, order(shop, model))

    assert row["status"] == "success"
    assert len(row["result_urls"]) == FILES.get(model, 2)
    assert shop.told.ends() == ["succeeded"]
    assert shop.tasks() == 1
    assert shop.told.alerts == []


def test_two_songs_keep_their_title_cover_and_length(shop: Shop) -> None:
    shop.start()

    row = finished(shop, order(shop, "suno/lyrics"))

    first, second = (Song(**song) for song in row["result_songs"])
    assert (first.url, second.url) == tuple(row["result_urls"])
    assert first.title == "The Fox"
    assert first.cover is not None
    assert first.cover.endswith("_cover.png")
    assert first.seconds
    assert first.number != second.number


@pytest.mark.parametrize("model", ["veo/text-to-video", "suno/song"])
@pytest.mark.parametrize(
    ("failure", "told"),
    [
        ({"failCode": "501", "failMsg": "no luck"}, "broken"),
        ({"failCode": "400"}, "refused_content"),
    ],
)
def test_a_job_that_fails_gives_the_credits_back(
    shop: Shop, model: str, failure: dict[str, str], told: str
) -> None:
    call = "veo/generate" if model.startswith("veo") else "suno/generate"
    shop.kie.fault("fail", failure, call=call)
    shop.start()

    row = finished(shop, order(shop, model))

    assert row["failure"] == told
    assert shop.balance() == 24


def test_a_clip_whose_record_is_not_complete_yet_is_waited_for(shop: Shop) -> None:
    """The code is that of an unknown task; only the words say that kie.ai knows it."""
    told = "record status is not success."
    shop.kie.fault("code", 422, message=told, call="veo/record-info")
    shop.start()
    job = order(shop, "veo/text-to-video")
    shop.until_state(job, "waiting")
    with shop.database.transaction() as tx:
        tx.run("UPDATE generation_jobs SET submitted_at = now() - interval '3 minutes'")
    shop.hurry(job)
    shop.until(lambda: shop.row(job)["polls"] or shop.told.ends(), "kie.ai was asked")

    assert finished(shop, job)["status"] == "success"
    assert shop.told.ends() == ["succeeded"]


def test_a_song_with_a_forbidden_word_is_refused_content(shop: Shop) -> None:
    shop.kie.fault("fail", {"status": "SENSITIVE_WORD_ERROR"}, call="suno/generate")
    shop.start()

    assert finished(shop, order(shop, "suno/song"))["failure"] == "refused_content"


@pytest.mark.parametrize("model", ["veo/text-to-video", "suno/song"])
def test_a_creation_without_an_answer_is_not_repeated(shop: Shop, model: str) -> None:
    call = "veo/generate" if model.startswith("veo") else "suno/generate"
    shop.kie.fault("drop_after", call=call)
    shop.start()
    job = order(shop, model)

    shop.until_state(job, "unclear")

    assert shop.tasks() == 1


@pytest.mark.parametrize("model", ["veo/text-to-video", "suno/song"])
def test_a_callback_names_the_task_of_an_unclear_job(shop: Shop, model: str) -> None:
    call = "veo/generate" if model.startswith("veo") else "suno/generate"
    shop.kie.fault("drop_after", call=call)
    shop.start()
    job = order(shop, model)
    shop.until_state(job, "unclear")
    (task,) = shop.kie.tasks()
    shop.until(lambda: shop.kie.tasks()[0]["state"] == "success", "kie.ai is done")

    name = "taskId" if model.startswith("veo") else "task_id"
    assert shop.call_back(job, {"code": 200, "data": {name: task["id"]}}) == 200

    assert shop.until_state(job, "success")["task_id"] == task["id"]


def test_a_callback_of_an_early_stage_neither_ends_nor_proves_anything(shop: Shop) -> None:
    shop.start(shop.submitter)
    job = order(shop, "suno/song")
    before = shop.until_state(job, "waiting")

    early = {"code": 200, "data": {"callbackType": "text", "task_id": before["task_id"]}}
    assert shop.call_back(job, early) == 200

    after = shop.row(job)
    assert (after["hinted"], after["reported_by"]) == (False, None)
    assert after["next_action_at"] == before["next_action_at"]
    last = {"code": 200, "data": {"callbackType": "complete", "task_id": before["task_id"]}}
    assert shop.call_back(job, last) == 200
    assert shop.row(job)["hinted"]


def test_an_early_stage_names_the_task_of_an_unclear_job(shop: Shop) -> None:
    shop.kie.fault("drop_after", call="suno/generate")
    shop.start(shop.submitter)
    job = order(shop, "suno/song")
    shop.until_state(job, "unclear")
    (task,) = shop.kie.tasks()

    shop.call_back(job, {"data": {"callbackType": "text", "task_id": task["id"]}})

    assert shop.row(job)["status"] == "waiting"
    assert shop.row(job)["task_id"] == task["id"]


@pytest.mark.parametrize("model", ["veo/text-to-video", "suno/song"])
def test_a_success_without_a_file_gives_the_credits_back_and_tells_the_operator(
    shop: Shop, model: str
) -> None:
    call = "veo/generate" if model.startswith("veo") else "suno/generate"
    shop.kie.fault("links", ["https://[x/y.mp3"], call=call)
    shop.start()

    row = finished(shop, order(shop, model))

    assert row["failure"] == "no_result"
    assert shop.balance() == 24
    assert len(shop.told.alerts) == 1


# ---------------------------------------------------------------- what goes on from a result --

FOLLOWERS = {
    "veo/extend": ("veo/text-to-video", "veo/extend"),
    "veo/1080p": ("veo/text-to-video", "veo/1080p"),
    "veo/4k": ("veo/text-to-video", "veo/4k"),
    "suno/extend": ("suno/song", "suno/extend"),
}


def follow(shop: Shop, model_id: str, key: str = "next") -> int:
    """An order that goes on from the job of ``earlier``."""
    first = finished(shop, order(shop, FOLLOWERS[model_id][0], f"{key}-first"))
    model = CATALOGUE.model(model_id)
    assert model is not None
    songs = tuple(song["number"] for song in first["result_songs"] or ())
    earlier = Earlier(first["model"], first["input_params"], first["task_id"], songs)
    taken = sources(model.inputs, earlier, 0)
    assert taken is not None
    words = {"prompt": "the fox flies"} if model_id == "veo/extend" else {}
    inputs = model.complete({**taken, **words})
    assert model.check(inputs) == []
    return shop.order(key, price=24, model=model_id, inputs=inputs)


@pytest.mark.parametrize("model", FOLLOWERS)
def test_a_job_goes_on_from_what_another_one_has_made(shop: Shop, model: str) -> None:
    shop.start()

    row = finished(shop, follow(shop, model))

    assert row["status"] == "success"
    assert len(row["result_urls"]) == (2 if model.startswith("suno") else 1)
    assert shop.told.ends() == ["succeeded", "succeeded"]
    assert shop.tasks() == 2
    assert shop.told.alerts == []
    if model == "veo/extend":
        assert row["result_urls"][0].endswith("_full.mp4")


@pytest.mark.parametrize("model", ["veo/1080p", "veo/4k"])
def test_an_upgrade_whose_first_answer_is_lost_is_asked_for_again_and_made_once(
    shop: Shop, model: str
) -> None:
    shop.kie.fault("drop_after", call=model)
    shop.start()

    row = finished(shop, follow(shop, model))

    assert row["status"] == "success"
    assert shop.tasks() == 2


@pytest.mark.parametrize("model", ["veo/4k", "suno/extend"])
def test_a_job_that_goes_on_and_fails_gives_the_credits_back(shop: Shop, model: str) -> None:
    shop.kie.fault("fail", {"failCode": "501", "failMsg": "no luck"}, call=FOLLOWERS[model][1])
    shop.start()

    row = finished(shop, follow(shop, model))

    assert row["failure"] == "broken"
    assert shop.told.ends() == ["succeeded", "broken"]
    assert shop.balance() == 24


def test_a_clip_that_kie_does_not_know_any_more_is_not_upgraded(shop: Shop) -> None:
    shop.start()
    job = shop.order("k", price=24, model="veo/4k", inputs={"taskId": "0f" * 16})

    row = shop.until_state(job, "fail")

    assert row["failure"] == "refused_input"
    assert shop.balance() == 24
    assert shop.tasks() == 0


def test_an_upgrade_is_looked_at_soon_and_says_nothing_about_callbacks(shop: Shop) -> None:
    for _ in range(PROVEN):
        shop.schedule.ended(by_callback=True)
    shop.start(shop.submitter)
    job = shop.order("k", price=24, model="veo/1080p", inputs={"taskId": _clip(shop)})
    row = shop.until_state(job, "waiting")
    waits = row["next_action_at"] - row["submitted_at"]

    assert waits.total_seconds() <= SOON + 1
    shop.start(shop.poller)
    assert finished(shop, job)["status"] == "success"
    assert shop.schedule.proven


def _clip(shop: Shop) -> str:
    """A finished clip at kie.ai."""
    task = shop.client.create_task("veo/text-to-video", {"prompt": "a fox"}, None)
    shop.until(lambda: shop.kie.tasks()[-1]["state"] == "success", "the clip")
    return task
