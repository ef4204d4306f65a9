"""Subscriptions as users see them: the offer, what they have, its end.

Telegram sells a subscription through a link only, so the answer to a press is a message with that
link. From then on Telegram collects the Stars each month and asks nobody; each renewal comes as a
payment (``buying.py``). One press ends a subscription, and its user is told when Telegram has
ended it. Without the charge id of its first payment, which only the bot that has sold it knows,
its user has to end it in Telegram.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.bot_api.star_calls import asking_to_pay, asking_to_subscribe, ending
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import Payload, saying
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Button, Effect, Effects, Keyboard, Toast
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import SubscriptionNews
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Reading, Work
from handlers.features.paying.words import plain, say
from handlers.shop import worth
from handlers.words import moments
from handlers.words.texts import Markup
from kie.money import subscriptions
from kie.money.orders import Order
from kie.money.subscriptions import PERIOD, TOLD, End, Subscription


@dataclass(frozen=True, slots=True)
class EndSubscription(Effect):
    """Telegram is asked to collect nothing more."""

    subscription: Subscription


@dataclass(frozen=True, slots=True)
class NoteNews(Effect):
    """A subscription changed at Telegram."""

    news: SubscriptionNews


def theirs(reading: Reading) -> Sequence[Subscription]:
    """The subscriptions that the user is shown."""
    user_id = reading.facts.incoming.sender.user_id
    return subscriptions.of(reading.tx, reading.installation.bot_id, user_id)


# --------------------------------------------------------------------- rules --


def press_end(facts: Facts, press: Press, found: Sequence[Subscription] | None) -> Effects:
    """One press ends it."""
    named = next((each for each in found or () if each.id == press.number), None)
    if named is None or named.state != "active":
        return (Toast(plain(facts.language, "toast_not_subscribed"), alert=True),)
    if not named.can_end:
        return (Toast(plain(facts.language, "toast_end_in_telegram"), alert=True),)
    return (EndSubscription(named),)


def news(facts: Facts, told: SubscriptionNews) -> Effects:
    """What its user did in Telegram, or what failed there."""
    del facts
    return (NoteNews(told),) if told.state in TOLD else ()


# ------------------------------------------------------------------- screens --


def lines(language: str, found: Sequence[Subscription]) -> list[Markup]:
    """What the user has."""
    return [_line(language, each) for each in found]


def _line(language: str, each: Subscription) -> Markup:
    key = f"monthly_{each.state}"
    if each.state == "active" and not each.can_end:
        key = "monthly_elsewhere"
    day = moments.day(language, each.paid_until)
    return say(language, key, n=each.credits, stars=each.stars, day=day)


def ends(language: str, found: Sequence[Subscription]) -> Keyboard:
    """A button for each that goes on and that the bot can end."""
    text = plain(language, "button_end_monthly")
    going = [each for each in found if each.state == "active" and each.can_end]
    return tuple((Button(text, encode("end_monthly", each.id)),) for each in going)


def offers(spot: Spot, found: Sequence[Subscription]) -> Keyboard:
    """The monthly packs; none for whom has one."""
    if any(each.state == "active" for each in found):
        return ()
    return tuple(
        (
            Button(
                plain(spot.language, "button_monthly", n=each.credits, stars=each.stars),
                encode("buy", each.id),
            ),
        )
        for each in worth.monthly(spot.shop)
    )


def offer(language: str, order: Order, payload: str) -> Payload:
    """The message with the link to the invoice."""
    named = {"n": order.credits, "stars": order.stars}
    title = plain(language, "monthly_title", **named)
    description = plain(language, "monthly_description", **named)
    invoice = asking_to_pay(title, description, payload, order.stars)
    text = say(language, "monthly_offer", **named)
    return asking_to_subscribe(invoice, PERIOD, text, plain(language, "button_subscribe", **named))


# --------------------------------------------------------------- carrying out --


def end_subscription(effect: EndSubscription, work: Work) -> Sequence[Delivery]:
    """Noted and asked for in one commit; what Telegram says is told when it has said it."""
    end = subscriptions.begin_end(work.tx, work.installation.bot_id, effect.subscription.id)
    key = "toast_not_subscribed" if end is None else "monthly_is_ending"
    said = work.told("answer", saying(work.facts.sentence(say(work.facts.language, key))))
    if end is None:
        return [said]
    work.count("paying", "subscriptions_ended")
    return [said, *asking_to_end(end)]


def asking_to_end(end: End | None) -> Sequence[Delivery]:
    """None: nothing is to end."""
    if end is None:
        return ()
    return (Delivery(end.user_id, "refund", ending(end.user_id, end.charge_id), end.key),)


def note_news(effect: NoteNews, work: Work) -> Sequence[Delivery]:
    """Its user is told once, with what it means for the credits."""
    told, language = effect.news, work.facts.language
    named = told.sender.user_id, told.payload, told.state
    found = subscriptions.change(work.tx, work.installation.bot_id, *named)
    if found is None:
        return []
    day = moments.date(language, found.paid_until)
    text = say(language, f"news_{told.state}", n=found.credits, stars=found.stars, day=day)
    return [work.told("result", saying(work.facts.sentence(text)))]
