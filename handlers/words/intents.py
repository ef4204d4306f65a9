"""The intent of short texts that are not wishes: yes, no, thanks, a question to the bot, an action.

The lists are short on purpose. A text that is not clearly one of these is a wish: a wish that is
mistaken for small talk is lost, while small talk that is mistaken for a wish costs nothing before
somebody presses "Create".
"""

import re
import unicodedata

YES, NO, THANKS, HELLO, PRICE, HOW, RUDE = "yes", "no", "thanks", "hello", "price", "how", "rude"
LINK, EMOJI, EMPTY = "link", "emoji", "empty"

_YES = {
    *("да", "ага", "угу", "ок", "окей", "давай", "создать", "создавай", "хорошо", "поехали"),
    *("ok", "okay", "yes", "yep", "yeah", "sure", "create", "go", "👍", "+"),
}
_NO = {
    *("нет", "не надо", "не нужно", "отмена", "отменить", "отмени", "стоп"),
    *("no", "nope", "cancel", "stop", "never mind", "👎"),
}
#: Words of a text that may be small talk.
_SMALL_TALK = 6
_PATTERNS = {
    THANKS: r"^(большое )?(спасибо|спс|благодарю|thanks|thank you|thx)\b(?!.*\b(но|but)\b)",
    HELLO: r"^(привет|здравствуй(те)?|добр(ый|ое|ого) (день|утро|вечер)|hi|hello|hey)( бот| bot)?$",
    PRICE: r"\b(сколько (это )?(будет )?сто(ит|ят)|поч[её]м|какая цена|какие цены|цены)\b"
    r"|\b(how much|what does it cost|prices?)\b",
    HOW: r"\bкак (это|ты|бот|тут|всё|все) (работа|польз)|\bкак (тобой |этим )?пользоваться"
    r"|\bчто (ты )?(умеешь|можешь)|^(помощь|помоги)$"
    r"|\bhow (does|do) (this|it|you) work|\bwhat can you do|^help$",
    RUDE: r"\b(дурак|тупой|тупая|идиот|дебил|говно|отстой|бля\w*|хуй\w*|пизд\w*|сука)\b"
    r"|\b(fuck\w*|shit|stupid|idiot|you suck|dumb)\b",
}
_KNOWN = {name: re.compile(pattern) for name, pattern in _PATTERNS.items()}
_LINK = re.compile(r"(https?://|t\.me/|www\.)\S+", re.IGNORECASE)
#: Actions on a file by words of its caption; the first match counts.
_ACTIONS = {
    "cutout": r"(убери|убрать|удали|удалить|вырежи|вырезать|без) фон|(remove|cut out)( the)? b",
    "speak": r"\b(заговори|пусть (говорит|заговорит|скажет)|make (it|him|her) (talk|speak))",
    "animate": r"\b(ожив|анимир|сделай видео|в видео|animat|bring (it )?to life|make (a )?video)",
    "upscale": r"\b(улучши|улучшить|увеличь|увеличить|качество|апскейл|upscal|enhanc|sharpen)",
    "edit": r"\b(измени|отредактируй|переделай|edit|change)",
}
_DOES = {name: re.compile(pattern) for name, pattern in _ACTIONS.items()}
#: A caption of at most so many words that names what to do says nothing else.
_ONLY_A_VERB = 3


def intent(text: str) -> str | None:
    """The intent of the text; None: it is a wish, or an answer."""
    words = _plain(text)
    if _bare(text) in _YES or words in _YES:
        return YES
    if _bare(text) in _NO or words in _NO:
        return NO
    if not words:
        return EMOJI if _bare(text) else EMPTY
    if _LINK.fullmatch(text.strip()):
        return LINK
    if len(words.split()) > _SMALL_TALK:
        return None
    return next((name for name, pattern in _KNOWN.items() if pattern.search(words)), None)


def action_of(text: str) -> str | None:
    """The action on a file that the text asks for; None: it names no known one."""
    words = text.casefold()
    return next((name for name, pattern in _DOES.items() if pattern.search(words)), None)


def only_names(text: str) -> bool:
    """Whether the words name what to do and describe nothing."""
    return len(_plain(text).split()) <= _ONLY_A_VERB


def _plain(text: str) -> str:
    """Letters, digits and single spaces, in lower case."""
    kept = "".join(each if each.isalnum() else " " for each in text.casefold())
    return " ".join(kept.split())


def _bare(text: str) -> str:
    """The text without invisible characters."""
    unseen = {"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me", "Co", "Cn"}
    seen = "".join(each for each in text if unicodedata.category(each) not in unseen)
    return seen.casefold().strip(".!,… ")
