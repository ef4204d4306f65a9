"""What a task costs, in credits, by ``market.yaml``.

The price list knows tiers (resolution, duration, sound …) and units (per image, per second,
per 1000 characters …). Where it leaves something open this simulator decides, and says so
here: lengths of clips that the input does not name are ``NOMINAL_SECONDS``, a picture has one
megapixel, and a model that was never seen with a price costs ``UNKNOWN_PRICE``.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.kie.market.catalogue import MarketModel

NOMINAL_SECONDS = 5.0
UNKNOWN_PRICE = 1.0
AUDIO_TOKENS_PER_CHARACTER = 2.0


def price(model: MarketModel, inputs: Mapping[str, Any], parent: Mapping[str, Any]) -> float:
    """Credits for this input, defaults filled in; ``parent`` is the input of the task that
    it goes on from, or empty."""
    if model.price is None:
        return UNKNOWN_PRICE
    unit = model.price["unit"]
    if unit == "million_tokens":
        return _by_tokens(model, inputs)
    credits = _tier(model.price, _facts(inputs, parent)) * _amount(unit, model, inputs)
    pictures = sum(
        len(value)
        for name, value in inputs.items()
        if isinstance(value, list) and ("image" in name or name == "input_urls")
    )
    extra = float(model.price.get("extra_per_input_image", 0)) * pictures
    return round(credits + extra, 2)


def count(model: MarketModel, inputs: Mapping[str, Any]) -> int:
    """How many files come back."""
    if isinstance(model.count, int):
        return model.count
    return max(1, int(inputs.get(model.count, 1)))


def _amount(unit: str, model: MarketModel, inputs: Mapping[str, Any]) -> float:
    if unit in {"image", "output_image", "layer"}:
        return count(model, inputs)
    if unit == "second":
        return _seconds(inputs)
    if unit == "1000_characters":
        return len(_words(inputs)) / 1000
    return 1.0  # video, generation, megapixel, minute


def _seconds(inputs: Mapping[str, Any]) -> float:
    try:
        named = float(inputs.get("duration", 0))
    except (TypeError, ValueError):
        named = 0.0
    return named if named > 0 else NOMINAL_SECONDS


def _words(value: Any) -> str:
    """All text that is spoken."""
    if isinstance(value, Mapping):
        parts = (
            _words(value[key]) for key in ("text", "dialogue", "dialogue_turns") if key in value
        )
        return "".join(parts)
    if isinstance(value, list):
        return "".join(_words(item) for item in value)
    return value if isinstance(value, str) else ""


def _by_tokens(model: MarketModel, inputs: Mapping[str, Any]) -> float:
    assert model.price is not None
    tiers = {tier["when"]["tokens"]: tier["credits"] for tier in model.price["tiers"]}
    characters = len(_words(inputs))
    spoken: float = characters * AUDIO_TOKENS_PER_CHARACTER * tiers["audio output"]
    read: float = characters / 4 * tiers["input"]
    return round((read + spoken) / 1_000_000, 4)


def _facts(inputs: Mapping[str, Any], parent: Mapping[str, Any]) -> dict[str, Any]:
    """What tiers ask for: the input, and what follows from it."""
    source = parent.get("resolution", "480p")
    videos = any("video" in name and bool(value) for name, value in inputs.items())
    return {
        "has_video_input": videos,
        "source": source,
        "from": source,
        "to": inputs.get("resolution"),
        "output": "4K" if str(inputs.get("upscale_factor")) == "4" else "up to 2K",
        **inputs,
    }


def _tier(given: Mapping[str, Any], facts: Mapping[str, Any]) -> float:
    """The tier of which most is true; of equals the first."""
    if "credits" in given:
        return float(given["credits"])
    best = max(given["tiers"], key=lambda tier: _fit(tier["when"], facts))
    return float(best["credits"])


def _fit(when: Mapping[str, Any], facts: Mapping[str, Any]) -> tuple[bool, int]:
    true = sum(str(facts.get(name, False)) == str(value) for name, value in when.items())
    return true == len(when), true
