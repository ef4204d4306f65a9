"""The message that shows the progress of a job, from its order to its end."""

from handlers.dialogue.effects import Screen
from handlers.dialogue.places import Places, Spot
from handlers.words.texts import Markup, duration, say


def progress(key: str, title: str, seconds: float, language: str) -> Screen:
    """``key`` is the state: accepted, started, delayed, done, not_made."""
    return Screen(say(language, key, title=title, time=duration(language, seconds)))


def waiting(shown: Screen, place: int, places: Places, spot: Spot) -> Screen:
    """A queued job: how many jobs are before it, and the buttons while it waits."""
    text = shown.text
    if place > 1:
        text = Markup(text + say(spot.language, "place_in_queue", n=place - 1))
    return Screen(text, places.keyboard("waiting", spot))
