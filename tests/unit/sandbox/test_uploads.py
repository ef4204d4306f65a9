"""The simulated kie.ai's file host: three ways in, one envelope, and an end to every link."""

import base64
import io
import json
from typing import Any

import aiohttp
import pytest

from sandbox.kie import uploads
from sandbox.kie.tasks import Fault
from tests.support.edges.sandbox_kie import Client, Got, serve


def form(**fields: Any) -> aiohttp.FormData:
    found = aiohttp.FormData()
    for name, value in fields.items():
        named = {"filename": "a.png", "content_type": "image/png"} if name == "file" else {}
        found.add_field(name, value, **named)
    return found


def in_base64(content: bytes, **fields: Any) -> dict[str, Any]:
    return {"base64Data": base64.b64encode(content).decode(), "uploadPath": "images", **fields}


def test_three_ways_lead_to_a_file_that_anybody_can_fetch() -> None:
    async def use(client: Client, got: Got) -> None:
        _, streamed = await client.post(
            "/api/file-stream-upload",
            data=form(file=b"one", uploadPath="images", fileName="кот 1.png"),
        )
        data = f"data:image/png;base64,{base64.b64encode(b'two').decode()}"
        body = {"base64Data": data, "uploadPath": "images"}
        _, encoded = await client.post("/api/file-base64-upload", json=body)
        body = {"fileUrl": streamed["data"]["downloadUrl"], "uploadPath": "images"}
        _, by_url = await client.post("/api/file-url-upload", json=body)
        for answer, content in ((streamed, b"one"), (encoded, b"two"), (by_url, b"one")):
            assert (answer["success"], answer["code"]) == (True, 200)
            found = answer["data"]
            assert found["filePath"].startswith(f"kieai/{uploads.ACCOUNT}/images/")
            assert (found["fileSize"], found["mimeType"]) == (3, "image/png")
            assert await client.fetch(found["downloadUrl"]) == content
        assert streamed["data"]["fileName"] == "кот 1.png"
        assert encoded["data"]["fileName"].endswith(".png")
        assert client.kie.account.violations == []

    serve(use)


@pytest.mark.parametrize(
    ("path", "options", "status", "text"),
    [
        ("stream", {"data": {"uploadPath": "x"}}, 400, "parameter: file"),
        ("stream", {"data": form(file=b"x")}, 400, "parameter: uploadPath"),
        ("stream", {"data": form(file=b"", uploadPath="x")}, 400, "empty"),
        ("base64", {"json": {"uploadPath": "x"}}, 400, "parameter: base64Data"),
        ("base64", {"json": {"base64Data": "%%", "uploadPath": "x"}}, 400, "base64"),
        ("base64", {"json": {"base64Data": "eA=="}}, 400, "parameter: uploadPath"),
        ("url", {"json": {"uploadPath": "x"}}, 400, "parameter: fileUrl"),
        (
            "url",
            {"json": {"uploadPath": "x", "fileUrl": "http://127.0.0.1:9/"}},
            400,
            "file information",
        ),
    ],
)
def test_a_wrong_upload_is_refused_by_status(
    path: str, options: dict[str, Any], status: int, text: str
) -> None:
    async def use(client: Client, got: Got) -> None:
        found, body = await client.post(f"/api/file-{path}-upload", **options)
        assert (found, body["success"], body["code"]) == (status, False, status)
        assert text in body["msg"]
        assert client.kie.account.uploads == {}

    serve(use)


def test_base64_ends_at_10_mb() -> None:
    async def use(client: Client, got: Got) -> None:
        large = json.dumps(in_base64(b"x" * (uploads.BASE64_LIMIT + 1))).encode()
        client.headers["Content-Type"] = "application/json"
        status, body = await client.post("/api/file-base64-upload", data=io.BytesIO(large))
        assert (status, "10MB" in body["msg"]) == (400, True)

    serve(use)


def test_a_wrong_key_a_wrong_method_and_an_unnamed_client_are_refused() -> None:
    async def use(client: Client, got: Got) -> None:
        url = f"{client.kie.account.url}/api/file-base64-upload"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            assert answer.status == 405
        async with aiohttp.ClientSession() as session, session.post(url) as answer:
            assert (answer.status, await answer.text()) == (403, "error code: 1010")
        client.headers["Authorization"] = "Bearer wrong"
        assert (await client.post("/api/file-base64-upload", json=in_base64(b"x")))[0] == 401
        assert len(client.kie.account.violations) == 1

    serve(use)


def test_a_file_is_gone_after_its_days() -> None:
    async def use(client: Client, got: Got) -> None:
        _, body = await client.post("/api/file-base64-upload", json=in_base64(b"x"))
        url = body["data"]["downloadUrl"]
        assert await client.status_of(url) == 200
        client.kie.account.uploads[body["data"]["filePath"]].at -= (
            client.kie.account.file_seconds + 1
        )
        assert await client.status_of(url) == 404

    serve(use)


def test_the_same_name_overwrites_and_the_cache_lags_behind() -> None:
    async def use(client: Client, got: Got) -> None:
        client.kie.account.time_scale = 1.0
        for content in (b"old", b"new"):
            given = in_base64(content, fileName="a.png")
            _, body = await client.post("/api/file-base64-upload", json=given)
        url = body["data"]["downloadUrl"]
        assert await client.fetch(url) == b"old"
        client.kie.account.uploads[body["data"]["filePath"]].at -= uploads.CACHE_SECONDS
        assert await client.fetch(url) == b"new"

    serve(use)


def test_what_the_documents_forbid_is_written_down() -> None:
    async def use(client: Client, got: Got) -> None:
        given = in_base64(b"x", uploadPath="/images/", colour="red")
        await client.post("/api/file-base64-upload", json=given)
        assert len(client.kie.account.violations) == 2

    serve(use)


def test_an_upload_can_be_cut_off_before_and_after() -> None:
    async def use(client: Client, got: Got) -> None:
        for kind, kept in (("drop_before", 0), ("drop_after", 1)):
            client.kie.account.faults.append(Fault(kind, call="file-base64-upload"))
            with pytest.raises(aiohttp.ClientError):
                await client.post("/api/file-base64-upload", json=in_base64(b"x"))
            assert len(client.kie.account.uploads) == kept

    serve(use)


def test_a_link_to_a_result_leads_there_for_twenty_minutes() -> None:
    async def use(client: Client, got: Got) -> None:
        task_id = await client.task()
        await client.kie.lifecycle.end(client.kie.account.tasks[task_id])
        url = f"{client.kie.account.url}/r/{task_id}.png"
        _, body = await client.post("/api/v1/common/download-url", json={"url": url})
        assert body["data"] != url
        assert (await client.fetch(body["data"])).startswith(b"\x89PNG")
        foreign = {"url": "https://example.org/a.png"}
        status, body = await client.post("/api/v1/common/download-url", json=foreign)
        assert (status, body["code"], body["data"]) == (200, 422, None)

    serve(use)
