"""A result kept: as a favourite, as the file that was made, as the words that made it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sql
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import Payload, saying, showing, showing_text, toasting
from handlers.delivery.sent_messages import changing_buttons
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Effect, Effects, Keyboard, Screen, Toast
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Pressed
from handlers.dispatch.feature import Work
from handlers.features.results import result_buttons
from handlers.features.results.made import Made
from handlers.features.results.onward import ShowButtons, digits, restored, subject
from handlers.features.results.words import plain, say
from handlers.shop.offers import as_ordered
from handlers.words.texts import Markup, escape, units

_SQL = sql.load("results")

MOST_STARRED = 200  #: favourites of one user
#: Seconds for which kie.ai's links surely live.
LINK_LIFE = 24 * 3600.0
MESSAGE_LIMIT = 4096  #: UTF-16 units of a message


@dataclass(frozen=True, slots=True)
class Star(Effect):
    """The job becomes a favourite, or is none any more."""

    query_id: str
    made: Made
    wanted: bool
    under: int | None  #: the message with the button
    keyboard: Keyboard  #: its buttons afterwards


@dataclass(frozen=True, slots=True)
class Tell(Effect):
    """A message that stays: it is no card of the dialogue."""

    payload: Payload


def star(facts: Facts, press: Press, made: Made | None) -> Effects:
    """A favourite is not tidied away."""
    incoming = facts.incoming
    if made is None or not isinstance(incoming, Pressed):
        return (Toast(plain(facts.language, "toast_past_gone"), alert=True),)
    wanted = press.argument.partition(":")[2] != result_buttons.OFF
    now = subject(replace(made, starred=wanted))
    shown = result_buttons.keyboard(now, facts.shop, facts.account, facts.language)
    return (Star(incoming.query_id, made, wanted, press.under, shown),)


def original(facts: Facts, press: Press, made: Made | None) -> Effects:
    """The file as kie.ai made it, while its link lives: ``job``, or ``job:number`` of several."""
    language = facts.language
    if made is None or not made.urls:
        return (Toast(plain(language, "toast_past_gone"), alert=True),)
    if made.age > LINK_LIFE:
        hours = round(LINK_LIFE / 3600)
        return (Toast(plain(language, "toast_original_over", n=hours), alert=True),)
    number = digits(press.argument.partition(":")[2])
    if len(made.urls) > 1 and number is None:
        toast = Toast(plain(language, "toast_which"))
        if press.under is None:
            return (toast,)
        keys = result_buttons.which(result_buttons.ORIGINAL, made.job_id, len(made.urls), language)
        return (toast, ShowButtons(press.under, keys))
    at = (number or 1) - 1
    url = made.urls[at] if at < len(made.urls) else made.urls[0]
    link = say(language, "original_link", url=Markup(escape(url)))
    lost = say(language, "original_lost")
    payload = showing("document", [url], Markup(""), (), link=link, lost=lost)
    told = (Toast(plain(language, "toast_original")), Tell(payload))
    return (*told, *restored(facts, press, made)) if number else told


def prompt(facts: Facts, _press: Press, made: Made | None) -> Effects:
    """The words in full, to be copied by a touch; as a file where they fit into no message."""
    words = ""
    if made is not None:
        offer, answers = as_ordered(facts.shop.offers, made.model, made.inputs)
        words = offer.words_of(answers) if offer is not None else ""
    if not words:
        return (Toast(plain(facts.language, "toast_past_gone"), alert=True),)
    if units(words) <= MESSAGE_LIMIT:
        return (Tell(saying(Screen(Markup(f"<code>{escape(words)}</code>")))),)
    # An app cuts a long text into several messages, so it may be longer than one of ours.
    return (Tell({**showing_text(words, Markup(""), (), lost=None), "name": "prompt.txt"}),)


# ---------------------------------------------------------------- carried out --


def put_star(effect: Star, work: Work) -> Sequence[Delivery]:
    """The row decides: a user has so many favourites at the most. What it is already stays so."""
    made, wanted, language = effect.made, effect.wanted, work.facts.language
    named = {
        "bot_id": work.installation.bot_id,
        "user_id": work.facts.incoming.sender.user_id,
        "job_id": made.job_id,
        "starred": wanted,
        "most": MOST_STARRED,
    }
    done = made.starred == wanted or work.tx.one(_SQL["star_job"], named) is not None
    if not done:
        words = plain(language, "toast_most_starred", n=MOST_STARRED)
        return [work.told("toast", toasting(effect.query_id, Toast(words, alert=True)))]
    words = plain(language, "toast_starred" if wanted else "toast_unstarred")
    told = [work.told("toast", toasting(effect.query_id, Toast(words)))]
    if effect.under is not None:
        told += show_buttons(ShowButtons(effect.under, effect.keyboard), work)
    return told


def show_buttons(effect: ShowButtons, work: Work) -> Sequence[Delivery]:
    """The message gets these buttons."""
    payload = changing_buttons(effect.message_id, effect.keyboard)
    return [work.told("answer", payload, key="buttons")]


def tell(effect: Tell, work: Work) -> Sequence[Delivery]:
    """As it is."""
    return [work.told("answer", effect.payload)]
