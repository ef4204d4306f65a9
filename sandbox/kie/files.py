"""kie.ai's files: uploads by its users, and links to results."""

import hashlib
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web

from sandbox.kie.server import answer

if TYPE_CHECKING:
    from sandbox.kie.server import KieSandbox


def add_file_routes(router: web.UrlDispatcher, kie: "KieSandbox") -> None:
    """What was uploaded, and the short-lived link to a result."""

    async def download_url(request: web.Request) -> web.StreamResponse:
        body = await kie.json_body(request)
        refused = kie.refuse(request, None)
        if refused is not None:
            return refused
        url = str(body.get("url", ""))
        return (
            answer(200, "success", url) if url.startswith(kie.url) else answer(422, "url is wrong")
        )

    async def uploaded(request: web.Request) -> web.StreamResponse:
        content = kie.uploads.get(request.match_info["name"])
        return web.Response(status=404) if content is None else web.Response(body=content)

    router.add_post("/api/v1/common/download-url", download_url)
    router.add_get("/u/{name}", uploaded)


def add_upload_routes(router: web.UrlDispatcher, kie: "KieSandbox") -> None:
    """Uploads by stream and by URL."""

    async def upload(request: web.Request) -> web.StreamResponse:
        refused = kie.refuse(request, None)
        if refused is not None:
            return refused
        form = await request.post()
        file = form.get("file")
        if not form.get("uploadPath"):
            return answer(400, "Missing required parameter: uploadPath", status=400)
        if not isinstance(file, web.FileField):
            return answer(400, "Missing required parameter: file", status=400)
        return _keep(kie, file.filename, file.file.read(), file.content_type)

    async def upload_by_url(request: web.Request) -> web.StreamResponse:
        body = await kie.json_body(request)
        refused = kie.refuse(request, None)
        if refused is not None:
            return refused
        for name in ("uploadPath", "fileUrl"):
            if not body.get(name):
                return answer(400, f"Missing required parameter: {name}", status=400)
        assert kie.http is not None
        try:
            async with kie.http.get(str(body["fileUrl"])) as found:
                if found.status != 200:
                    return answer(500, "Failed to get the file information", status=500)
                content, mime = await found.read(), found.content_type
        except (aiohttp.ClientError, ValueError):
            return answer(500, "Failed to get the file information", status=500)
        return _keep(kie, str(body.get("fileName", "file")), content, mime)

    router.add_post("/api/file-stream-upload", upload)
    router.add_post("/api/file-url-upload", upload_by_url)


def _keep(kie: "KieSandbox", file_name: str, content: bytes, mime: str) -> web.StreamResponse:
    """The answer to an upload, and what it promises."""
    name = hashlib.sha256(content).hexdigest()[:24]
    kie.uploads[name] = content
    data = {"success": True, "fileName": file_name, "downloadUrl": f"{kie.url}/u/{name}"}
    extra = {"fileSize": len(content), "mimeType": mime}
    return web.json_response(
        {
            "success": True,
            "code": 200,
            "msg": "File uploaded successfully",
            "data": {**data, **extra},
        }
    )
