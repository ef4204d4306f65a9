"""The operators' panel: the state of the bot, and buttons that lead to everything else.

An operator is recognised by the Telegram id in ``ADMIN_ID``, in a private chat; routing checks that
at every command and press (``Answer.operators``). A command that somebody else has written
(forwarded, sent through a bot) is ignored.

The panel's buttons are offered by features for the place ``admin``; those of a person's card for
the place ``person``.
"""

from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Button, Effects, Say, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Answer, Feature
from handlers.features.desk import log, model_switch, overview, set_aside
from handlers.features.desk.model_switch import SwitchModel
from handlers.features.desk.overview_facts import Overview
from handlers.features.desk.overview_facts import overview as overview_facts
from handlers.features.desk.words import WORDS, plain


def _ask(facts: Facts, _command: Command, found: Overview) -> Effects:
    """``/admin``: the whole installation on one screen."""
    return (Say(overview.screen(found, facts)),)


def _press(facts: Facts, press: Press, found: Overview) -> Effects:
    """The button that refreshes it."""
    return (present(overview.screen(found, facts), press.at),)


def _refresh(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_admin"), encode("admin"))


def _back(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_panel"), encode("admin"))


def _new_token(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_token"), url="https://t.me/BotFather")


def _billing(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_kie_billing"), url="https://kie.ai/billing")


FEATURE = Feature(
    name="desk",
    words=WORDS,
    operator_commands={
        "admin": Answer(rule=_ask, load=overview_facts, operators=True),
        "model": Answer(rule=model_switch.models, operators=True),
        "models": Answer(rule=model_switch.models, operators=True),
    },
    buttons={
        "admin": Answer(rule=_press, load=overview_facts, operators=True),
        "set_aside": Answer(rule=set_aside.press, load=set_aside.read, operators=True),
        "retry_update": Answer(rule=set_aside.press_retry, operators=True),
        "model_off": Answer(rule=model_switch.press_off, operators=True),
        "model_on": Answer(rule=model_switch.press_on, operators=True),
        "log": Answer(rule=log.press, load=log.read, operators=True),
    },
    effects={SwitchModel: model_switch.switch, set_aside.Retry: set_aside.retry},
    places={
        "admin": {"refresh": _refresh, "set_aside": set_aside.button, "log": log.button},
        "operators": {"panel": _back},
        "alarm": {"panel": _back},
        "alarm_kie": {"panel": _back, "kie_billing": _billing},
        "alarm_token": {"panel": _back, "new_token": _new_token},
        "alarm_set_aside": {"panel": _back, "set_aside": set_aside.button},
        "alarm_update": {"panel": _back, "retry": set_aside.retry_button},
        "alarm_money": {"panel": _back},
        "alarm_cost": {"panel": _back},
        "alarm_pause": {"panel": _back},
        "alarm_doubted": {"panel": _back, "model_off": model_switch.button_off},
        "alarm_withdrawn": {"panel": _back, "model_on": model_switch.button_on},
        "alarm_ledger": {"panel": _back, "log": log.button},
        "alarm_person": {"panel": _back},
        "alarm_payments": {"panel": _back},
        "alarm_receipts": {"panel": _back},
    },
    operator_listed=("admin", "model"),
)
