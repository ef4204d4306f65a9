"""A real browser on the chat page: how it is started, and what is wrong with a page."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed here")


@contextmanager
def browser() -> Iterator[Any]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        try:
            yield started
        finally:
            started.close()


@contextmanager
def page(
    started: Any, url: str, *, before: Callable[[Any], object] = lambda _: None, **options: Any
) -> Iterator[Any]:
    """A page that is open at ``url``. Fails when the page reports an error. ``before``: what is
    done with it before it is opened there."""
    errors: list[str] = []
    context = started.new_context(**options)
    opened = context.new_page()
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    asked: dict[str, str] = {}
    opened.on("request", lambda request: asked.update({request.url: "no answer"}))
    opened.on("response", lambda answer: asked.update({answer.url: str(answer.status)}))
    opened.on("requestfailed", lambda request: asked.update({request.url: request.failure or ""}))
    before(opened)
    opened.goto(url)
    try:
        opened.wait_for_selector("#log > *")
    except TimeoutError as error:
        raise AssertionError(f"the page stays empty: {error}\n{errors}\n{asked}") from None
    yield opened
    context.close()
    assert errors == []


def barriers(opened: Any) -> list[str]:
    """What axe finds on the page: rule and place."""
    found = Axe().run(opened).response["violations"]
    return [f"{each['id']}: {node['target']}" for each in found for node in each["nodes"]]
