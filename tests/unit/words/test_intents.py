"""Small talk is what says nothing else, and an action is what a caption names."""

import pytest

from handlers.words import intents

WISHES = (
    "Спасибо открытка маме",
    "Спасибо маме за детство, открытка",
    "thank you card with roses",
    "thanks, but make it blue",
    "постер низкие цены",
    "цены на вывеске",
    "how much wood would a woodchuck",
    "how much wood would a woodchuck chuck?",
    "сколько стоит слон плакат в раме",
    "тупой угол чертёж",
    "Иван дурак на печи",
    "идиот Достоевского обложка",
    "бляха на ремне",
    "сука с щенками",
    "художник рисует хутор",
    "схема как всё работает внутри",
    "infographic how does it work",
    "привет из Сочи",
    "hello kitty",
    "help wanted sign",
    "price tag",
    "меню ресторана",
    "пока горит свеча",
    "ещё один день, плакат",
    "another world",
    "возврат блудного сына",
    "где мой дом, акварель",
    "цена свободы, плакат",
    "робот",
    "balance bike",
    "fashion models",
)
SMALL_TALK = {
    "спасибо!": intents.THANKS,
    "Большое спасибо, очень красиво": intents.THANKS,
    "спасибо за помощь": intents.THANKS,
    "Thank you so much": intents.THANKS,
    "thanks a lot": intents.THANKS,
    "привет, бот": intents.HELLO,
    "сколько стоит?": intents.PRICE,
    "сколько это стоит": intents.PRICE,
    "Сколько стоит одна картинка?": intents.PRICE,
    "почём?": intents.PRICE,
    "какие у вас цены?": intents.PRICE,
    "how much is it?": intents.PRICE,
    "How much does a picture cost?": intents.PRICE,
    "prices?": intents.PRICE,
    "what does it cost?": intents.PRICE,
    "как это работает?": intents.HOW,
    "что ты умеешь?": intents.HOW,
    "how does this work?": intents.HOW,
    "what can you do": intents.HOW,
    "помоги": intents.HOW,
    "тупой бот": intents.RUDE,
    "ты дурак": intents.RUDE,
    "stupid bot": intents.RUDE,
    "you idiot": intents.RUDE,
    "you suck": intents.RUDE,
    "fuck you": intents.RUDE,
    "ничего не понимаю": intents.HOW,
    "ты робот?": intents.HOW,
    "who are you?": intents.HOW,
    "у меня не работает": intents.COMPLAINT,
    "где моя картинка?": intents.COMPLAINT,
    "Give me my money back!": intents.COMPLAINT,
    "ещё раз": intents.AGAIN,
    "one more": intents.AGAIN,
    "пока": intents.BYE,
    "как дела?": intents.HELLO,
    "цена видео": intents.PRICE,
    "🏠 Главное меню": intents.SCREENS,
    "💰 Баланс": intents.SCREENS,
    "пополнить баланс": intents.SCREENS,
    "my works": intents.SCREENS,
    "Settings": intents.SCREENS,
}


@pytest.mark.parametrize("words", WISHES)
def test_words_that_describe_something_are_a_wish(words: str) -> None:
    assert intents.intent(words) is None


@pytest.mark.parametrize(("words", "meant"), SMALL_TALK.items())
def test_words_that_say_nothing_else_are_small_talk(words: str, meant: str) -> None:
    assert intents.intent(words) == meant


#: Words under a file → the action that they name, and whether they describe nothing beside it.
CAPTIONS = {
    "убери фон": ("cutout", True),
    "Убери, пожалуйста, фон с фото": ("cutout", True),
    "убери фон с этого фото, пожалуйста": ("cutout", True),
    "без фона": ("cutout", True),
    "remove background": ("cutout", True),
    "Please remove the background from this photo": ("cutout", True),
    "нарисуй этого кота в скафандре на Луне, без фона": ("cutout", False),
    "поставь вазу, убери фонарь справа": (None, False),
    "без фонарей и машин, пустая улица": (None, False),
    "remove the backpack": (None, False),
    "улучши": ("upscale", True),
    "Улучши качество фото": ("upscale", True),
    "увеличь разрешение": ("upscale", True),
    "upscale this to 4k": ("upscale", True),
    "enhance the photo": ("upscale", True),
    "увеличь глаза коту": (None, False),
    "улучши свет и убери прыщи на лице": (None, False),
    "enlarge his hat": (None, False),
    "оживи": ("animate", True),
    "Оживи фото": ("animate", True),
    "оживи кота": ("animate", False),
    "bring it to life": ("animate", True),
    "оживлённая улица": (None, False),
    "animated film style": (None, False),
    "измени цвет": ("edit", False),
    "exchange of glances": (None, False),
}


@pytest.mark.parametrize(("words", "found"), CAPTIONS.items())
def test_a_caption_names_an_action_by_whole_words(
    words: str, found: tuple[str | None, bool]
) -> None:
    action, alone = found

    assert intents.action_of(words) == action
    assert intents.only_names(words) == alone


def test_an_answer_between_invisible_characters_is_still_one() -> None:
    padded = "\u200b" * 300
    assert intents.intent(f"{padded}да{padded}") == intents.YES
    assert intents.intent(f"{padded}n{padded}o{padded}") == intents.NO
    assert intents.intent(padded) == intents.EMPTY
    assert intents.intent(f"{padded}🙂") == intents.EMOJI


@pytest.mark.parametrize("text", ["\u3164", "\u3164 \u3164", "\u2800", "\uffa0!", "\u115f\u1160"])
def test_letters_that_show_nothing_describe_nothing(text: str) -> None:
    assert intents.intent(text) in {intents.EMPTY, intents.EMOJI}
