"""Clips: what is sent by their links, and what is uploaded with shape and length."""

import pytest

from handlers.bot_api.media_facts import video_facts
from handlers.delivery.payloads import showing
from handlers.words.texts import Markup
from kie.files.link_reader import LOOKED_INTO
from kie.http.transport import FileInfo
from sandbox.files.video import film
from tests.support.chats.carried import ALBUM, carried
from tests.support.chats.fake_telegram import FakeTelegram
from tests.support.edges.link_files import Files
from tests.support.edges.telegram_answers import refused


def test_each_uploaded_clip_of_an_album_says_its_size_and_length() -> None:
    """Telegram does not read them from a clip of more than about 10 MB."""
    urls = [f"http://x.example/{n}.mp4" for n in range(2)]
    kept, telegram = Files(), FakeTelegram()
    clip = film("a fox", "16:9", 5)
    shape = video_facts(clip).width, video_facts(clip).height
    kept.content = dict.fromkeys(urls, clip)
    telegram.script["send_media_group"] = [refused(400, "Bad Request: WEBPAGE_CURL_FAILED")]

    carried(telegram, {**ALBUM, "files": [["video", url] for url in urls]}, files=kept)

    _, uploaded = telegram.sent("send_media_group")
    told = [each.to_dict() for each in uploaded["media"]]
    assert [(each["width"], each["height"]) for each in told] == [shape] * 2
    assert [each["duration"] for each in told] == [5] * 2


# ---------------------------------------------------------------- clips by their links --

FOX = film("a fox", "16:9", 5)
SMALL, LARGE = LOOKED_INTO, LOOKED_INTO + 1


def clips(*sizes: int) -> tuple[list[str], Files]:
    """Clips behind links, and what their host says of their sizes."""
    urls, kept = [f"http://x.example/{n}.mp4" for n in range(len(sizes))], Files()
    kept.content = dict.fromkeys(urls, FOX)
    kept.file_infos.update((u, FileInfo(n, "video/mp4")) for u, n in zip(urls, sizes, strict=True))
    return urls, kept


@pytest.mark.parametrize(("size", "by_link"), [(SMALL, True), (LARGE, False)])
def test_a_clip_of_which_telegram_would_not_find_the_shape_is_uploaded(
    size: int, by_link: bool
) -> None:
    (url,), kept = clips(size)
    telegram = FakeTelegram()

    carried(telegram, showing("video", [url], Markup("x"), (), link=Markup("x")), files=kept)

    (call,) = telegram.sent("send_video")
    assert (call["video"] == url) == by_link
    assert by_link or (call["width"], call["height"], call["duration"]) == (
        video_facts(FOX).width,
        video_facts(FOX).height,
        5,
    )


@pytest.mark.parametrize(
    ("sizes", "by_link"),
    [((SMALL, SMALL), True), ((SMALL, LARGE), False), ((19 * 1024 * 1024,) * 3, True)],
    ids=["small", "one is large", "more than one upload takes"],
)
def test_an_album_with_such_a_clip_is_uploaded_if_one_upload_takes_it(
    sizes: tuple[int, ...], by_link: bool
) -> None:
    urls, kept = clips(*sizes)
    telegram = FakeTelegram()

    carried(telegram, {**ALBUM, "files": [["video", url] for url in urls]}, files=kept)

    (call,) = telegram.sent("send_media_group")
    assert ([each.media for each in call["media"]] == urls) == by_link
