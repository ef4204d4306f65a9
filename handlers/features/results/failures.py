"""The message about a job without a result: which job, why, no charge, and what can be done."""

from collections.abc import Mapping
from typing import Any

from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.features.results import result_buttons
from handlers.features.results.words import plain, say
from handlers.shop.offers import Offer
from handlers.words.texts import Markup, shorten
from kie.api.outcome import Failure
from kie.money.ledger import Account

WORDS_SHOWN = 120  #: UTF-16 units of the user's words that say which job it was


def screen(
    job_id: int,
    offer: Offer | None,
    title: str,
    inputs: Mapping[str, Any],
    failure: Failure,
    *,
    words: str,
    account: Account,
    language: str,
) -> Screen:
    """One message that says all."""
    shown = shorten(words.strip(), WORDS_SHOWN)
    quoted = say(language, "failed_words", words=shown) if shown else Markup("")
    head = say(language, "failed", title=title, words=quoted)
    text = Markup(f"{head}\n\n{say(language, f'failed_{failure.value}')}")
    return Screen(text, keyboard(job_id, offer, inputs, account, language))


def keyboard(
    job_id: int,
    offer: Offer | None,
    inputs: Mapping[str, Any],
    account: Account,
    language: str,
) -> Keyboard:
    """Once more for the price on the button, with other words, by another model."""
    other = Button(plain(language, "button_other_model"), encode(result_buttons.OTHER, job_id))
    if offer is None:
        return ((other,),)
    price = result_buttons.repeat_price(offer, inputs, account)
    first = [result_buttons.again(job_id, price, language)]
    if offer.prompt is not None:
        text = plain(language, "button_reword")
        first.append(Button(text, encode(result_buttons.WORDS, job_id)))
    return (tuple(first), (other,))
