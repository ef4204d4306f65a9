"""Photos, albums, recordings, and what is no file."""

from tests.support.edges import telegram_updates as telegram
from tests.support.situations.acts import (
    ALBUM,
    CARD,
    CLIP,
    CLIPS,
    CONTENTS,
    RICH,
    SMALL,
    STICKER,
    WHAT,
    WISH,
    Situation,
    document,
    model,
    photo,
    press,
    replying,
    voice,
    written,
)

FILES = (
    Situation("a photo", (photo(),), WHAT, ("task", "able", "forget")),
    Situation("a caption that is a verb", (photo("оживи"),), ("🎬", "🎬"), ("create",), facts=RICH),
    Situation(
        "remove background", (photo("remove background"),), ("🧰", "🧰"), ("create",), facts=RICH
    ),
    Situation("a caption that is a wish", (photo(WISH),), CARD, ("create",), facts=RICH),
    *(
        Situation(
            f"a caption with a verb and more: {words}",
            (photo(words),),
            (f"“{words}”", f"«{words}»"),
            ("create",),
            facts=RICH,
        )
        for words in (
            "нарисуй этого кота в скафандре на Луне, без фона",
            "поставь вазу, убери фонарь справа",
            "без фонарей и машин, пустая улица",
            "увеличь глаза коту",
            "улучши свет и убери прыщи на лице",
            "remove the background and add a beach",
            "оживи кота, пусть бежит по крыше",
        )
    ),
    Situation(
        "a reply to a photo that sounds like small talk",
        (replying("сколько стоит?", photo=[{**SMALL, "file_size": 9}]),),
        ("1 photo", "1 фото"),
        ("create",),
        facts=RICH,
    ),
    Situation(
        "a reply that thanks for a picture",
        (replying("спасибо!", photo=[{**SMALL, "file_size": 9}]),),
        ("You're welcome", "Пожалуйста"),
    ),
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
        ("25.0\u00a0MB", "25.0\u00a0МБ"),
    ),
    Situation(
        "a PDF", (document("application/pdf", "a.pdf"),), ("this kind of file", "Такой файл")
    ),
    *(
        Situation(f"{name} at a card", (WISH, telegram.message(**content)), CARD, ("create",))
        for name, content in CONTENTS.items()
    ),
    *(
        Situation(
            f"{name} in idle",
            (telegram.message(**content),),
            ("words or a photo", "слова или фото"),
        )
        for name, content in CONTENTS.items()
        if name != "a sticker"
    ),
    *(
        Situation(
            f"{name} at a question",
            ("/image", telegram.message(**content)),
            ("What should I draw?", "Что нарисовать?"),
            ("cancel",),
        )
        for name, content in CONTENTS.items()
    ),
    *(
        Situation(
            f"{name} where a photo is asked",
            (press("task||cutout"), telegram.message(**content)),
            ("Send a photo", "Пришлите фото"),
            ("cancel",),
        )
        for name, content in CONTENTS.items()
    ),
    Situation(
        "words after the photos that a question waits for",
        (model("google/nano-banana-edit"), photo(), photo(), WISH),
        ("2 photos", "2 фото"),
        ("create",),
        facts=RICH,
    ),
    Situation(
        "an album for a clip of one photo",
        ("/video waves", photo(**ALBUM), photo(**ALBUM), photo(**ALBUM)),
        ("Took 1; the rest", "Взято 1, больше"),
        ("create",),
        facts=RICH,
    ),
    *(
        Situation(name, (telegram.message(**content),), WHAT, ("task", "able", "forget"))
        for name, content in CLIPS.items()
    ),
    *(
        Situation(
            f"{name} at a card",
            (WISH, telegram.message(**content)),
            (WISH, WISH),
            ("task", "able", "forget"),
        )
        for name, content in CLIPS.items()
    ),
    Situation(
        "a video where a photo is asked",
        (press("task||cutout"), telegram.message(video=CLIP)),
        ("I need a photo", "Здесь нужно фото"),
    ),
    Situation(
        "a video too long",
        (model("topaz/video-upscale"), telegram.message(video={**CLIP, "duration": 4000})),
        ("4000\u00a0s is too long", "4000\u00a0с"),
    ),
    Situation("a sticker", (telegram.message(sticker=STICKER),), ("sticker", "стикер")),
    Situation("a voice", (voice(4),), ("A wish? Please write it", "напишите его словами")),
    Situation(
        "a voice, then words",
        (voice(4), WISH),
        ("recording is put aside", "Запись отложена"),
        ("create",),
    ),
    Situation(
        "a recording, then an action on photos",
        (voice(4), "/start", press("task||edit")),
        ("Send up to 10 photos", "Пришлите от 1 до 10 фото"),
        ("cancel",),
        facts=RICH,
    ),
    Situation(
        "a photo and a recording, then an action on photos",
        (photo(), voice(4), "/start", press("task||animate")),
        ("1 photo", "1 фото"),
        ("create",),
        facts=RICH,
    ),
    Situation(
        "a voice where a sound is asked",
        (model("elevenlabs/audio-isolation"), voice(4)),
        ("1 recording", "1 запись"),
        ("create",),
        facts=RICH,
    ),
    Situation(
        "a voice too long",
        (model("elevenlabs/audio-isolation"), voice(601)),
        ("601\u00a0s", "601\u00a0с"),
    ),
    Situation(
        "a forwarded photo of a hidden user",
        (photo(forward_origin={"type": "hidden_user", "date": 1, "sender_user_name": "X"}),),
        WHAT,
        ("task",),
    ),
)
