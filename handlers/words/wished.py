"""What a wish names as its result by how it begins: a clip, a song, words to be read aloud.

The words are a picture unless they say otherwise. A word that only describes a picture ("video game
poster", "songbird") is no such beginning. A mistake costs one tap: the card names the price, and
the other kind stands on a button.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from handlers.words.intents import has_one, plain_words

IMAGE, VIDEO, AUDIO = "image", "video", "audio"

_WANT = (
    r"(((мне|нам) )?(нужн[оаы]|надо)|(я )?(хочу|хотел\w?( бы)?)|можешь|можно|а|ну|давай|теперь"
    r"|please|can you|could you|i (want|need|would like)|i d like|let s|now|пожалуйста)"
)
_MAKE_CLIP = (
    r"(сдела\w+|созда\w+|сними|снять|снимите|сгенерир\w+|нарису\w+|смонтир\w+|придума\w+|пришли"
    r"|make|create|generate|shoot|produce|render|give|film)"
)
_MAKE_SONG = (
    r"(напиш\w+|написать|сочин\w+|спой\w*|спеть|сдела\w+|созда\w+|придума\w+|сгенерир\w+|исполни"
    r"|write|make|compose|create|generate|produce|sing|give)"
)
_FOR_WHOM = r"(мне|нам|для меня|me|us|пожалуйста|please)"
#: Adjectives before the noun. Russian ones are known by their endings.
_SUCH = (
    r"(\w+(ое|ее|ую|юю|ый|ий|ой)|одн[оу]|это|a|an|the|some|one|short|long|funny|cute|nice|cool"
    r"|beautiful|little|realistic|cinematic|vertical|looping|happy|sad|love|birthday|christmas|rap"
    r"|rock|pop|jazz|folk|music|children s|kids|lo ?fi|calm|epic|new"
    r"|\d+ ?(s|sec|seconds?|секундн\w+))"
)
_CLIP = (
    r"(видео(ролик\w?)?|видос\w*|ролик|клип|мульт(ик|фильм)\w?|анимаци[юя]|гифк[уа]|video( ?clip)?"
    r"|clip|animation|gif)"
)
_SONG = (
    r"(песн[юяи]|песенк[уаи]|колыбельн\w+|мелоди[юя]|музык[уа]|трек|рэп|частушк\w+|song|lullaby"
    r"|melody|music|jingle|rap)"
)
#: What makes the noun a part of another thing.
_NO_CLIP = (
    r"(игр\w*|карт\w*|камер\w*|кассет\w*|плеер\w*|монтаж\w*|студи\w*|блогер\w*|редактор\w*"
    r"|наблюдени\w*|арт|обои|стен\w*|превью|обложк\w*|постер\w*|заставк\w*|games?|gamer|cards?|cameras?|players?"
    r"|editors?|calls?|conference|walls?|thumbnails?|posters?|covers?|tapes?|arcade|store|shop|art"
    r"|board)"
)
_NO_SONG = r"(\w*box|stand|shop|store|festival|notes?|sheet|poster|cover|video|clip|bird|book)"
_ABOUT = r"(про|об?|обо|где|со?|как|в котор\w+|из|of|about|with|where|in which|showing|for|from)"
_SONG_ABOUT = r"(про|об?|обо|для|на|к|about|for|in the style)"
_KINDS = {
    # "Сделай видео …" whatever follows; "видео про …"; "анимация …".
    VIDEO: re.compile(
        rf"({_WANT} )*{_MAKE_CLIP} ({_FOR_WHOM} )*({_SUCH} ){{0,3}}{_CLIP}\b(?! {_NO_CLIP}\b)"
        rf"|{_WANT} ({_SUCH} ){{0,3}}{_CLIP}\b(?! {_NO_CLIP}\b)"
        rf"|({_SUCH} ){{0,3}}{_CLIP} {_ABOUT}\b"
        rf"|(видео|анимация) (?!{_NO_CLIP}\b)\w|(анимируй|animate)\b"
    ),
    AUDIO: re.compile(
        rf"(спой|спеть|sing)\b|({_WANT} )*{_MAKE_SONG} ({_FOR_WHOM} )*({_SUCH} ){{0,3}}{_SONG}\b"
        rf"(?! {_NO_SONG}\b)|{_WANT} ({_SUCH} ){{0,3}}{_SONG}\b(?! {_NO_SONG}\b)"
        rf"|({_SUCH} ){{0,3}}{_SONG} {_SONG_ABOUT}\b"
    ),
}
#: The same as the noun alone before a mark: "Видео: волны", "song - rain".
_MARKS = (":", "—", "–", "-")
_HEADED = {
    VIDEO: re.compile(rf"\s*{_CLIP}\s*[{''.join(_MARKS)}]\s", re.IGNORECASE),
    AUDIO: re.compile(rf"\s*{_SONG}\s*[{''.join(_MARKS)}]\s", re.IGNORECASE),
}
_PICTURE = (
    r"(картинк\w|изображени\w|рисун\w+|арт|фото|фотографи\w|иллюстраци\w|что ?(нибудь|то)|picture"
    r"|image|drawing|photo|pic|art|illustration|something)"
)
#: A kind that is asked for without a word about what is in it.
_BARE = {
    VIDEO: re.compile(rf"(({_WANT}|{_MAKE_CLIP}|{_FOR_WHOM}|{_SUCH}) )*{_CLIP}"),
    AUDIO: re.compile(rf"(({_WANT}|{_MAKE_SONG}|{_FOR_WHOM}|{_SUCH}) )*{_SONG}|спой|sing"),
    IMAGE: re.compile(
        rf"(({_WANT}|{_MAKE_CLIP}|draw|paint|{_FOR_WHOM}|{_SUCH}) )*{_PICTURE}"
        rf"|({_WANT} )*(нарисуй(те)?|рисуй|нарисовать|draw|paint)( {_FOR_WHOM})*"
    ),
}
#: Every text that names a kind in one of these ways contains one of these.
SIGNS = {
    VIDEO: (
        *("видео", "видос", "ролик", "клип", "мульт", "аним", "гифк"),
        *("video", "clip", "animat", "gif"),
    ),
    AUDIO: (
        *("песн", "песен", "колыбельн", "мелоди", "музык", "трек", "рэп", "частушк", "спой"),
        *("спеть", "song", "lullaby", "melody", "music", "jingle", "rap", "sing"),
    ),
    IMAGE: (
        *("картинк", "изображени", "рисун", "рисуй", "рисов", "арт", "фото", "иллюстраци", "что"),
        *("picture", "image", "drawing", "photo", "pic", "art", "illustration", "something"),
        *("draw", "paint"),
    ),
}
_RATIO = re.compile(r"(?<![\d:.])(\d{1,2}) ?: ?(\d{1,2})(?![\d:])")
_FORM = r"(видео|ролик|клип|фото|картинк\w+|формат\w*|постер|video|clip|photo|picture|image|format)"
_FORMATS = {
    "9:16": re.compile(
        rf"вертикальн\w+ {_FORM}|vertical {_FORM}|(для|for) (сторис|рилс|тик ?тока?|stories|reels"
        r"|tik ?tok)"
    ),
    "16:9": re.compile(rf"горизонтальн\w+ {_FORM}|(horizontal|landscape) {_FORM}"),
    "1:1": re.compile(rf"квадратн\w+ {_FORM}|square {_FORM}"),
}
#: Every text that names a shape in words contains one of these.
SIGNS_OF_FORMAT = (
    *("вертикальн", "горизонтальн", "квадратн", "сторис", "рилс", "ток", "vertical", "horizontal"),
    *("landscape", "square", "stories", "reels", "tok"),
)
_ALOUD = re.compile(
    r"\s*(пожалуйста,?\s+)?(озвучь(те)?|прочитай(те)?\s+вслух|скажи(те)?\s+голосом|please\s+read\s+"
    r"aloud|read\s+(it\s+|this\s+)?(aloud|out\s+loud)|voice\s+over|text\s+to\s+speech)"
    r"(?P<object>\s+(текст|это|этот\s+текст|слова|the\s+text|this|text))?\b"
    r"(\s+голосом)?\s*[:—–-]?\s*(?P<words>.*)",
    re.IGNORECASE | re.DOTALL,
)


def kind_of(text: str) -> str:
    """What the wish names as its result: image, video or audio, a song; an image if nothing."""
    if has_one(text, _MARKS):
        headed = next((kind for kind, each in _HEADED.items() if each.match(text)), None)
        if headed is not None:
            return headed
    words = plain_words(text)
    return _named(words, _KINDS, re.Pattern.match) or IMAGE


def bare(text: str) -> str | None:
    """The kind of result that the text asks for without a word about what is in it. None: it says
    something, or asks for nothing."""
    words = plain_words(text)
    return _named(words, _BARE, re.Pattern.fullmatch)


def spoken(text: str) -> str | None:
    """The words that are to be read aloud, if the text asks for that; empty: it does not say
    which. None: it asks for something else."""
    found = _ALOUD.fullmatch(text)
    return None if found is None else found["words"].strip().strip("«»“”\"'")


def only_format(text: str) -> bool:
    """Whether the text is a shape and nothing else: "16:9"."""
    return _RATIO.fullmatch(text.strip(" .,!")) is not None


def format_of(text: str) -> str | None:
    """The shape that the text asks for, such as 16:9. None: it asks for none."""
    ratio = _RATIO.search(text) if ":" in text else None
    if ratio is not None:
        return f"{int(ratio[1])}:{int(ratio[2])}"
    words = plain_words(text)
    if not has_one(words, SIGNS_OF_FORMAT):
        return None
    return next((shape for shape, pattern in _FORMATS.items() if pattern.search(words)), None)


def _named(
    words: str,
    patterns: Mapping[str, re.Pattern[str]],
    fits: Callable[[re.Pattern[str], str], object],
) -> str | None:
    """The first kind with a pattern that fits."""
    for kind in _signed(words):
        if kind in patterns and fits(patterns[kind], words):
            return kind
    return None


@lru_cache(maxsize=128)
def _signed(words: str) -> tuple[str, ...]:
    """The kinds of which the words contain a sign."""
    return tuple([kind for kind, signs in SIGNS.items() if has_one(words, signs)])
