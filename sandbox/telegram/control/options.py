"""``POST /sandbox/options``: switches that stay as they are set."""

import time
from collections.abc import Callable
from typing import Any

from sandbox.telegram.delivery.webhook import Delivery
from sandbox.telegram.protocol.limits import FloodLimits
from sandbox.telegram.state.files import LOCAL
from sandbox.telegram.state.store import State

OPTIONS = {
    "revoked": "the token is refused with 401",
    "flood": "flood limits are on",
    "route": "webhooks go to this host, as behind a load balancer",
    "time_scale": "factor of all pauses",
    "lives": "seconds that a message, press, inline or chosen waits for the bot",
    "next_update_id": "the number of the next update",
    "scarce_connections": "new connections to a webhook are as scarce as the real ones",
    "gone_since": "seconds for which the webhook has answered nothing but 410",
    "deactivated": "this user is deactivated",
    "answer_seconds": "seconds that a webhook may take to answer",
    "nulls": "fields that are not there are sent as null, in updates and answers",
    "local": "getFile as a server started with --local gives it: no, readable or unreadable",
    "inline": "inline mode is on",
    "inline_feedback": "chosen results of inline queries are told to the bot",
    "privacy": "in groups the bot sees only what is meant for it",
}


class Options:
    """Sets them. An unknown name raises ``ValueError``."""

    def __init__(self, state: State, limits: FloodLimits, delivery: Delivery) -> None:
        self._state = state
        self._limits = limits
        self._delivery = delivery

    def set(self, given: dict[str, Any]) -> None:
        if set(given) - set(OPTIONS):
            raise ValueError(f"known: {OPTIONS}")
        setters: dict[str, Callable[[Any], None]] = {
            "lives": self._state.updates.lives.update,
            "next_update_id": self._state.updates.restart_ids,
            "gone_since": self._gone_since,
            "deactivated": self._deactivate,
            "local": self._local,
        }
        owners = {
            "revoked": (self._state, "revoked"),
            "nulls": (self._state.updates, "nulls"),
            "inline": (self._state, "inline"),
            "inline_feedback": (self._state, "inline_feedback"),
            "privacy": (self._state, "privacy"),
            "time_scale": (self._state, "time_scale"),
            "flood": (self._limits, "enabled"),
            "route": (self._delivery, "route"),
            "answer_seconds": (self._delivery, "answer_seconds"),
            "scarce_connections": (self._delivery.connecting, "enabled"),
        }
        for name, value in given.items():
            if name in setters:
                setters[name](value)
            else:
                setattr(*owners[name], value)

    def _gone_since(self, seconds: float) -> None:
        self._state.updates.webhook.gone_since = time.monotonic() - seconds

    def _local(self, how: str) -> None:
        if how not in LOCAL:
            raise ValueError(f"known: {LOCAL}")
        self._state.files.local = how

    def _deactivate(self, user_id: int) -> None:
        self._state.users[user_id].deactivated = True
