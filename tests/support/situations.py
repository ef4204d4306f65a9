"""What people do, and what each is answered: the rows of the test of situations.

A row is a name, what is done, and a part of the answer in each language. What is done is a text,
an update, a pair of texts (English, Russian), or ``press("action")``: the button of the last screen
whose data begins so. Every answer costs nothing unless the row ``orders``, and shows no main menu
unless the row leads ``home``.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from kie.money.ledger import Account
from tests.support import telegram_updates as telegram
from tests.support.talk import SHOP


@dataclass(frozen=True)
class Pressed:
    """The button of the last screen whose data begins so."""

    data: str


@dataclass(frozen=True)
class Situation:
    """``says`` is in the answer, a screen or a toast; ``shows`` are actions of its buttons."""

    name: str
    acts: tuple[Any, ...]
    says: tuple[str, str]
    shows: tuple[str, ...] = ()
    home: bool = False
    orders: int = 0
    facts: dict[str, Any] = field(default_factory=dict)


def press(data: str) -> Pressed:
    return Pressed(data)


def written(text: str, number: int, date: int = 100, **more: Any) -> dict[str, Any]:
    update = telegram.message(text=text, **more)
    update["message"] |= {"message_id": number, "date": date}
    return update


def corrected(text: str, number: int) -> dict[str, Any]:
    update = written(text, number)
    return {"update_id": update["update_id"], "edited_message": update["message"]}


def photo(caption: str | None = None, date: int = 100, **more: Any) -> dict[str, Any]:
    size = {"file_id": "p", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 900}
    content = more if caption is None else {**more, "caption": caption}
    update = telegram.message(photo=[size], **content)
    update["message"]["date"] = date
    return update


def document(mime: str, name: str, size: int = 900) -> dict[str, Any]:
    sent = {"file_id": "d", "file_unique_id": "u", "mime_type": mime, "file_name": name}
    return telegram.message(document={**sent, "file_size": size})


def voice(seconds: int) -> dict[str, Any]:
    sent = {"file_id": "v", "file_unique_id": "u", "duration": seconds, "file_size": 900}
    return telegram.message(voice={**sent, "mime_type": "audio/ogg"})


def model(name: str) -> dict[str, Any]:
    return telegram.press(f"model||{name}")


def replying(words: str, **to: Any) -> dict[str, Any]:
    replied = {**telegram.message(**to)["message"]}
    return telegram.message(text=words, reply_to_message=replied)


WISH = "a red fox"
CARD = ("“a red fox”", "«a red fox»")
RICH = {"account": Account(balance=10_000)}
DONE = ("Description updated", "Описание обновлено")
WHAT = ("What shall I do", "Что сделать?")
ALBUM: dict[str, Any] = {"media_group_id": "g"}
SMALL = {"file_id": "s", "file_unique_id": "u", "width": 1, "height": 1}
STICKER = {**SMALL, "type": "regular", "is_animated": False, "is_video": False}
PLACE = {"longitude": 1.0, "latitude": 1.0}
POLL = {"id": "1", "question": "?", "options": [], "total_voter_count": 0}

CONTENTS: dict[str, dict[str, Any]] = {
    "a sticker": {"sticker": STICKER},
    "a contact": {"contact": {"phone_number": "1", "first_name": "A"}},
    "a location": {"location": PLACE},
    "a poll": {"poll": POLL},
}

WORDS = (
    Situation("start in an empty chat", ("/start",), ("Hi, Anna", "Привет, Anna"), home=True),
    Situation(
        "start in the middle of a card",
        (WISH, "/start"),
        ("What shall we make?", "Что сделаем?"),
        ("resume",),
        home=True,
    ),
    Situation("a wish", (WISH,), CARD, ("create", "other", "cancel")),
    Situation("a wish of one word", ("fox",), ("“fox”", "«fox»"), ("create",)),
    Situation("4096 characters", ("x" * 4096,), ("“xxx", "«xxx"), ("other", "cancel")),
    Situation(
        "8000 characters, cut in two by the app",
        (written("x" * 4096, 10), written("y" * 3904, 11, 101)),
        ("cut your text in two", "разделил ваш текст надвое"),
    ),
    Situation("only emoji", ("🦊🦊",), ("Emoji alone", "Одних эмодзи мало")),
    Situation("only invisible characters", ("\u200b\u2060",), ("came empty", "пришло пустым")),
    Situation("only a link", ("https://x.example/a",), ("can't open links", "Ссылки открывать")),
    Situation("yes at a card", (WISH, ("yes", "да")), ("queued", "очеред"), orders=1),
    Situation("ok at a card", (WISH, "ok"), ("queued", "очеред"), orders=1),
    Situation("yes without a card", (("yes", "да"),), ("What should I draw?", "Что нарисовать?")),
    Situation(
        "no at a card", (WISH, ("no", "нет")), ("weren't charged", "списаний нет"), home=True
    ),
    Situation("no without a card", (("no", "нет"),), ("Whenever you like", "Когда захотите")),
    Situation("the price", (("how much is it?", "сколько стоит?"),), ("/models", "/models")),
    Situation("the price at a card", (WISH, ("prices?", "цены?")), CARD, ("create",)),
    Situation("how it works", (("how does this work?", "как это работает?"),), ("/help", "/help")),
    Situation("thanks", (("thanks!", "спасибо!"),), ("You're welcome", "Пожалуйста")),
    Situation("thanks at a card", (WISH, ("thank you", "спасибо")), CARD, ("create",)),
    Situation("rude words", (("stupid bot", "тупой бот"),), ("/support", "/support")),
    Situation("a new wish at a card", (WISH, "a blue cat"), DONE, ("create", "undo")),
    Situation("the old wish back", (WISH, "a blue cat", press("undo")), CARD, ("create",)),
    Situation("a wish while one is made", ("a cat", press("create"), WISH), CARD, ("create",)),
    Situation("a wish edited before Create", (written("fx", 10), corrected("fox", 10)), DONE),
    Situation(
        "a wish edited after Create",
        (written("fx", 10), press("create"), corrected("fox", 10)),
        ("already gone out", "уже ушёл"),
        ("create",),
    ),
    Situation("a wish in a third language", ("una volpe rossa",), ("volpe", "volpe"), ("create",)),
    Situation(
        "text with formatting",
        (telegram.message(text=WISH, entities=[{"type": "bold", "offset": 0, "length": 1}]),),
        CARD,
        ("create",),
    ),
    Situation(
        "a reply to an own photo",
        (replying("make it blue", photo=[{**SMALL, "file_size": 9}]),),
        ("1 photo", "1 фото"),
        ("create",),
        facts=RICH,
    ),
    Situation("a reply to an old card", (replying(WISH, text="an old card"),), CARD, ("create",)),
    Situation("/imagine with words", (f"/imagine {WISH}",), CARD, ("create",)),
    Situation("/image with words", (f"/image {WISH}",), CARD, ("create",)),
    Situation("/video with words", (f"/video {WISH}",), CARD, ("create",), facts=RICH),
    Situation("/image alone", ("/image",), ("What should I draw?", "Что нарисовать?")),
    Situation("an unknown command", ("/generate",), ("/help", "/help")),
    Situation("a number for words", (press("task||draw"), "123"), ("“123”", "«123»"), ("create",)),
    Situation(
        "words for a number",
        (model("qwen/text-to-image"), WISH, press("settings"), press("change|3|seed"), "abc"),
        ("Please send a number", "Пришлите число"),
        ("create",),
        facts=RICH,
    ),
    Situation(
        "two and a half pictures",
        (model("wan/2-7-image"), WISH, press("change|2|n"), "2.5"),
        ("whole number", "целое число"),
        ("create",),
        facts=RICH,
    ),
    Situation(
        "six and a half seconds",
        (model("kling/v2-5-turbo-text-to-video-pro"), WISH, press("change|2|duration"), "6,5"),
        ("tap one of the buttons", "Нажмите одну из кнопок"),
        ("pick", "create"),
        facts=RICH,
    ),
    Situation(
        "too long by a little",
        (model("z-image"), "x" * 1001),
        ("1001 of 1000", "1001 из 1000"),
    ),
    Situation("too long by a lot", (model("z-image"), "x" * 4096), ("4096 of", "4096 из")),
)

FILES = (
    Situation("a photo", (photo(),), WHAT, ("task", "able", "forget")),
    Situation("a caption that is a verb", (photo("оживи"),), ("🎬", "🎬"), ("create",), facts=RICH),
    Situation(
        "remove background", (photo("remove background"),), ("🧰", "🧰"), ("create",), facts=RICH
    ),
    Situation("a caption that is a wish", (photo(WISH),), CARD, ("create",), facts=RICH),
    Situation("photo, then words", (photo(), WISH), CARD, ("create",), facts=RICH),
    Situation("words, then photo", (WISH, photo()), ("1 photo", "1 фото"), ("create",), facts=RICH),
    Situation(
        "a photo for the clip that is open",
        ("/video waves", photo()),
        ("🎬 “waves”", "🎬 «waves»"),
        ("create",),
        facts=RICH,
    ),
    Situation(
        "photo, then menu, then a task",
        (photo(), "/start", press("task||animate")),
        ("1 photo", "1 фото"),
        ("create",),
        facts=RICH,
    ),
    Situation(
        "photo, then search",
        (photo(), "/search recraft", press("model||recraft/remove-background")),
        ("1 photo", "1 фото"),
        ("create",),
        facts=RICH,
    ),
    Situation("a photo an hour later", (photo(), photo(date=9000)), WHAT, ("task",)),
    Situation(
        "words an hour after a photo",
        (photo(), written(WISH, 10, 9000)),
        ("not attached any more", "уже не прикреплено"),
        ("create",),
    ),
    Situation(
        "an album of three with captions",
        (photo("a sea", **ALBUM), photo("a sky", **ALBUM), photo("a bird", **ALBUM)),
        ("3 photos", "3 фото"),
        ("create",),
        facts=RICH,
    ),
    Situation(
        "an album of twelve where ten fit",
        (
            model("google/nano-banana-edit"),
            photo(WISH, **ALBUM),
            *(photo(**ALBUM) for _ in range(11)),
        ),
        ("Took 10", "Взято 10"),
        ("create",),
        facts=RICH,
    ),
    Situation("a photo as a file", (document("image/jpeg", "a.jpg"),), WHAT, ("task",)),
    Situation("HEIC", (document("image/heic", "a.heic"),), ("HEIC", "HEIC")),
    Situation(
        "a photo without a type", (document("application/octet-stream", "a.jpg"),), WHAT, ("task",)
    ),
    Situation(
        "a photo of 25 MB",
        (document("image/jpeg", "a.jpg", 25 * 2**20), press("task||cutout")),
        ("25.0 MB", "25.0 МБ"),
    ),
    Situation(
        "a PDF", (document("application/pdf", "a.pdf"),), ("this kind of file", "Такой файл")
    ),
    *(
        Situation(f"{name} at a card", (WISH, telegram.message(**content)), CARD, ("create",))
        for name, content in CONTENTS.items()
    ),
    Situation("a sticker", (telegram.message(sticker=STICKER),), ("sticker", "стикер")),
    Situation("a voice", (voice(4),), WHAT),
    Situation(
        "a voice where a sound is asked",
        (model("elevenlabs/audio-isolation"), voice(4)),
        ("1 recording", "1 запись"),
        ("create",),
        facts=RICH,
    ),
    Situation(
        "a voice too long", (model("elevenlabs/audio-isolation"), voice(601)), ("601 s", "601 с")
    ),
    Situation(
        "a forwarded photo of a hidden user",
        (photo(forward_origin={"type": "hidden_user", "date": 1, "sender_user_name": "X"}),),
        WHAT,
        ("task",),
    ),
)

BUTTONS = (
    Situation("Create twice", (WISH, press("create"), press("create")), ("Already", "Уже")),
    Situation(
        "Create of yesterday",
        (WISH, press("create")),
        ("reached me very late", "с большой задержкой"),
        ("create",),
        facts={"late": True},
    ),
    Situation(
        "an old button three times",
        (WISH, "a cat", *(telegram.press("create|1|", message_id=40 + n) for n in range(3))),
        ("has expired", "уже не действует"),
        ("create",),
    ),
    Situation("back from a chip", (WISH, press("change"), press("back")), CARD, ("create",)),
    Situation("back from other models", (WISH, press("other"), press("back")), CARD, ("create",)),
    Situation(
        "a setting changed and back",
        (
            *(model("nano-banana-2"), WISH, press("settings"), press("change|3|resolution")),
            *(press("pick|4|4K"), press("back")),
        ),
        ("4K", "4K"),
        ("create",),
        facts=RICH,
    ),
    Situation("the language at a card", (WISH, "/language"), CARD[::-1], ("create",)),
    Situation("the menu with a draft", (WISH, "/menu", press("resume")), CARD, ("create",)),
    Situation(
        "a model that is gone", (model("gone"),), ("isn't available", "недоступна"), home=True
    ),
)

WAITING = (
    Situation(
        "enough in the making",
        (WISH, press("create")),
        ("3 of 3", "3 из 3"),
        facts={"account": Account(running={"z-image": 3})},
    ),
    Situation(
        "kie.ai is away",
        (WISH, press("create")),
        ("unavailable right now", "недоступен"),
        facts={"shop": replace(SHOP, closed="away")},
    ),
    Situation(
        "the free ones are used up and the balance is empty",
        (WISH,),
        ("short", "Не хватает"),
        ("cancel",),
        facts={"account": Account(free_used={"z-image": 20})},
    ),
)

#: Rows of the features that own them: paying, groups, desk.
MONEY: tuple[Situation, ...] = ()
GROUPS: tuple[Situation, ...] = ()
OPERATOR: tuple[Situation, ...] = ()

ALL = (*WORDS, *FILES, *BUTTONS, *WAITING, *MONEY, *GROUPS, *OPERATOR)
