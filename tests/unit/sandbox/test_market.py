"""The simulated kie.ai knows every model of the market, strictly, with its price and result."""

import base64
import json
import struct
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from sandbox.files.picture import draw
from sandbox.files.sound import silence
from sandbox.files.video import film
from sandbox.kie.market import prices
from sandbox.kie.market.catalogue import FILE, market
from sandbox.kie.market.inputs import LOOKS_TRANSIENT
from sandbox.kie.tasks import Task
from tests.support.edges.outside_facts import kie_models
from tests.support.edges.sandbox_kie import Client, Got, example, serve

RAW: dict[str, dict[str, Any]] = yaml.load(FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)
CURRENT = {model_id: raw for model_id, raw in RAW.items() if not raw.get("withdrawn")}
#: Fields that name a task to go on from.
PARENTS = {"task_id", "taskId", "origin_task_id"}


def forms(*, whole: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each form of each model's input: its required fields, or all that go together."""
    for model_id, raw in CURRENT.items():
        for form in raw["inputs"]:
            unfit = {name for group in raw.get("exclusive", [])[1:] for name in group}
            yield (
                model_id,
                {
                    name: example(field)
                    for name, field in form.items()
                    if field.get("required") or (whole and name not in unfit)
                },
            )


def quiet(client: Client) -> None:
    """Many calls at once, none of them about files."""
    client.kie.account.limits_on, client.kie.account.fetch_inputs, client.kie.account.credits = (
        False,
        False,
        1e6,
    )


async def parent(client: Client) -> str:
    """A task that succeeded and that others can go on from."""
    task_id = await client.task()
    await client.kie.lifecycle.end(client.kie.account.tasks[task_id])
    return task_id


@pytest.mark.parametrize("whole", [False, True])
def test_every_model_takes_its_least_and_its_fullest_input_and_charges_for_it(whole: bool) -> None:
    async def use(client: Client, got: Got) -> None:
        quiet(client)
        before = await parent(client)
        for model_id, given in forms(whole=whole):
            inputs = {n: before if n in PARENTS else value for n, value in given.items()}
            balance = client.kie.account.credits
            answer = await client.create(model=model_id, input=inputs)
            assert answer["code"] == 200, (model_id, inputs, answer)
            task = client.kie.account.tasks[answer["data"]["taskId"]]
            assert client.kie.account.credits == pytest.approx(balance - task.price), model_id
            assert task.price > 0 or model_id == "grok-imagine-image-2-0/segment-map", model_id
        assert client.kie.account.violations == []

    serve(use)


def test_every_required_field_is_missed() -> None:
    async def use(client: Client, got: Got) -> None:
        quiet(client)
        for model_id, given in forms(whole=False):
            for name in given if len(CURRENT[model_id]["inputs"]) == 1 else ():
                rest = {each: value for each, value in given.items() if each != name}
                answer = await client.create(model=model_id, input=rest)
                assert answer["code"] == 500, (model_id, name)
                assert "required" in answer["msg"], (model_id, name)

    serve(use)


def wrong(field: dict[str, Any]) -> Iterator[tuple[Any, str]]:
    """Values that a field refuses, with the reason."""
    yield (5 if field["type"] != "integer" and field["type"] != "number" else "5"), "must be a"
    if field["type"] in {"integer", "number"}:
        yield True, "must be a"
        yield from [(field["max"] + 1, "range")] if "max" in field else []
    if field["type"] == "boolean":
        yield "true", "must be a"
    if field["type"] == "string" and "enum" in field:
        yield "no such choice", "range"
    elif "max_length" in field and "min" not in field:
        yield "x" * (field["max_length"] + 1), "maximum limit"
    if field["type"] == "array":
        yield from (
            [([example(field)[0]] * (field["max_items"] + 1), "items")]
            if "max_items" in field
            else []
        )
        yield [None] * max(1, field.get("min_items", 1)), "must be a"


def test_every_field_refuses_what_does_not_fit() -> None:
    tried = 0

    async def use(client: Client, got: Got) -> None:
        nonlocal tried
        quiet(client)
        for model_id, given in forms(whole=True):
            if len(CURRENT[model_id]["inputs"]) > 1:
                continue
            for name, field in CURRENT[model_id]["inputs"][0].items():
                for value, reason in wrong(field):
                    answer = await client.create(model=model_id, input={**given, name: value})
                    assert answer["code"] in {500, 422}, (model_id, name, value)
                    assert reason in answer["msg"], (model_id, name, value, answer["msg"])
                    tried += 1
            unknown = await client.create(model=model_id, input={**given, "no_such_field": 1})
            assert (unknown["code"], unknown["msg"]) == (500, LOOKS_TRANSIENT), model_id

    serve(use)
    assert tried > 1500


def test_withdrawn_models_are_not_supported_and_any_model_can_be_withdrawn() -> None:
    async def use(client: Client, got: Got) -> None:
        quiet(client)
        client.kie.account.withdrawn = {"z-image"}
        for model_id in [*(set(RAW) - set(CURRENT)), "z-image"]:
            answer = await client.create(model=model_id)
            assert (answer["code"], answer["data"]) == (422, None), model_id
            assert "not supported" in answer["msg"]

    serve(use)


@pytest.mark.parametrize(
    ("model", "given", "text"),
    [
        ("kling-2.6/image-to-video", {}, "aspect_ratio is required for text-to-video"),
        ("nano-banana-2", {"prompt": ""}, "不能为空"),
        ("google/nano-banana-edit", {"prompt": "x", "image_urls": ["a.png"]}, "valid URL"),
        ("google/nano-banana-edit", {"prompt": "x", "image_urls": []}, "不能为空"),
        ("grok-imagine/extend", {"prompt": "x", "extend_at": 2, "extend_times": 7}, "range"),
        ("grok-imagine/upscale", {"task_id": "no such"}, "Record does not exist"),
    ],
)
def test_particular_refusals_have_the_words_of_the_wire(
    model: str, given: dict[str, Any], text: str
) -> None:
    async def use(client: Client, got: Got) -> None:
        quiet(client)
        if model.startswith("kling-2.6"):
            given.update(prompt="x", sound=False, duration="5")
        assert text in (await client.create(model=model, input=given))["msg"]

    serve(use)


def test_fields_that_exclude_each_other_are_refused_together() -> None:
    async def use(client: Client, got: Got) -> None:
        quiet(client)
        given = {"first_frame_url": "https://a.b/c", "reference_image_urls": ["https://a.b/c"]}
        answer = await client.create(model="bytedance/seedance-2", input=given)
        assert answer["code"] == 422

    serve(use)


def test_a_model_that_needs_a_callback_says_so() -> None:
    async def use(client: Client, got: Got) -> None:
        quiet(client)
        model = "kling-3.0/motion-control"
        given = next(given for model_id, given in forms(whole=False) if model_id == model)
        answer = await client.create(model=model, input=given, callBackUrl="")
        assert answer["msg"] == "Please enter callBackUrl."

    serve(use)


def test_files_are_fetched_and_must_be_of_their_kind() -> None:
    async def use(client: Client, got: Got) -> None:
        async def create(url: str) -> str:
            given = {"image": url}
            answer = await client.create(model="recraft/remove-background", input=given)
            return str(answer["msg"])

        form = {"base64Data": "", "uploadPath": "t"}
        for content, text in ((draw("x", "1:1"), "success"), (silence("x", 1), "not supported")):
            form["base64Data"] = base64.b64encode(content).decode()
            _, body = await client.post("/api/file-base64-upload", json=form)
            assert text in await create(body["data"]["downloadUrl"])
        assert await create("http://127.0.0.1:9/a.png") == LOOKS_TRANSIENT
        client.kie.account.fetch_inputs = False
        assert await create("http://127.0.0.1:9/a.png") == "success"
        assert client.kie.account.violations == []
        await create("http://127.0.0.1:9/file/bot123:abc/a.png")
        assert len(client.kie.account.violations) == 1

    serve(use)


def cost(model_id: str, **given: Any) -> float:
    model = market()[model_id]
    return prices.price(model, model.complete(given), {})


def test_prices_follow_the_list() -> None:
    assert cost("z-image", prompt="x", aspect_ratio="1:1") == 0.8
    assert cost("nano-banana-2", prompt="x", resolution="4K") == 18
    assert cost("bytedance/seedream-v4-text-to-image", prompt="x", max_images=3) == 15
    assert cost("kling-2.6/text-to-video", prompt="x", duration="10", sound=True) == 220
    assert cost("kling-3.0/video", prompt="x", duration="4", mode="std", sound=False) == 56
    assert cost("bytedance/seedance-2", prompt="x", resolution="480p", duration=4) == 76
    assert cost("elevenlabs/text-to-speech-turbo-2-5", text="x" * 500) == 3.0
    assert cost("topaz/image-upscale", image_url="u", upscale_factor="4") == 20
    assert cost("wan/2-7-image", prompt="x", n=2) == 9.6
    model = market()["grok-imagine/upscale"]
    assert prices.price(model, {"resolution": "1080p"}, {"resolution": "720p"}) == 20


def test_an_account_that_cannot_pay_for_this_model_is_told_402() -> None:
    async def use(client: Client, got: Got) -> None:
        quiet(client)
        client.kie.account.credits = 17.9
        answer = await client.create(model="nano-banana-pro", input={"prompt": "x"})
        assert answer["code"] == 402
        assert answer["msg"].startswith("Credits insufficient :")
        assert (await client.create())["code"] == 200

    serve(use)


async def results(client: Client, model: str, given: dict[str, Any]) -> dict[str, Any]:
    quiet(client)
    task: Task = client.kie.account.tasks[await client.task(model=model, input=given)]
    await client.kie.lifecycle.end(task)
    found: dict[str, Any] = json.loads((await client.record(task.id))["data"]["resultJson"])
    return found


def test_as_many_different_pictures_come_back_as_were_asked_for() -> None:
    async def use(client: Client, got: Got) -> None:
        given = {"prompt": "x", "max_images": 3}
        found = await results(client, "bytedance/seedream-v4-text-to-image", given)
        pictures = [await client.fetch(url) for url in found["resultUrls"]]
        assert len(set(pictures)) == 3
        assert all(picture.startswith(b"\x89PNG") for picture in pictures)

    serve(use)


def test_a_video_a_sound_and_data_come_back_as_such() -> None:
    async def use(client: Client, got: Got) -> None:
        given = {"prompt": "a cat", "duration": 4, "return_last_frame": True}
        clip = await results(client, "bytedance/seedance-2", given)
        assert (await client.fetch(clip["resultUrls"][0]))[4:8] == b"ftyp"
        assert (await client.fetch(clip["lastFrameUrl"][0])).startswith(b"\x89PNG")
        spoken = await results(client, "elevenlabs/text-to-speech-turbo-2-5", {"text": "hello"})
        assert (await client.fetch(spoken["resultUrls"][0])).startswith(b"ID3")
        url = {"image_url": "https://example.org/a"}
        found = await results(client, "omnihuman-1-5/subject-detection", url)
        assert found["resultObject"]

    serve(use)


def boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(content):
        size, kind = struct.unpack(">I4s", content[at : at + 8])
        assert 8 <= size <= len(content) - at
        yield kind, content[at + 8 : at + size]
        at += size


@pytest.mark.parametrize("ratio", ["16:9", "9:16", "1:1"])
def test_a_clip_is_a_whole_mp4_whose_table_leads_to_its_pictures(ratio: str) -> None:
    content = film("Кот", ratio, 2)
    whole = dict(boxes(content))
    track = dict(boxes(dict(boxes(whole[b"moov"]))[b"trak"]))
    media = dict(boxes(dict(boxes(track[b"mdia"]))[b"minf"]))
    table = dict(boxes(media[b"stbl"]))
    sizes = struct.unpack(f">{len(table[b'stsz']) // 4}I", table[b"stsz"])[3:]
    at = struct.unpack(">I", table[b"stco"][8:12])[0]

    assert list(whole) == [b"ftyp", b"moov", b"mdat"]
    assert len(sizes) == 20
    for size in sizes:
        assert struct.unpack(">I", content[at : at + 4])[0] == size - 4
        assert content[at + 4] in {0x65, 0x41}
        at += size
    assert at == len(content)
    assert content != film("another", ratio, 2)


def test_a_sound_is_whole_frames_behind_its_title() -> None:
    content = silence("Кот", 2)
    frames = content[content.index(b"\xff\xfb\x10") :]

    assert "Кот".encode("utf-16-le") in content
    assert len(frames) % 104 == 0
    assert frames[:4] == frames[104:108]


def test_the_market_has_the_models_of_kie_with_their_kinds_and_prices() -> None:
    known = kie_models()

    assert set(RAW) == set(known)
    for model_id, raw in RAW.items():
        assert raw["kind"] == known[model_id]["kind"], model_id
        assert raw.get("withdrawn", False) is not known[model_id]["current"], model_id
        if model_id in CURRENT:
            assert raw.get("price") == known[model_id].get("price"), model_id


@pytest.mark.parametrize("model_id", CURRENT)
def test_the_market_takes_of_each_model_what_kie_takes(model_id: str) -> None:
    for form, own in zip(
        kie_models()[model_id]["inputs"], CURRENT[model_id]["inputs"], strict=True
    ):
        assert list(own) == list(form)
        for name, field in form.items():
            # Notes beside the schema may make ours stricter, never laxer.
            for key in ("type", "items", "enum", "max_length", "max_items", "min", "max"):
                assert key not in field or own[name][key] == field[key], name
            assert bool(own[name].get("required")) == field["required"], name
