"""Search of models: by a part of the name, by its Russian spelling, or by the task."""

import re
from collections.abc import Sequence

from handlers.shop.offers import Offer
from handlers.shop.shop import Shop
from handlers.words.intents import action_of

#: How names are spelt in Russian: the beginning of the word → the name.
_SPELT = {
    "клинг": "kling",
    "нано": "nano",
    "банан": "banana",
    "сидрим": "seedream",
    "сиданс": "seedance",
    "вео": "veo",
    "суно": "suno",
    "флюкс": "flux",
    "флакс": "flux",
    "грок": "grok",
    "ван": "wan",
    "хайлуо": "hailuo",
    "минимакс": "minimax",
    "пиксверс": "pixverse",
    "квен": "qwen",
    "топаз": "topaz",
    "идеограм": "ideogram",
    "имаджен": "imagen",
    "имейджен": "imagen",
    "рекрафт": "recraft",
    "элевен": "elevenlabs",
    "инфинит": "infinitalk",
    "гпт": "gpt",
    "зет": "z-",
}
#: Letters of a long word that must agree: endings change in Russian.
_STEM = 5


def find(shop: Shop, query: str) -> Sequence[Offer]:
    """The models that have every word of the query, most used first; before them those that do
    what the query asks for."""
    words = re.findall(r"[\w.-]+", query.casefold())
    action = action_of(query)
    able = [*shop.able_to(action, "image"), *shop.able_to(action, "video")] if action else []
    named = [each for each in shop.by_use if words and all(_has(each, word) for word in words)]
    return list({each.model: each for each in (*able, *named)}.values())


def _has(offer: Offer, word: str) -> bool:
    known = " ".join((offer.model, *offer.titles.values(), *offer.summaries.values())).casefold()
    spelt = next((name for start, name in _SPELT.items() if word.startswith(start)), None)
    stem = word[: max(_STEM, len(word) - 2)]
    return word in known or stem in known or (spelt is not None and spelt in known)
