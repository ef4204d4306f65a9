"""The chat page alone, in a real browser: what Telegram's own clients do with a message."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.client import SandboxClient
from tests.support.edges.simulators import running_telegram
from tests.support.pages.browser import Pages, barriers, browser, needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.xdist_group("page")]
TOKEN = "123456:page"
BEN, CHEN = 1002, 1003
Api = Callable[..., dict[str, Any]]
WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "locale": "en-US"}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 780}}


class Stage:
    """The simulator, pages of a browser, and the bot's own calls."""

    def __init__(self, url: str, pages: Pages) -> None:
        self.url = url
        self._pages = pages
        self.users = SandboxClient(url)

    def api(self, method: str, **parameters: Any) -> Any:
        request = urllib.request.Request(
            f"{self.url}/bot{TOKEN}/{method}",
            data=json.dumps(parameters).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())["result"]

    def page(self, **options: Any) -> Any:
        return self._pages.page(self.url, **{**WIDE, **options})


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with browser() as started:
        yield Pages(started)


@pytest.fixture
def stage(pages: Pages) -> Iterator[Stage]:
    with running_telegram(TOKEN) as url:
        yield Stage(url, pages)


def test_an_empty_chat_has_what_the_bot_tells_of_itself_and_a_start(stage: Stage) -> None:
    stage.api("setMyDescription", description="I paint.")
    with stage.page() as opened:
        assert opened.get_by_text("I paint.").is_visible()
        assert opened.locator("#composer").is_hidden()
        opened.locator("#start").click()
        opened.locator(".mine", has_text="/start").wait_for()
        assert opened.locator("#composer").is_visible()


@pytest.mark.parametrize(
    ("locale", "word", "name"), [("ru-RU", "НАЧАТЬ", "Анна"), ("en-US", "START", "Chen")]
)
def test_the_page_speaks_the_viewers_language_and_can_be_switched(
    stage: Stage, locale: str, word: str, name: str
) -> None:
    with stage.page(locale=locale) as opened:
        assert opened.locator("#user-select option:checked").inner_text() == name
        opened.get_by_role("button", name=word, exact=True).wait_for()
        opened.locator("#language").click()
        other = "START" if word == "НАЧАТЬ" else "НАЧАТЬ"
        opened.get_by_role("button", name=other, exact=True).wait_for()
        assert opened.evaluate("document.documentElement.lang") != locale[:2]


def test_a_reply_shows_its_quote_and_leads_to_the_message(stage: Stage) -> None:
    asked = stage.users.say(BEN, "a red fox in the snow")
    reply = {"message_id": asked, "quote": "red fox"}
    stage.api("sendMessage", chat_id=BEN, text="Done", reply_parameters=reply)
    with stage.page() as opened:
        opened.locator("#user-list button", has_text="Ben").click()
        quote = opened.locator(".quote")
        assert quote.locator("span").inner_text() == "red fox"
        quote.click()
        opened.locator(f"#m{asked}.shown").wait_for()


def test_a_user_replies_edits_and_deletes(stage: Stage) -> None:
    stage.api("sendMessage", chat_id=CHEN, text="What shall I paint?")
    with stage.page() as opened:
        first = opened.locator("article", has_text="What shall I paint?")
        first.hover()
        first.get_by_label("Actions with this message").click()
        opened.get_by_role("menuitem", name="Reply").click()
        opened.locator("#input").fill("a cta")
        opened.keyboard.press("Enter")
        said = opened.locator("article.mine", has_text="a cta")
        said.locator(".quote", has_text="What shall I paint?").wait_for()
        opened.locator("#input").press("ArrowUp")
        assert opened.locator("#input").input_value() == "a cta"
        opened.locator("#input").fill("a cat")
        opened.keyboard.press("Enter")
        fixed = opened.locator("article.mine", has_text="a cat")
        fixed.get_by_text("edited").wait_for()
        fixed.hover()
        fixed.get_by_label("Actions with this message").click()
        opened.get_by_role("menuitem", name="Delete").click()
        fixed.wait_for(state="detached")


