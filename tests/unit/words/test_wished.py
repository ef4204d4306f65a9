"""A wish is for what its first words name; words that name only a kind describe nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.words import wished

VIDEOS = (
    "видео про волны",
    "Сделай ролик, где кот бежит",
    "сделай видео кота",
    "Сделай мне короткое видео, где волны",
    "создай видеоролик про наш магазин",
    "сними клип о весне",
    "хочу видео с котом",
    "видео волн на закате",
    "Видео: рассвет",
    "нужна анимация логотипа",
    "анимация падающего снега",
    "сгенерируй гифку с котом",
    "можешь сделать видео, как танцует кот",
    "мультик про ёжика",
    "анимируй падающий лист",
    "make a video of waves",
    "Create a short, funny video about a cat",
    "generate a 5 second clip of rain",
    "can you make me a video with a dog",
    "I want a video of the sea",
    "video of a fox",
    "an animation of a robot",
    "a cinematic clip showing Paris",
    "Please make a music video about cats",
    "let's make a video where birds fly",
    "animate a paper plane",
    "Video - sunset",
)
SONGS = (
    "песня про кота",
    "Спой мне о море",
    "напиши песню для мамы",
    "напиши песню маме на юбилей",
    "сочини весёлую песенку про осень",
    "колыбельная для дочки",
    "рэп про понедельник",
    "напиши музыку для медитации",
    "хочу песню о любви",
    "Песня: ветер",
    "a song about the sea",
    "Sing about love",
    "write a love song",
    "make me a happy birthday song for Kate",
    "compose calm music",
    "create a song about rain",
    "a rap about Monday",
    "lullaby for a baby",
    "write me a jingle for a coffee shop",
)
PICTURES = (
    "рыжий лис",
    "певица поёт песню на сцене",
    "постер к песне о любви",
    "видеокамера на столе",
    "видео игра постер",
    "нарисуй кота с видеокамерой",
    "создай карту мира",
    "сделай логотип студии",
    "сделай картинку как из видео",
    "ролики на асфальте",
    "мультяшный кот",
    "трек гоночный",
    "рэпер на сцене",
    "songbird on a branch",
    "single red rose",
    "song of ice and fire",
    "video game poster",
    "make a video game character",
    "clip art of a cat",
    "create a clip art of a cat",
    "film noir detective",
    "animated film style",
    "create a cartoon cat",
    "make a music box",
    "music notes background",
    "sheet music on a piano",
    "draw a girl singing a song",
    "girl making a video with a phone",
)
KINDS = {
    **dict.fromkeys(VIDEOS, wished.VIDEO),
    **dict.fromkeys(SONGS, wished.AUDIO),
    **dict.fromkeys(PICTURES, wished.IMAGE),
}
BARE = {
    "сделай видео": wished.VIDEO,
    "Хочу видео!": wished.VIDEO,
    "make a video": wished.VIDEO,
    "напиши песню": wished.AUDIO,
    "спой": wished.AUDIO,
    "write me a song": wished.AUDIO,
    "нарисуй": wished.IMAGE,
    "Нарисуй мне что-нибудь": wished.IMAGE,
    "сделай красивую картинку": wished.IMAGE,
    "draw me a picture": wished.IMAGE,
    "нарисуй кота": None,
    "сделай видео кота": None,
    "a red fox": None,
}
ALOUD = {
    "озвучь: Привет, мама!": "Привет, мама!",
    "Озвучь текст «Добрый день»": "Добрый день",
    "озвучь": "",
    "прочитай вслух стих про осень": "стих про осень",
    "read aloud: Hello": "Hello",
    "Please read aloud: Hello": "Hello",
    "озвучка фильма": None,
    "reading a book aloud": None,
    "рыжий лис": None,
}


@pytest.mark.parametrize(("words", "kind"), KINDS.items())
def test_a_wish_is_for_what_its_first_words_name(words: str, kind: str) -> None:
    assert wished.kind_of(words) == kind


@pytest.mark.parametrize(("words", "kind"), BARE.items())
def test_a_kind_alone_describes_nothing(words: str, kind: str | None) -> None:
    assert wished.bare(words) == kind


@pytest.mark.parametrize(("words", "said"), ALOUD.items())
def test_what_is_to_be_read_aloud_stands_behind_the_verb(words: str, said: str | None) -> None:
    assert wished.spoken(words) == said


@pytest.mark.parametrize(
    ("words", "shape"),
    [
        ("кот 9:16", "9:16"),
        ("16:9 город ночью", "16:9"),
        ("a fox, 4 : 3", "4:3"),
        ("вертикальное видео про кофе", "9:16"),
        ("обложка для сторис", "9:16"),
        ("a landscape photo of hills", "16:9"),
        ("квадратная картинка с котом", "1:1"),
        ("квадратный стол", None),
        ("вертикальные жалюзи", None),
        ("часы показывают 10:15:30", None),
        ("рыжий лис", None),
    ],
)
def test_a_shape_is_named_by_a_ratio_or_beside_what_has_one(words: str, shape: str | None) -> None:
    assert wished.format_of(words) == shape


@given(st.text(max_size=300), st.sampled_from(sorted(KINDS)))
def test_any_words_name_some_kind_and_those_behind_a_wish_never_change_it(
    noise: str, wish: str
) -> None:
    assert wished.kind_of(noise) in {wished.IMAGE, wished.VIDEO, wished.AUDIO}
    assert wished.kind_of(f"{wish}, {noise}") == KINDS[wish]
