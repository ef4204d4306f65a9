"""The intent of short texts that are not wishes: yes, no, thanks, a question to the bot, an action.

The lists are short on purpose. A text that is not clearly one of these is a wish: a wish that is
mistaken for small talk is lost, while small talk that is mistaken for a wish costs nothing before
somebody presses "Create".
"""

import re
import unicodedata
from functools import lru_cache

YES, NO, THANKS, HELLO, PRICE, HOW, RUDE = "yes", "no", "thanks", "hello", "price", "how", "rude"
LINK, EMOJI, EMPTY, SCREENS = "link", "emoji", "empty", "screens"
BYE, COMPLAINT, AGAIN = "bye", "complaint", "again"

_YES = {
    *("да", "ага", "угу", "ок", "окей", "давай", "создать", "создавай", "хорошо", "поехали"),
    *("ok", "okay", "yes", "yep", "yeah", "sure", "create", "go", "👍", "+"),
}
_NO = {
    *("нет", "не надо", "не нужно", "отмена", "отменить", "отмени", "стоп"),
    *("no", "nope", "cancel", "stop", "never mind", "👎"),
}
_LONGEST = max(map(len, _YES | _NO))
#: All that is neither a letter nor a digit.
#: What is no letter or digit, and letters of Hangul and marks of Braille that show nothing.
_BETWEEN = re.compile("[\\W_\u115f\u1160\u2800\u3164\uffa0]+")
#: Words of a text that may be small talk; a price or an obscene word counts in a shorter one.
_SMALL_TALK, _BRIEF = 6, 3
_THANKED = (
    r"больш(ое|ущее)|огромное|тебе|вам|бот|очень|вс[её]|за|помощь|картинку|работу|это|класс(но)?"
    r"|супер|круто|отлично|красиво|получилось"
    r"|a lot|so|very|much|bot|you|for|the|your|help|picture|everything|great|nice|perfect|all"
)
_INSULT = r"дурак|дура|туп(ой|ая)|идиот\w*|дебил\w*|сука|отстой|stupid|idiot|dumb"
#: Each matches the whole text: what says anything beside it is a wish.
_PATTERNS = {
    THANKS: rf"(({_THANKED}) )*(спасибо|спс|благодарю|thanks|thank you|thx)( ({_THANKED}))*",
    BYE: r"(до (свидания|встречи|завтра)|пока( пока)?|спокойной ночи|(good )?bye|good night"
    r"|see you)( бот| bot)?",
    AGAIN: r"(а )?(давай )?ещ[её]( раз| один| одну| вариант(ы)?| картинк[уи])*"
    r"|друг(ой|ая|ое) вариант|повтори(ть|те)?( ещ[её] раз)?|друго[ей]|не (то|такой|такая|такое)"
    r"|(сделай )?(получше|лучше|по другому)|(once |one )?more( time)?|again|another( one)?"
    r"|try again|not (this|that|like this)|better",
    COMPLAINT: r"((у меня|ничего|всё|бот|опять|почему) )*не (работает|получается|вышло|пришл[оаи])"
    r"( бот)?|(а )?где ((моя|мой|мо[её]) )?(картинка|видео|результат|фото|песня|ответ)"
    r"|верни(те)?( мне)?( мои)? (деньги|кредиты|зв[её]зды)|возврат( денег)?|жалоба"
    r"|(хочу )?пожаловаться|((it|this|the bot) )?(does not|doesn t|is not|isn t|not) work(ing)?"
    r"|where is my (picture|video|photo|song)|(i want )?(a |my )?(refund|money back)"
    r"|(give|return) (me )?my (money|credits|stars)( back)?",
    HELLO: r"((привет )?как (твои )?(дела|ты)|how are you)"
    r"|(привет|здравствуй(те)?|добр(ый|ое|ого) (день|утро|вечер)|hi|hello|hey)( бот| bot)?",
    HOW: r"(а )?как ((это|ты|бот|тут|вс[её]|он) )*(работа\w+|польз\w+)( (бот|ботом|тобой|этим))?"
    r"|(а )?как (тобой|этим|ботом) пользоваться|(а )?что (ты |вы |бот )?(уме|мо)\w+( \w*делать)?"
    r"|(помощь|помоги(те)?)( мне)?( пожалуйста)?|(please )?help( me)?( please)?|непонятно"
    r"|(я )?(ничего )?не (понимаю|понял|поняла|знаю)( (как|что( делать)?))?|что это( такое)?"
    r"|(а )?что (мне )?(нажать|нажимать|делать|писать|дальше)|(а )?(ты|вы) (кто|робот|бот|человек)"
    r"|(а )?кто (ты|вы)( так(ой|ая))?|who are you|what is this|are you (a )?(bot|robot|human)"
    r"|what (do i|should i|to) (do|press|write)( now| next)?|i do ?n t (understand|know)"
    r"|(so )?how (does|do) (this|it|you|the bot)( bot)? work|what can (you|it|this bot) do",
    # What stood on the keyboard of an earlier bot, or what somebody looks for.
    SCREENS: r"(главное |в |открыть )?меню|(мой |проверить )?баланс|(мои )?кредиты"
    r"|мои (работы|картинки|видео)|(пополнить|пополнение)( (баланса?|сч[её]та?))?"
    r"|купить( кредиты)?|оплат(ить|а)|тарифы|(все )?модели|настройки|(мой )?профиль|личный кабинет"
    r"|главная|поддержка|(сменить |выбрать )?язык|(the |main )?menu|(my |check )?balance"
    r"|(my |buy )?credits|my (works?|creations|pictures|videos)|top ?up( my balance)?|(all )?models"
    r"|settings|(my )?(profile|account)|support|(change |choose )?(the )?language",
    RUDE: rf"((ты|какой|какая|что за|you|you are|what an?) )*({_INSULT}|you suck)"
    r"( (ты|бот|робот|you|bot|robot))*",
}
#: These match a brief text, or a longer one that ends in a question mark.
_BRIEF_PATTERNS = {
    PRICE: r"цен[аы] (на )?(видео|картинк[иу]|фото|песн[юиь]|кредит(а|ов)?)|прайс лист|price list"
    r"|(а |и )?(сколько ((это|будет|тут|у вас) )*сто(ит|ят|ить)( \w+){0,3}|поч[её]м( \w+)?"
    r"|как(ая|ие|ова) (тут |у вас |будет )?цен[аы]( \w+)?|цен[аы]|прайс|стоимость)"
    r"|(and |so )?(how much( (is|are|does|do|for|it|this|that|one|an?|the|picture|image|photo"
    r"|video|clip|credits?|costs?))*|what (does|do) (it|this|that|a \w+) cost"
    r"|what (is|s|are) (the|your) (prices?|cost)|(the |your )?prices?|pricing)",
    RUDE: r"(.* )?(говн\w*|бля(ть|дь)?|ху(й|я|е|ю|ё|ев)\w*|пизд\w*|fuck\w*|shit)( .*)?",
}
_KNOWN = {name: re.compile(pattern) for name, pattern in _PATTERNS.items()}
_IN_BRIEF = {name: re.compile(pattern) for name, pattern in _BRIEF_PATTERNS.items()}
_LINK = re.compile(r"(https?://|t\.me/|www\.)\S+", re.IGNORECASE)
_PICTURE = (
    r"фот\w+|картинк\w+|изображени\w+|снимок|снимка|видео|ролик"
    r"|photos?|pictures?|images?|pics?|videos?|clips?"
)
_IT = r"это|этот|эту|этого|его|е[её]|их|this|it|that|these|them"
_QUALITY = r"качеств\w+|разрешени\w+|ч[её]ткост\w+|резкост\w+|quality|resolution|sharpness"
#: Before the object of "improve" and "enlarge": only a whole picture is improved by a model.
_WHOLE = rf"(( ({_IT}|the|my|мо[юяё]|мне|image|photo|video))* ({_PICTURE}|{_IT}|{_QUALITY})|$)"
#: Actions on a file by words of its caption; the first match counts.
_ACTIONS = {
    "cutout": r"\b(убери|убрать|удали|удалить|вырежи|вырезать)"
    r"( (весь|этот|задний|пожалуйста|мне))* фон\b|\bбез фона\b"
    r"|\b(remove|cut out|delete|erase)( (the|this|its))* background\b"
    r"|\b(no|without( a)?|transparent) background\b",
    "speak": r"\b(заговори|пусть (он |она |оно )?(говорит|заговорит|скажет))\b"
    r"|\bmake (it|him|her|them) (talk|speak)\b",
    "animate": r"\b(ожив(и|ите|ить)|анимируй|анимировать|сделай видео|в видео)\b"
    r"|\b(animate|(bring|brought) ((it|him|her|them|this) )?to life|make (it |this )?(a )?video)\b",
    "upscale": rf"\b(улучши(ть)?|увелич(ь|ить)|повы[сш]\w+|enhance|enlarge|improve)\b{_WHOLE}"
    r"|\b(апскейл\w*|upscal\w+|sharpen)\b|^качество$",
    "edit": r"\b(измени|отредактируй|переделай|edit|change)\b",
}
_DOES = {name: re.compile(pattern) for name, pattern in _ACTIONS.items()}
#: Every text with an action contains one of these.
SIGNS_OF_ACTION = (
    *("фон", "говори", "скажет", "ожив", "аним", "видео", "улучш", "увелич", "повыс", "повыш"),
    *("апскейл", "качество", "измени", "отредактируй", "переделай", "background", "talk", "speak"),
    *("animate", "to life", "video", "enhance", "enlarge", "improve", "upscal", "sharpen", "edit"),
    "change",
)
#: Words beside an action that describe nothing.
_FILLER = re.compile(
    rf"{_PICTURE}|{_IT}|{_QUALITY}|пожалуйста|плиз|мне|мо[юяё]|весь|на|с|со|у|из|до|здесь|тут"
    r"|please|can|could|you|the|an?|my|its|from|of|on|in|here|for|me|up|to|4k|hd"
)


