"""The buttons under a result: what fits its kind and is on sale, each with its price.

A button that makes a job at once says its price as ``job:price``; it makes the job only if the
price is still that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button, Keyboard
from handlers.features.results import following
from handlers.features.results.made import seconds_of
from handlers.features.results.words import plain
from handlers.shop import wishes
from handlers.shop.offers import Offer, as_ordered
from handlers.shop.shop import Shop
from handlers.shop.terms import terms
from kie.catalogue.file_actions import ACTIONS
from kie.catalogue.user_file import UserFile
from kie.money.ledger import Account

AGAIN, FORMAT, WORDS, OTHER = "again", "format", "words", "another"
DO, STAR, ORIGINAL, PROMPT, BACK = "do", "star", "original", "prompt", "made"
OFF = "off"  #: after the job's number: it is to be no favourite any more
#: The actions of the table in the rows in which they stand.
_ROWS = (("animate", "edit"), ("upscale", "cutout"))
#: Tools make the same of the same file: there is no other variant.
_TOOLS = "tools"


@dataclass(frozen=True, slots=True)
class Subject:
    """The result that the buttons are about."""

    job_id: int
    model: str
    inputs: Mapping[str, Any]
    kinds: Sequence[str]  #: of its files: image, video, audio
    starred: bool = False


def keyboard(subject: Subject, shop: Shop, account: Account, language: str) -> Keyboard:
    """All that can be done with a result."""
    offer, answers = as_ordered(shop.offers, subject.model, subject.inputs)
    asked = replace(subject, inputs=answers)
    rows = [_variation(asked, offer, account, language), *_reworded(asked, offer, language)]
    kind = subject.kinds[0] if subject.kinds else ""
    rows += [
        [
            button
            for action in row
            if (button := _action(action, subject, kind, shop, account, language)) is not None
        ]
        for row in _ROWS
    ]
    rows += _following(subject, shop, account, language)
    rows.append(_keeping(asked, offer, language))
    rows.append(_sharing(subject, shop, language))
    return tuple(tuple(row) for row in rows if row)


def again(job_id: int, price: int | None, language: str, key: str = "button_again") -> Button:
    """Makes the same once more: at once for that price, or after a card that says it."""
    text = plain(language, key)
    if price is None:
        return Button(text, encode(AGAIN, job_id))
    return Button(_priced(text, price, language), encode(AGAIN, f"{job_id}:{price}"))


def star(job_id: int, language: str, *, starred: bool) -> Button:
    """It names the wanted state, so two quick presses change it once."""
    if starred:
        return Button(plain(language, "button_starred"), encode(STAR, f"{job_id}:{OFF}"))
    return Button(plain(language, "button_star"), encode(STAR, job_id))


def which(action: str, job_id: int, count: int, language: str) -> Keyboard:
    """For a result of several files: which of them, by number."""
    single = action == ORIGINAL
    numbers = [
        Button(str(n), encode(ORIGINAL, f"{job_id}:{n}"))
        if single
        else Button(str(n), encode(DO, f"{job_id}:{action}:{n}"))
        for n in range(1, count + 1)
    ]
    back = Button(plain(language, "button_back_to_result"), encode(BACK, job_id))
    return (*(tuple(numbers[at : at + 5]) for at in range(0, count, 5)), (back,))


def repeat_price(offer: Offer, inputs: Mapping[str, Any], account: Account) -> int | None:
    """The price of the same once more; None: the model does not take these inputs any more."""
    accepted = offer.accepted(inputs)
    if offer.open_question(accepted) is not None or offer.check(accepted):
        return None
    found = terms(offer, account, accepted)
    return None if found.used_up else found.price


def able_to(action: str, kind: str, made_by: str, shop: Shop) -> Sequence[Offer]:
    """The models that do it to such a result. What a tool has done already is not done twice."""
    known = shop.does.get(action)
    if known is None or (made_by in known.models and not ACTIONS[action].worded):
        return ()
    return shop.able_to(action, kind)


# ---------------------------------------------------------------- internal --


def _variation(
    subject: Subject, offer: Offer | None, account: Account, language: str
) -> list[Button]:
    if offer is None or offer.category == _TOOLS or (offer.sources and offer.prompt is None):
        return []
    price = repeat_price(offer, subject.inputs, account)
    return [again(subject.job_id, price, language, "button_variation")]


def _reworded(subject: Subject, offer: Offer | None, language: str) -> Sequence[list[Button]]:
    if offer is None:
        return ()
    row = []
    if wishes.format_input(offer) is not None:
        row.append(Button(plain(language, "button_format"), encode(FORMAT, subject.job_id)))
    if offer.prompt is not None:
        row.append(Button(plain(language, "button_words"), encode(WORDS, subject.job_id)))
    return (row,)


def _action(
    action: str, subject: Subject, kind: str, shop: Shop, account: Account, language: str
) -> Button | None:
    if kind not in ACTIONS[action].takes:
        return None
    able = able_to(action, kind, subject.model, shop)
    plays = seconds_of(subject.inputs) if kind == "video" else None
    if not able or (plays is None and any(asked.timed for asked in able[0].questions)):
        # How long the clip plays is not known here, and the price depends on it.
        return None
    file = UserFile("x", kind, 0, "x", "image/jpeg" if kind == "image" else "video/mp4", plays)
    found = _price(able[0], shop.default_words(action, language), account, file)
    # Two stand in a row: there is no room for the sign of a credit.
    text = f"{plain(language, f'button_do_{action}')} · {found}"
    return Button(text, encode(DO, f"{subject.job_id}:{action}"))


def _price(offer: Offer, words: str, account: Account, file: UserFile) -> int:
    """With defaults for everything, as the card will show it."""
    inputs = offer.accepted(wishes.inputs_for(offer, words or "x", [file]))
    if offer.open_question(inputs) is not None or offer.check(inputs):
        return terms(offer, account).price
    return terms(offer, account, inputs).price


def _keeping(subject: Subject, offer: Offer | None, language: str) -> list[Button]:
    row = [star(subject.job_id, language, starred=subject.starred)]
    if subject.kinds:
        row.append(Button(plain(language, "button_original"), encode(ORIGINAL, subject.job_id)))
    if offer is not None and offer.words_of(subject.inputs):
        row.append(Button(plain(language, "button_prompt"), encode(PROMPT, subject.job_id)))
    return row


def _following(
    subject: Subject, shop: Shop, account: Account, language: str
) -> Sequence[list[Button]]:
    job, files = (subject.job_id, subject.model, subject.inputs), len(subject.kinds)
    found = following.buttons(*job, files, shop, account, language)
    return [list(found[at : at + 2]) for at in range(0, len(found), 2)]


def _sharing(subject: Subject, shop: Shop, language: str) -> list[Button]:
    """Where inline mode is off, Telegram refuses the whole message."""
    if not shop.inline or not subject.kinds:
        return []
    return [Button(plain(language, "button_share"), share=str(subject.job_id))]


def _priced(text: str, price: int, language: str) -> str:
    return plain(language, "button_priced", text=text, n=price)
