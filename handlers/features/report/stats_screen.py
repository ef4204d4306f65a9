"""``/stats`` as a message."""

from collections import Counter, defaultdict

from handlers.dialogue.effects import Screen
from handlers.features.report.amounts import number, percent
from handlers.features.report.figures import Usage
from handlers.features.report.money_screen import keyboard, period, title
from handlers.features.report.words import plain, say
from handlers.shop.shop import Shop
from handlers.words.texts import Markup, measured
from kie.money.days import ModelSums, Sums

MOST_MODELS = 12
HALF, MOST = 0.5, 0.95  #: shares of results


def screen(usage: Usage, shop: Shop, language: str) -> Screen:
    """Users, jobs and durations of its days, with buttons for other days."""
    sums = usage.figures.total
    made = sum(each.made for each in sums.models.values())
    failed = sum(each.failed for each in sums.models.values())
    text = say(
        language,
        "stats",
        period=period(language, usage.figures.count),
        users=number(language, usage.users),
        new=number(language, sums.newcomers),
        active=number(language, usage.active),
        made=number(language, made),
        failed=number(language, failed),
        rate=percent(language, failed / (made + failed) if made + failed else 0.0),
        running=number(language, sum(usage.in_work.values())),
        durations=_durations(sums, language),
        models=_models(usage, sums, shop, language),
    )
    return Screen(text, keyboard("stats", "money", language))


def _durations(sums: Sums, language: str) -> str:
    half, most = sums.duration(HALF), sums.duration(MOST)
    if half is None or most is None:
        return plain(language, "stats_no_durations")
    return plain(
        language,
        "stats_durations",
        half=measured(language, half),
        most=measured(language, most),
    )


def _models(usage: Usage, sums: Sums, shop: Shop, language: str) -> Markup:
    running: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (state, model), count in usage.in_work.items():
        running[model][state] += count
    names = {*running, *(name for name, each in sums.models.items() if each.made or each.failed)}

    def weight(name: str) -> tuple[int, str]:
        each = sums.models.get(name, ModelSums())
        return -(each.made + each.failed + sum(running[name].values())), name

    ranked = sorted(names, key=weight)
    if not ranked:
        return Markup("")
    rows = [
        say(
            language,
            "stats_model",
            title=title(shop, name, language),
            made=number(language, sums.models.get(name, ModelSums()).made),
            failed=number(language, sums.models.get(name, ModelSums()).failed),
            running=_running(running[name], language),
        )
        for name in ranked[:MOST_MODELS]
    ]
    left = len(ranked) - MOST_MODELS
    more = say(language, "stats_more", n=left) if left > 0 else ""
    return say(language, "stats_models", rows=Markup("".join(rows)), more=more)


def _running(states: Counter[str], language: str) -> Markup | str:
    if not states:
        return ""
    told = ", ".join(plain(language, f"state_{state}", n=count) for state, count in states.items())
    return say(language, "stats_running", states=told)