def test_edited_media_and_deleted_messages_are_shown_at_once(stage: Stage) -> None:
    sent = stage.api("sendMessage", chat_id=CHEN, text="in a moment")["message_id"]
    other = stage.api("sendMessage", chat_id=CHEN, text="this one goes")["message_id"]
    stage.users.send(BEN, "photo")
    file = stage.users.messages(BEN)[0]["photo"][-1]["file_id"]
    with stage.page() as opened:
        opened.get_by_text("in a moment").wait_for()
        media = {"type": "photo", "media": file, "caption": "here it is"}
        stage.api("editMessageMedia", chat_id=CHEN, message_id=sent, media=media)
        opened.locator(f"#m{sent} img").wait_for()
        opened.get_by_text("here it is").wait_for()
        stage.api("deleteMessage", chat_id=CHEN, message_id=other)
        opened.get_by_text("this one goes").wait_for(state="detached")
        stage.api("sendChatAction", chat_id=CHEN, action="upload_video")
        opened.get_by_text("sending a video…").wait_for()


def test_an_alert_is_a_window_with_ok_and_a_toast_is_not(stage: Stage) -> None:
    markup = {"inline_keyboard": [[{"text": "Buy", "callback_data": "x"}]]}
    stage.api("sendMessage", chat_id=CHEN, text="shop", reply_markup=markup)
    with stage.page() as opened:
        for alert in (True, False):
            opened.get_by_role("button", name="Buy", exact=True).click()
            opened.locator(".waiting").wait_for()
            query = stage.users.state()["presses"][-1]["id"]
            given = {"callback_query_id": query, "text": "No credits", "show_alert": alert}
            stage.api("answerCallbackQuery", **given)
            where = "#alert" if alert else "#toast"
            opened.locator(where, has_text="No credits").wait_for()
            if alert:
                opened.get_by_role("button", name="OK", exact=True).click()
                opened.locator("#alert").wait_for(state="hidden")


def test_who_reads_further_up_is_told_of_new_messages_and_stays_there(stage: Stage) -> None:
    for number in range(40):
        stage.api("sendMessage", chat_id=CHEN, text=f"line {number}")
    with stage.page() as opened:
        opened.get_by_text("line 39").wait_for()
        opened.evaluate("document.getElementById('chat').scrollTop = 0")
        opened.locator("#newer").wait_for()
        stage.api("sendMessage", chat_id=CHEN, text="the newest")
        opened.get_by_role("button", name="↓ 1 new").wait_for()
        assert opened.evaluate("document.getElementById('chat').scrollTop") == 0
        opened.locator("#newer").click()
        opened.locator("#newer").wait_for(state="hidden")
        assert opened.get_by_text("the newest").is_visible()


def test_the_end_stays_in_view_behind_a_square_video(stage: Stage) -> None:
    for number in range(20):
        stage.api("sendMessage", chat_id=CHEN, text=f"line {number}")
    stage.users.send(BEN, "video")
    file = stage.users.messages(BEN)[0]["video"]["file_id"]
    with stage.page() as opened:
        opened.get_by_text("line 19").wait_for()
        stage.api("sendVideo", chat_id=CHEN, video=file, caption="a clip")
        stage.api("sendMessage", chat_id=CHEN, text="after the clip")
        opened.get_by_text("after the clip").wait_for()
        opened.wait_for_function(
            "(() => { const c = document.getElementById('chat');"
            " return c.scrollTop + c.clientHeight > c.scrollHeight - 2; })()"
        )
        assert opened.locator("#newer").is_hidden()


def test_a_long_button_is_one_line_with_an_ellipsis(stage: Stage) -> None:
    text = "a very long caption that no phone has ever shown on one line of a keyboard " * 2
    markup = {"inline_keyboard": [[{"text": text, "callback_data": "x"}]]}
    stage.api("sendMessage", chat_id=CHEN, text="choose", reply_markup=markup)
    with stage.page(**PHONE) as opened:
        button = opened.locator(".keyboard button")
        assert button.bounding_box()["height"] < 45
        assert button.locator("span").evaluate("e => e.scrollWidth > e.clientWidth")
        assert opened.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_window(stage: Stage, width: int) -> None:
    stage.users.send_album(CHEN, ["photo", "video", "photo"], "three")
    stage.users.send_rich(CHEN, "# A wish\n\na **red** fox\n\n- snow", photos=1)
    stage.users.new_group("Painters of the north", [CHEN, BEN], forum=True)
    with stage.page(viewport={"width": width, "height": 640}) as opened:
        assert opened.evaluate("document.documentElement.scrollWidth") == width
        field = opened.locator("#input")
        one_line = "e => e.scrollHeight <= parseFloat(getComputedStyle(e).lineHeight) * 2"
        assert field.evaluate(one_line)


