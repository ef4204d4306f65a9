"""How a result is shown: as photo, video, sound, file, album or text, by what it is.

Only payloads are made here; ``handlers/delivery/media.py`` sends the files.
"""

import html
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from handlers.delivery.payloads import Payload, saying, showing, showing_album, showing_text
from handlers.dialogue.effects import Keyboard, Screen
from handlers.features.results.words import say
from handlers.words.texts import Markup, escape, units
from kie.api.outcome import Result, Song

#: How Telegram shows a file, by its ending. What it would refuse in that form goes as a file.
ENDINGS = {
    **dict.fromkeys(("png", "jpg", "jpeg", "webp"), "photo"),
    **dict.fromkeys(("mp4", "mov", "m4v"), "video"),
    **dict.fromkeys(("mp3", "m4a"), "audio"),
    **dict.fromkeys(("gif", "svg", "webm", "wav", "ogg", "flac", "zip", "json"), "document"),
}
#: And by what the model makes, where the ending says nothing.
MADE = {"image": "photo", "video": "video", "audio": "audio"}
#: What may stand together in one album.
COMPANIES = {"photo": "pictures", "video": "pictures", "audio": "audio", "document": "document"}
MOST_IN_ALBUM = 10
#: UTF-16 units of a text result, or of links, that fit into a message with its caption.
MESSAGE_LIMIT = 3000

File = tuple[str, str]  #: kind, URL


def payloads(
    result: Result, made: str, caption: Markup, keyboard: Keyboard, language: str
) -> Sequence[Payload]:
    """What has to be sent, in order. The first part has the caption; buttons come last."""
    if not result.urls:
        return [_text(result.text or "", caption, keyboard, language)]
    files = [(kind_of(url, made), url) for url in result.urls]
    if len(files) == 1:
        return [_named(_single(files[0], caption, keyboard, language), result.songs)]
    parts = [_named(_part(group, caption, language), result.songs) for group in groups(files)]
    for part in parts[1:]:
        # What is charged is decided by the first part.
        part["lost"] = part["link"]
    # An album has no buttons: they stand under a message of their own.
    told = say(language, _album_key(files, result.songs), n=len(files))
    return [*parts, saying(Screen(told, keyboard))]


def _album_key(files: Sequence[File], songs: Sequence[Song]) -> str:
    """What came, by its name where all files are of one kind."""
    if all(kind == "photo" for kind, _ in files):
        return "album_pictures"
    return "album_songs" if songs else "album_sent"


def _named(payload: Payload, songs: Sequence[Song]) -> Payload:
    """With what players show of the songs in it: title, performer, cover, length."""
    inside = {url for _, url in payload["files"]} if "files" in payload else set(payload["urls"])
    known = {
        song.url: {
            "title": song.title,
            "performer": song.performer,
            "cover": song.cover,
            "seconds": None if song.seconds is None else round(song.seconds),
        }
        for song in songs
        if song.url in inside
    }
    return {**payload, "songs": known} if known else payload


def kind_of(url: str, made: str) -> str:
    """How Telegram should show the file."""
    ending = urlsplit(url).path.rpartition(".")[2].lower()
    return ENDINGS.get(ending) or MADE.get(made, "document")


def groups(files: Sequence[File]) -> Iterator[Sequence[File]]:
    """Neighbours that can stand in one album, ten at the most."""
    group: list[File] = []
    for file in files:
        full = len(group) == MOST_IN_ALBUM
        if group and (full or COMPANIES[group[0][0]] != COMPANIES[file[0]]):
            yield group
            group = []
        group.append(file)
    if group:
        yield group


def _part(group: Sequence[File], caption: Markup, language: str) -> Payload:
    if len(group) == 1:
        return _single(group[0], caption, (), language)
    urls = [url for _, url in group]
    link, lost = _words(urls, caption, language)
    return showing_album(group, caption, link=link, lost=lost)


def _single(file: File, caption: Markup, keyboard: Keyboard, language: str) -> Payload:
    link, lost = _words([file[1]], caption, language)
    return showing(file[0], [file[1]], caption, keyboard, link=link, lost=lost)


def _words(urls: Sequence[str], caption: Markup, language: str) -> tuple[Markup, Markup]:
    """What is said instead of a file that Telegram does not take, or that is gone."""
    listed = _listed(urls)
    link = Markup(f"{caption}\n\n{say(language, 'result_link', url=listed)}")
    return link, say(language, "result_lost", url=listed)


def _listed(urls: Sequence[str]) -> Markup:
    """The links to read; numbers that lead there where so many or so long ones do not fit."""
    listed = Markup("\n".join(escape(url) for url in urls))
    if sum(units(url) + 1 for url in urls) <= MESSAGE_LIMIT:
        return listed
    targets = [html.escape(url, quote=True) for url in urls]
    return Markup(" ".join(f'<a href="{url}">[{n}]</a>' for n, url in enumerate(targets, 1)))


def _text(text: str, caption: Markup, keyboard: Keyboard, language: str) -> Payload:
    lost = say(language, "result_lost_text")
    if units(text) > MESSAGE_LIMIT:
        return showing_text(text, caption, keyboard, lost=lost)
    shown = Markup(f"{caption}\n\n{escape(text)}")
    return {**saying(Screen(shown, keyboard)), "lost": lost}
