"""How each step looks: text and buttons, in the user's language."""

from collections.abc import Mapping
from typing import Any

from handlers.dialogue import buttons
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.dialogue.facts import Facts, Shop
from handlers.dialogue.keyboards import home, of_step, rows
from handlers.dialogue.offers import Offer
from handlers.dialogue.texts import Markup, duration, escape, plain, say, shorten
from handlers.features.making.asking import brief, label
from handlers.features.making.menus import title
from handlers.features.paying import credits as payment
from kie.catalogue.input import Input

PROMPT_SHOWN = 700  #: UTF-16 units of a prompt on a screen
CAPTION_PROMPT = 600  #: in a caption, which takes 1024 in all
SETTING_SHOWN = 24  #: UTF-16 units of a value on the button of its setting


def confirm(
    offer: Offer, inputs: Mapping[str, Any], facts: Facts, language: str, version: int
) -> Screen:
    """Everything that will be made, what it costs, and the button that does it."""
    price = payment.price(payment.terms(offer, facts.account, inputs), language)
    said = prompt_of(offer, inputs)
    text = say(
        language,
        "confirm",
        title=title(offer, language),
        settings=_given(offer, inputs, language),
        price=price,
        time=duration(language, offer.seconds),
        prompt=_quoted(said, PROMPT_SHOWN),
    )
    if facts.shop.closed is not None:
        text = Markup(text + say(language, "unavailable_now"))
    create = plain(language, "button_create", price=price)
    changes = [
        Button(
            plain(language, "button_change", label=label(each, language)),
            buttons.encode(buttons.CHANGE, each.name, version=version),
        )
        for each in offer.questions
    ]
    more = (of_step(buttons.SETTINGS, language, version),) if offer.settings else ()
    return Screen(
        text,
        (
            (Button(create, buttons.encode(buttons.CREATE, version=version)),),
            *rows(changes, 2),
            *((more,) if more else ()),
            _out(language, version),
        ),
    )


def settings(
    offer: Offer, inputs: Mapping[str, Any], facts: Facts, language: str, version: int
) -> Screen:
    """What may be set beside the questions, each with its value."""
    price = payment.price(payment.terms(offer, facts.account, inputs), language)
    text = say(language, "settings", title=title(offer, language), price=price)
    changes = [
        Button(
            plain(
                language,
                "button_setting",
                label=label(each, language),
                value=shorten(_value(each, inputs, language), SETTING_SHOWN),
            ),
            buttons.encode(buttons.CHANGE, each.name, version=version),
        )
        for each in offer.settings
    ]
    return Screen(text, (*rows(changes, 1), (of_step(buttons.BACK, language, version),)))


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
        prompt=_quoted(prompt, CAPTION_PROMPT),
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
    return Screen(say(language, "help", support=support), (home(language),))


def support_screen(shop: Shop, language: str) -> Screen:
    if not shop.support.shown:
        return Screen(say(language, "support_hidden"), (home(language),))
    lines = [escape(shop.support.text)] if shop.support.text else []
    if shop.support.contact:
        lines.append(say(language, "support_contact", contact=shop.support.contact))
    return Screen(say(language, "support", text=Markup("\n\n".join(lines))), (home(language),))


def sentence(text: Markup, language: str) -> Screen:
    """A sentence with the way home."""
    return Screen(text, (home(language),))


def group(shop: Shop, language: str) -> Screen:
    keyboard: Keyboard = ()
    if shop.bot_username:
        link = f"https://t.me/{shop.bot_username}"
        keyboard = ((Button(plain(language, "button_open_private"), url=link),),)
    return Screen(say(language, "group"), keyboard)


def prompt_of(offer: Offer, inputs: Mapping[str, Any]) -> str:
    asked = offer.prompt
    return str(inputs.get(asked.name, "")) if asked is not None else ""


# ---------------------------------------------------------------- internal --


def _given(offer: Offer, inputs: Mapping[str, Any], language: str) -> Markup:
    """A line for each answer but the prompt, which stands below."""
    lines = [
        say(
            language,
            "confirm_setting",
            label=label(each, language),
            value=brief(each, inputs[each.name], language),
        )
        for each in (*offer.questions, *offer.settings)
        if each is not offer.prompt and each.name in inputs
    ]
    return Markup("".join(lines))


def _value(setting: Input, inputs: Mapping[str, Any], language: str) -> str:
    value = inputs.get(setting.name, setting.default)
    if value is None:
        return plain(language, "not_attached" if setting.is_file else "not_set")
    return brief(setting, value, language)


def _quoted(prompt: str, limit: int) -> Markup:
    """A user's words as a quotation; nothing for nothing."""
    if not prompt:
        return Markup("")
    return Markup(f"\n\n<blockquote>{escape(shorten(prompt, limit))}</blockquote>")


def _out(language: str, version: int) -> tuple[Button, ...]:
    return (
        of_step(buttons.BACK, language, version),
        of_step(buttons.CANCEL, language, version),
    )
