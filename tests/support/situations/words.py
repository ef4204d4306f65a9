"""Wishes, answers and small talk."""

from tests.support.edges import telegram_updates as telegram
from tests.support.situations.acts import (
    CARD,
    DONE,
    RICH,
    SMALL,
    WISH,
    Situation,
    corrected,
    model,
    photo,
    press,
    replying,
    voice,
    written,
)

PHOTO, VOICE = photo(), voice(4)
RTL = "חתול אדום ברחוב"
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
        "no at a card", (WISH, ("no", "нет")), ("weren't charged", "Ничего не списано"), home=True
    ),
    Situation("no without a card", (("no", "нет"),), ("Whenever you like", "Когда захотите")),
    Situation("the price", (("how much is it?", "сколько стоит?"),), ("/models", "/models")),
    Situation("the price at a card", (WISH, ("prices?", "цены?")), CARD, ("create",)),
    Situation("how it works", (("how does this work?", "как это работает?"),), ("/help", "/help")),
    Situation("thanks", (("thanks!", "спасибо!"),), ("You're welcome", "Пожалуйста")),
    Situation("thanks at a card", (WISH, ("thank you", "спасибо")), CARD, ("create",)),
    Situation("rude words", (("stupid bot", "тупой бот"),), ("/support", "/support")),
    *(
        Situation(
            f"a wish that sounds like small talk: {words}",
            (words,),
            (f"“{words}”", f"«{words}»"),
            ("create",),
        )
        for words in (
            "Спасибо открытка маме",
            "thank you card with roses",
            "постер низкие цены",
            "how much wood would a woodchuck",
            "тупой угол чертёж",
        )
    ),
    *(
        Situation(
            f"words to be spoken: {words}",
            (model("elevenlabs/text-to-speech-multilingual-v2"), words),
            (f"“{words}”", f"«{words}»"),
            ("create",),
            facts=RICH,
        )
        for words in ("Сколько это стоит?", "Стоп", "Нет", "Yes", "Help!", "Спасибо!", "🙂")
    ),
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
    Situation(
        "/video begins with what costs least on its card",
        (f"/video {WISH}",),
        ("20\u00a0credits", "20\u00a0кредитов"),
        ("create",),
        facts=RICH,
    ),
    Situation("/image alone", ("/image",), ("What should I draw?", "Что нарисовать?")),
    Situation(
        "a song",
        (("a song about the sea", "песня про море"),),
        ("🔊 “a song", "🔊 «песня"),
        ("create", "task"),
        facts=RICH,
    ),
    Situation(
        "a clip by its words",
        (("a video of waves", "видео про волны"),),
        ("🎬 “a video", "🎬 «видео"),
        ("create", "task"),
        facts=RICH,
    ),
    *(
        Situation(
            f"words that ask for a video: {english}",
            ((english, russian),),
            ("🎬 “", "🎬 «"),
            ("create", "task"),
            facts=RICH,
        )
        for english, russian in (
            ("make a video of waves", "сделай видео волн"),
            ("an animation of a robot", "анимация робота"),
        )
    ),
    Situation(
        "a video instead of the picture on the card",
        (WISH, ("make a video of waves", "сделай видео волн")),
        ("🎬 “make", "🎬 «сделай"),
        ("create", "task", "undo"),
        facts=RICH,
    ),
    Situation(
        "a picture after all",
        (("make a video of waves", "сделай видео волн"), press("task||draw")),
        ("🎨 “make", "🎨 «сделай"),
        ("create",),
        facts=RICH,
    ),
    Situation(
        "a video of nothing",
        (("make a video", "сделай видео"),),
        ("What should the video show?", "Что должно быть в видео?"),
        facts=RICH,
    ),
    Situation(
        "an action without a photo",
        (("animate the photo", "оживи фото"),),
        ("Send a photo", "Пришлите фото"),
        facts=RICH,
    ),
    Situation(
        "an action, then the photo",
        (("remove the background", "убери фон"), PHOTO),
        ("🧰", "🧰"),
        ("create",),
        facts=RICH,
    ),
    Situation(
        "an action on the photo of the card",
        (PHOTO, WISH, ("animate it", "оживи его")),
        ("🎬", "🎬"),
        ("create",),
        facts=RICH,
    ),
    Situation(
        "words to be read aloud",
        (("read aloud: Hello, Mum", "озвучь: Привет, мама"),),
        ("🔊 “Hello, Mum”", "🔊 «Привет, мама»"),
        ("create",),
        facts=RICH,
    ),
    *(
        Situation(f"a word of {name}", (words,), said)
        for name, words, said in (
            ("despair", ("i don't understand", "ничего не понимаю"), ("/help", "/help")),
            ("curiosity", ("who are you?", "ты кто?"), ("/help", "/help")),
            ("complaint", ("it doesn't work", "не работает"), ("/support", "/support")),
            ("anger", ("give my money back", "верните деньги"), ("/paysupport", "/paysupport")),
            ("farewell", ("bye", "до свидания"), ("See you", "До встречи")),
            ("hunger", ("one more", "ещё раз"), ("Another one", "Ещё вариант")),
        )
    ),
    Situation(
        "a shape in the words",
        (("a cat 9:16", "кот 9:16"),),
        ("9:16 · ", "9:16 · "),
        ("create",),
    ),
    Situation(
        "a shape in words",
        (("a vertical video of coffee", "вертикальное видео про кофе"),),
        ("9:16 · ", "9:16 · "),
        ("create",),
        facts=RICH,
    ),
    Situation(
        "too long for the model of the card",
        (WISH, "x" * 1500),
        ("so another model", "другая модель"),
        ("create", "undo"),
        facts=RICH,
    ),
    Situation("a shape alone at a card", (WISH, "9:16"), CARD, ("create", "change")),
    Situation("a shape alone at a card is its shape", (WISH, "9:16"), ("9:16 · ", "9:16 · ")),
    Situation(
        "a clip of the photo on the card",
        (PHOTO, WISH, ("make a video of waves", "сделай видео волн")),
        ("🎬 “make", "🎬 «сделай"),
        ("create",),
        facts=RICH,
    ),
    Situation(
        "a clip of the photo, without a word about what happens",
        (PHOTO, ("make a video", "сделай видео")),
        ("🎬 “The scene", "🎬 «Сцена"),
        ("create",),
        facts=RICH,
    ),
    Situation(
        "an action on a photo after a recording",
        (VOICE, ("remove the background", "убери фон")),
        ("Send a photo", "Пришлите фото"),
        facts=RICH,
    ),
    Situation(
        "cancel, in words",
        (WISH, ("cancel", "отмена")),
        ("weren't charged", "Ничего не списано"),
        home=True,
    ),
    Situation(
        "a command corrected to another one",
        (written("/image waves", 10), corrected("/video waves", 10)),
        ("🎬 “waves”", "🎬 «waves»"),
        ("create", "task"),
        facts=RICH,
    ),
    Situation(
        "a command alone that gets its words by a correction",
        (written("/image", 10), corrected("/image fox", 10)),
        ("“fox”", "«fox»"),
        ("create",),
    ),
    Situation("a text from right to left", (RTL,), (f"“{RTL}”", f"«{RTL}»"), ("create",)),
    Situation(
        "a wish of a command, corrected",
        (written("/image fx", 10), corrected("/image fox", 10)),
        ("“fox”", "«fox»"),
        ("create",),
    ),
    Situation(
        "a command of an earlier bot's keyboard",
        (("🏠 Main menu", "🏠 Главное меню"),),
        ("/menu", "/menu"),
    ),
    Situation("what is sought by its name", (("balance", "баланс"),), ("/balance", "/balance")),
    Situation(
        "four pictures",
        (WISH, press("several"), press("pick|2|4")),
        ("×4", "4\u00a0шт."),
        ("create",),
        facts=RICH,
    ),
    Situation(
        "back from how many",
        (WISH, press("several"), press("back")),
        ("free, 20\u00a0left", "бесплатно, сегодня ещё\u00a020"),
        ("create",),
        facts=RICH,
    ),
    Situation("an unknown command", ("/generate",), ("/help", "/help")),
    Situation("a number for words", (press("task||draw"), "123"), ("“123”", "«123»"), ("create",)),
    Situation(
        "words for a number",
        (model("qwen/text-to-image"), WISH, press("settings"), press("change|3|seed"), "abc"),
        ("Please send a number", "Пришлите число"),
        ("create",),
        facts=RICH,
    ),
    *(
        Situation(
            f"a count with its unit: {words}",
            (model("wan/2-7-image"), WISH, press("change|2|n"), words),
            ("×3", "3\N{NO-BREAK SPACE}шт."),
            ("create",),
            facts=RICH,
        )
        for words in ("3 шт", "3 pictures", "x3", "3x", "×3", "х3", "3 штуки.")
    ),
    Situation(
        "seconds with their unit",
        (
            model("kling/v2-5-turbo-text-to-video-pro"),
            *(WISH, press("change|2|duration"), "10 секунд"),
        ),
        ("10\N{NO-BREAK SPACE}s", "10\N{NO-BREAK SPACE}с"),
        ("create",),
        facts=RICH,
    ),
    Situation(
        "more pictures than there may be, with their unit",
        (model("wan/2-7-image"), WISH, press("change|2|n"), "30 шт"),
        ("at most", "не больше"),
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