@lru_cache(maxsize=128)
def intent(text: str) -> str | None:
    """The intent of the text; None: it is a wish, or an answer."""
    words = plain_words(text)
    # Every letter of the words is in the bare text, too: longer ones are neither.
    bare = _bare(text) if len(words) <= _LONGEST else ""
    if bare in _YES or words in _YES:
        return YES
    if bare in _NO or words in _NO:
        return NO
    if not words:
        return EMOJI if bare else EMPTY
    if _LINK.fullmatch(text.strip()):
        return LINK
    count = len(words.split())
    if count <= _BRIEF or (count <= _SMALL_TALK and text.rstrip().endswith("?")):
        said = next((name for name, each in _IN_BRIEF.items() if each.fullmatch(words)), None)
        if said is not None:
            return said
    if count > _SMALL_TALK:
        return None
    return next((name for name, each in _KNOWN.items() if each.fullmatch(words)), None)


def action_of(text: str) -> str | None:
    """The action on a file that the text asks for; None: it names no known one."""
    words = plain_words(text)
    if not has_one(words, SIGNS_OF_ACTION):
        return None
    return next((name for name, pattern in _DOES.items() if pattern.search(words)), None)


def only_names(text: str) -> bool:
    """Whether the words name what to do and describe nothing."""
    words = plain_words(text)
    action = action_of(text)
    rest = words if action is None else _DOES[action].sub(" ", words)
    return all(_FILLER.fullmatch(each) for each in rest.split())


def has_one(words: str, signs: tuple[str, ...]) -> bool:
    """Whether the words contain one of these: a twentieth of the work of a pattern, and most
    texts contain none."""
    for each in signs:  # noqa: SIM110 a generator takes twice the time
        if each in words:
            return True
    return False


# Several rules ask for it, after all updates that share the transaction were read.
@lru_cache(maxsize=128)
def plain_words(text: str) -> str:
    """Letters, digits and single spaces, in lower case."""
    return _BETWEEN.sub(" ", text.casefold()).strip(" ")


def _bare(text: str) -> str:
    """The text without invisible characters."""
    unseen = {"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me", "Co", "Cn"}
    seen = "".join(each for each in text if unicodedata.category(each) not in unseen)
    return seen.casefold().strip(".!,… ")
