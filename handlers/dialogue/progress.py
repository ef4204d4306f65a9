"""The message that shows the progress of a job, from its order to its end."""

from handlers.dialogue.effects import Screen
from handlers.dialogue.places import Places, Spot
from handlers.words.texts import Markup, duration, say
from kie.api.limiter import RATES


def progress(key: str, title: str, seconds: float, language: str) -> Screen:
    """``key`` is the state: accepted, started, delayed."""
    return Screen(say(language, key, title=title, time=duration(language, seconds)))


def waiting(shown: Screen, place: int, places: Places, spot: Spot) -> Screen:
    """A queued job: its place, when its turn comes, and the buttons while it waits."""
    text = shown.text
    if place > 1:
        calls, seconds = RATES["create"]
        time = duration(spot.language, place * seconds / calls)
        text = Markup(text + say(spot.language, "place_in_queue", n=place, time=time))
    return Screen(text, places.keyboard("waiting", spot))
