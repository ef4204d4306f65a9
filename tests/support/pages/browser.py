"""A real browser on the chat page: how it is started, and what is wrong with a page."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
PATIENCE = 90_000  #: milliseconds for a fact of the page or for an act on it, on a busy machine
#: Chromium gives up what it asks for when a network comes or goes, as those of other tests do.
NETWORK_CHANGED = "net::ERR_NETWORK_CHANGED"
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed here")


@contextmanager
def browser() -> Iterator[Any]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        try:
            yield started
        finally:
            started.close()


@contextmanager
def page(started: Any, url: str, **options: Any) -> Iterator[Any]:
    """A page that is open at ``url``, in a context of its own. Fails when it reports an error."""
    context = started.new_context(**options)
    context.set_default_timeout(PATIENCE)
    with shown(context.new_page(), url) as opened:
        yield opened
        context.close()


class Pages:
    """Pages that are used again, one for each language of the viewer: in a new one all that runs
    on a page is compiled anew, which costs more than most of what is looked at."""

    def __init__(self, started: Any) -> None:
        self._started = started
        self._free: dict[str, Any] = {}

    @contextmanager
    def page(
        self,
        url: str,
        *,
        locale: str,
        viewport: Mapping[str, int],
        color_scheme: str = "light",
        before: Callable[[Any], object] | None = None,
    ) -> Iterator[Any]:
        """Open at ``url``, which nobody has used before. ``before``: what is done with a page of
        its own before it is opened there."""
        opened = None if before else self._free.pop(locale, None)
        opened = opened or self._started.new_context(locale=locale).new_page()
        opened.set_default_timeout(PATIENCE)
        opened.set_viewport_size(viewport)
        opened.emulate_media(color_scheme=color_scheme)
        if before:
            before(opened)
        with shown(opened, url):
            yield opened
            opened.goto("about:blank")
        if before:
            opened.context.close()
        else:
            self._free[locale] = opened


@contextmanager
def shown(opened: Any, url: str) -> Iterator[Any]:
    """The page goes to ``url``; fails when it reports an error."""
    errors: list[str] = []
    asked: dict[str, str] = {}
    listening = {
        "pageerror": lambda error: errors.append(str(error)),
        "console": lambda m: errors.append(m.text) if _is_error(m) else None,
        "request": lambda request: asked.update({request.url: "no answer"}),
        "response": lambda answer: asked.update({answer.url: str(answer.status)}),
        "requestfailed": lambda request: asked.update({request.url: request.failure or ""}),
    }
    for event, listener in listening.items():
        opened.on(event, listener)
    opened.goto(url)
    for _ in range(5):
        if NETWORK_CHANGED not in asked.values():
            break
        errors.clear()
        asked.clear()
        opened.goto(url)
    try:
        opened.wait_for_selector("#log > *")
    except TimeoutError as error:
        raise AssertionError(f"the page stays empty: {error}\n{errors}\n{asked}") from None
    yield opened
    for event, listener in listening.items():
        opened.remove_listener(event, listener)
    assert errors == [], f"the page reported: {errors}"


def _is_error(message: Any) -> bool:
    # The page asks again for what Chromium gave up.
    return message.type == "error" and NETWORK_CHANGED not in message.text


def barriers(opened: Any) -> list[str]:
    """What axe finds on the page: rule and place."""
    found = Axe().run(opened).response["violations"]
    return [f"{each['id']}: {node['target']}" for each in found for node in each["nodes"]]
