"""How each step looks: text and buttons, in the user's language."""

from collections.abc import Mapping
from typing import Any

from handlers.dialogue import buttons, payment
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.dialogue.facts import Facts, Shop
from handlers.offers import Offer, Question
from handlers.texts import Markup, duration, escape, plain, say, shorten

PROMPT_SHOWN = 700  #: UTF-16 units of a prompt on a screen
CAPTION_PROMPT = 600  #: in a caption, which takes 1024 in all
_ROW = 3  #: choices in a row


def menu(shop: Shop, language: str, lead: Markup | None = None) -> Screen:
    """The models as buttons; ``lead`` stands instead of the greeting."""
    name = shop.bot_name or plain(language, "my_name")
    lines = [lead or say(language, "menu", bot=name)]
    lines += [
        say(language, "menu_offer", title=title(offer, language), summary=summary)
        for offer in shop.offers.values()
        if (summary := offer.summaries.get(language, ""))
    ]
    models = [
        Button(title(offer, language), buttons.encode(buttons.MODEL, offer.model))
        for offer in shop.offers.values()
    ]
    rest = [Button(plain(language, "button_help"), buttons.encode(buttons.HELP))]
    if shop.sells:
        rest.insert(0, Button(plain(language, "button_balance"), buttons.encode(buttons.BALANCE)))
    if shop.support.shown:
        rest.append(Button(plain(language, "button_support"), buttons.encode(buttons.SUPPORT)))
    rest.append(Button(plain(language, "button_language"), buttons.encode(buttons.LANGUAGE)))
    return Screen(Markup("\n\n".join(lines)), (*_rows(models, 2), tuple(rest)))


def question(offer: Offer, asked: Question, language: str, version: int) -> Screen:
    label = asked.labels.get(language, asked.name)
    cancel = (
        Button(plain(language, "button_cancel"), buttons.encode(buttons.CANCEL, version=version)),
    )
    if not asked.is_text:
        picks = [
            Button(choice, buttons.encode(buttons.PICK, choice, version=version))
            for choice in asked.choices
        ]
        text = say(language, "ask_choice", title=title(offer, language), label=label)
        return Screen(text, (*_rows(picks, _ROW), cancel))
    key = "ask_text" if asked is offer.prompt else "ask_other_text"
    text = say(
        language,
        key,
        title=title(offer, language),
        label=label,
        min=asked.min_length,
        max=asked.max_length,
    )
    return Screen(text, (cancel,))


def confirm(
    offer: Offer, inputs: Mapping[str, Any], facts: Facts, language: str, version: int
) -> Screen:
    """Everything that will be made, what it costs, and the button that does it."""
    price = payment.price(payment.terms(offer, facts.account), language)
    prompt_question = offer.prompt
    settings = "".join(
        say(
            language,
            "confirm_setting",
            label=each.labels.get(language, each.name),
            value=shorten(str(inputs[each.name]), 100),
        )
        for each in offer.questions
        if each is not prompt_question and each.name in inputs
    )
    text = say(
        language,
        "confirm",
        title=title(offer, language),
        settings=Markup(settings),
        price=price,
        time=duration(language, offer.seconds),
        prompt=shorten(prompt_of(offer, inputs), PROMPT_SHOWN),
    )
    if facts.shop.closed is not None:
        text = Markup(text + say(language, "unavailable_now"))
    create = plain(language, "button_create", price=price)
    changes = [
        Button(
            plain(language, "button_change", label=each.labels.get(language, each.name)),
            buttons.encode(buttons.CHANGE, each.name, version=version),
        )
        for each in offer.questions
    ]
    return Screen(
        text,
        (
            (Button(create, buttons.encode(buttons.CREATE, version=version)),),
            *_rows(changes, 2),
            (
                Button(
                    plain(language, "button_cancel"),
                    buttons.encode(buttons.CANCEL, version=version),
                ),
            ),
        ),
    )


def progress(key: str, offer_title: str, seconds: float, language: str) -> Screen:
    """The message that shows how a job stands."""
    return Screen(say(language, key, title=offer_title, time=duration(language, seconds)))


def waiting(shown: Screen, job_id: int, place: int, language: str) -> Screen:
    """A queued job: how many are before it, and the button that stops it."""
    text = shown.text
    if place > 1:
        text = Markup(text + say(language, "place_in_queue", n=place - 1))
    stop = Button(plain(language, "button_stop"), buttons.encode(buttons.STOP, job_id))
    return Screen(text, ((stop,),))


def result_caption(offer_title: str, prompt: str, seconds: float, language: str) -> Markup:
    return say(
        language,
        "caption",
        title=offer_title,
        time=duration(language, seconds),
        prompt=shorten(prompt, CAPTION_PROMPT),
    )


def after_result(job_id: int, language: str, again: str = "button_again") -> Keyboard:
    """What can be done next, under a result or a failure."""
    return (
        (Button(plain(language, again), buttons.encode(buttons.AGAIN, job_id)),),
        (
            Button(plain(language, "button_new"), buttons.encode(buttons.NEW)),
            Button(plain(language, "button_menu"), buttons.encode(buttons.MENU)),
        ),
    )


def help_screen(shop: Shop, language: str) -> Screen:
    support = say(language, "help_support") if shop.support.shown else Markup("")
    return Screen(say(language, "help", support=support), (_home(language),))


def support_screen(shop: Shop, language: str) -> Screen:
    if not shop.support.shown:
        return Screen(say(language, "support_hidden"), (_home(language),))
    lines = [escape(shop.support.text)] if shop.support.text else []
    if shop.support.contact:
        lines.append(say(language, "support_contact", contact=shop.support.contact))
    return Screen(say(language, "support", text=Markup("\n\n".join(lines))), (_home(language),))


def sentence(text: Markup, language: str) -> Screen:
    """A sentence with the way home."""
    return Screen(text, (_home(language),))


def group(shop: Shop, language: str) -> Screen:
    keyboard: Keyboard = ()
    if shop.bot_username:
        link = f"https://t.me/{shop.bot_username}"
        keyboard = ((Button(plain(language, "button_open_private"), url=link),),)
    return Screen(say(language, "group"), keyboard)


def title(offer: Offer, language: str) -> str:
    return offer.titles.get(language, offer.model)


def prompt_of(offer: Offer, inputs: Mapping[str, Any]) -> str:
    asked = offer.prompt
    return str(inputs.get(asked.name, "")) if asked is not None else ""


def _home(language: str) -> tuple[Button, ...]:
    return (
        Button(plain(language, "button_new"), buttons.encode(buttons.NEW)),
        Button(plain(language, "button_menu"), buttons.encode(buttons.MENU)),
    )


def _rows(row: list[Button], width: int) -> Keyboard:
    return tuple(tuple(row[start : start + width]) for start in range(0, len(row), width))