def test_a_group_with_topics_is_written_to_and_read(stage: Stage) -> None:
    group = stage.users.new_group("Painters", [CHEN, BEN], forum=True)
    thread = stage.users.new_topic(group, "Cats")
    stage.users.say(BEN, "/start@trt_demo_bot", chat=group)
    stage.api("sendMessage", chat_id=group, text="in the topic", message_thread_id=thread)
    with stage.page() as opened:
        opened.get_by_role("button", name="Painters").first.click()
        opened.locator(".sender", has_text="Ben").wait_for()
        opened.get_by_role("button", name="Cats", exact=True).click()
        opened.get_by_text("/start@trt_demo_bot").wait_for(state="detached")
        opened.locator("#input").fill("a cat")
        opened.keyboard.press("Enter")
        opened.locator(".mine", has_text="a cat").wait_for()
    said = stage.users.messages(group)[-1]
    assert (said["message_thread_id"], said["is_topic_message"]) == (thread, True)


def test_inline_results_are_chosen_from_the_field(stage: Stage) -> None:
    stage.users.options(inline=True)
    stage.users.send(BEN, "photo")
    file = stage.users.messages(BEN)[0]["photo"][-1]["file_id"]
    stage.users.say(CHEN, "hello")
    with stage.page() as opened:
        opened.locator("#input").fill("@trt_demo_bot fox")
        offset, query = 0, None
        while query is None:
            (update,) = stage.api("getUpdates", timeout=10, offset=offset, limit=1)
            offset, query = update["update_id"] + 1, update.get("inline_query")
        results = [{"type": "photo", "id": "1", "photo_file_id": file, "title": "A fox"}]
        stage.api("answerInlineQuery", inline_query_id=query["id"], results=results)
        opened.get_by_role("button", name="A fox").click()
        opened.locator("article.mine img").wait_for()
        assert opened.get_by_text("via @trt_demo_bot").is_visible()


def test_the_field_is_few_stops_of_tab_away(stage: Stage) -> None:
    row = [{"text": str(n), "callback_data": "x"} for n in range(3)]
    for number in range(15):
        markup = {"inline_keyboard": [row, row]}
        stage.api("sendMessage", chat_id=CHEN, text=f"line {number}", reply_markup=markup)
    with stage.page() as opened:
        opened.get_by_text("line 14").wait_for()
        opened.evaluate("document.activeElement.blur()")
        stops: list[str] = []
        while not stops or stops[-1] != "input":
            opened.keyboard.press("Tab")
            stops.append(opened.evaluate("document.activeElement.id"))
            assert len(stops) < 22, stops
        opened.evaluate("document.querySelector('#chat').focus()")
        for _ in range(3):
            opened.keyboard.press("ArrowUp")
        assert opened.evaluate("document.activeElement.textContent").startswith("line 12")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nobody_is_kept_out(stage: Stage, scheme: str, width: int) -> None:
    asked = stage.users.say(CHEN, "a fox")
    markup = {"inline_keyboard": [[{"text": "Again", "callback_data": "x"}]]}
    reply = {"message_id": asked}
    stage.api("sendMessage", chat_id=CHEN, text="Done", reply_parameters=reply, reply_markup=markup)
    stage.users.send_album(CHEN, ["photo", "video"], "two")
    stage.users.send(CHEN, "voice")
    stage.users.send(CHEN, "document", caption="a file")
    size = {"width": width, "height": 800}
    with stage.page(viewport=size, color_scheme=scheme) as opened:
        assert barriers(opened) == []
        if width > 900:
            opened.locator("#user-list button", has_text="Ben").click()
            opened.locator("#start").wait_for()
            assert barriers(opened) == []


def test_a_page_whose_first_answer_is_lost_asks_once_more(stage: Stage) -> None:
    asked = []

    def lose_the_first(route: Any) -> None:
        asked.append(route)
        if len(asked) == 1:
            route.fulfill(status=200, body="{", content_type="application/json")
        else:
            route.continue_()

    with stage.page(
        before=lambda opened: opened.route("**/sandbox/state", lose_the_first)
    ) as opened:
        assert opened.locator("#start").is_visible()
        assert len(asked) > 1


def test_what_is_said_while_the_state_is_on_its_way_is_shown_once(stage: Stage) -> None:
    def answer_late(route: Any) -> None:
        if not said:
            said.append(stage.users.say(CHEN, "known to the state"))
            answer = route.fetch()
            said.append(stage.users.say(CHEN, "too late for the state"))
            route.fulfill(response=answer)
        else:
            route.continue_()

    said: list[int] = []
    with stage.page(before=lambda opened: opened.route("**/sandbox/state", answer_late)) as opened:
        opened.get_by_text("too late for the state").wait_for()
        assert opened.locator("#log article").count() == 2
