"""kie.ai's file host: three ways to upload, what was uploaded, and links to results.

On the real service this is another host with the same key. Its errors are HTTP statuses,
unlike those of the API. A file lives ``file_seconds``; the same path again overwrites, and
for a moment the old content is still served.
"""

import base64
import binascii
import mimetypes
import secrets
import time
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, urlsplit

from aiohttp import web

from sandbox.kie.account import Account, Upload
from sandbox.kie.front import Front
from sandbox.kie.outgoing import Outgoing

LINK_SECONDS = 20 * 60.0
FETCH_SECONDS = 30.0
CACHE_SECONDS = 60.0
BASE64_LIMIT = 10 * 1024 * 1024
LIMIT = 100 * 1024 * 1024
ACCOUNT = "480012"  #: the account's number, which every public link shows


class _Bad(Exception):
    """HTTP status and text of a refused upload."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Uploads:
    """The routes; the files themselves are ``Account.uploads``."""

    def __init__(self, account: Account, front: Front, outgoing: Outgoing) -> None:
        self._account = account
        self._front = front
        self._outgoing = outgoing
        self._links: dict[str, tuple[str, float]] = {}

    def add_routes(self, router: web.UrlDispatcher) -> None:
        for name, read in (
            ("file-stream-upload", self._from_form),
            ("file-base64-upload", self._from_base64),
            ("file-url-upload", self._from_url),
        ):
            router.add_route("*", f"/api/{name}", self._handler(name, read))
        router.add_get("/kieai/{path:.*}", self._uploaded)
        router.add_post("/api/v1/common/download-url", self._download_url)
        router.add_get("/d/{name}", self._download)

    def _handler(self, name: str, read: Any) -> Any:
        async def upload(request: web.Request) -> web.StreamResponse:
            account = self._account
            account.note(name)
            try:
                broken = await self._front.fault(request, name)
                if broken is not None:
                    return broken
                refused = self._refused(request)
                if refused is not None:
                    return refused
                given, content, mime = await read(request)
                stored = self._store(name, given, content, mime)
            except _Bad as bad:
                body = {"success": False, "code": bad.status, "msg": bad.message, "data": None}
                return web.json_response(body, status=bad.status)
            return await self._front.done(request, name, web.json_response(stored))

        return upload

    def _refused(self, request: web.Request) -> web.StreamResponse | None:
        if request.method != "POST":
            raise _Bad(405, "Method not allowed")
        refused = self._front.refuse(request, None)
        if refused is None or refused.status != 200:
            return refused
        if request.headers.get("Authorization") != f"Bearer {self._account.api_key}":
            raise _Bad(401, "You do not have access permissions")
        raise _Bad(500, "The server is currently being maintained, please try again later~")

    # ------------------------------------------------------------- three ways --

    async def _from_form(self, request: web.Request) -> tuple[dict[str, Any], bytes, str]:
        if request.content_type != "multipart/form-data":
            raise _Bad(400, "Missing required parameter: file")
        form = await request.post()
        file = form.get("file")
        if not isinstance(file, web.FileField):
            raise _Bad(400, "Missing required parameter: file")
        given: dict[str, Any] = {name: value for name, value in form.items() if name != "file"}
        return {"": file.filename, **given}, file.file.read(), file.content_type

    async def _from_base64(self, request: web.Request) -> tuple[dict[str, Any], bytes, str]:
        given = await self._front.json_body(request)
        raw = str(given.pop("base64Data", ""))
        if not raw:
            raise _Bad(400, "Missing required parameter: base64Data")
        head, _, tail = raw.rpartition(",")
        mime = head.removeprefix("data:").partition(";")[0] or "application/octet-stream"
        try:
            content = base64.b64decode(tail, validate=True)
        except binascii.Error:
            raise _Bad(400, "Invalid base64 data") from None
        if len(content) > BASE64_LIMIT:
            raise _Bad(400, "File size exceeds 10MB, please use the stream upload")
        return {"": f"file{mimetypes.guess_extension(mime) or ''}", **given}, content, mime

    async def _from_url(self, request: web.Request) -> tuple[dict[str, Any], bytes, str]:
        given = await self._front.json_body(request)
        url = str(given.pop("fileUrl", ""))
        if not url:
            raise _Bad(400, "Missing required parameter: fileUrl")
        if "/file/bot" in url:
            self._account.violations.append("file-url-upload: a URL with a bot's token")
        try:
            content = await self._outgoing.fetch(url, FETCH_SECONDS * self._account.time_scale)
        except OSError:
            raise _Bad(400, "Failed to get the file information") from None
        name = PurePosixPath(urlsplit(url).path).name
        mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return {"": name, **given}, content, mime

    def _store(self, how: str, given: dict[str, Any], content: bytes, mime: str) -> dict[str, Any]:
        own_name = str(given.pop("", ""))
        folder, name = str(given.pop("uploadPath", "")), str(given.pop("fileName", ""))
        if not folder:
            raise _Bad(400, "Missing required parameter: uploadPath")
        if folder != folder.strip("/"):
            self._account.violations.append(f"{how}: uploadPath {folder!r}")
        if given:
            self._account.violations.append(f"{how}: unknown fields {sorted(given)}")
        if not content:
            raise _Bad(400, "File is empty")
        if len(content) > LIMIT:
            raise _Bad(400, "File size exceeds the limit")
        name = name or f"{secrets.token_hex(8)}{PurePosixPath(own_name).suffix}"
        path = f"kieai/{ACCOUNT}/{folder.strip('/')}/{name}"
        old = self._account.uploads.get(path)
        stored = Upload(
            path, f"{self._account.url}/{quote(path)}", content, mime, how, time.monotonic()
        )
        stored.before = old.content if old is not None else None
        self._account.uploads[path] = stored
        return {
            "success": True,
            "code": 200,
            "msg": "File uploaded successfully",
            "data": {
                "success": True,
                "fileName": name,
                "filePath": path,
                "downloadUrl": stored.url,
                "fileSize": len(content),
                "mimeType": mime,
                "uploadedAt": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
            },
        }

    # ------------------------------------------------------------------ links --

    async def _uploaded(self, request: web.Request) -> web.StreamResponse:
        stored = self._account.uploads.get(f"kieai/{request.match_info['path']}")
        age = 0.0 if stored is None else time.monotonic() - stored.at
        if stored is None or age > self._account.file_seconds:
            return web.Response(status=404)
        stale = stored.before is not None and age < CACHE_SECONDS * self._account.time_scale
        content = stored.before if stale else stored.content
        return web.Response(body=content, content_type=stored.mime)

    async def _download_url(self, request: web.Request) -> web.StreamResponse:
        account = self._account
        body = await self._front.json_body(request)
        account.note("download-url", url=body.get("url"))
        ended = await self._front.stop(request, "download-url", None)
        if ended is not None:
            return ended
        url = str(body.get("url", ""))
        if not url.startswith(f"{account.url}/r/"):
            return account.answer(422, "url is wrong")
        link = f"{secrets.token_hex(12)}{PurePosixPath(url).suffix}"
        self._links[link] = url, time.monotonic() + LINK_SECONDS
        return account.answer(200, "success", f"{account.url}/d/{link}")

    async def _download(self, request: web.Request) -> web.StreamResponse:
        url, ends = self._links.get(request.match_info["name"], ("", 0.0))
        if time.monotonic() > ends:
            return web.Response(status=404)
        raise web.HTTPFound(url)
