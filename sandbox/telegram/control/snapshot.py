"""``GET /sandbox/state``: everything that a test or the page may look at."""

from typing import Any

from sandbox.telegram.delivery.webhook import Delivery
from sandbox.telegram.state.store import State


def snapshot(state: State, delivery: Delivery) -> dict[str, Any]:
    """The state as JSON can carry it."""
    updates = state.updates
    return {
        "bot": state.bot,
        "users": [{**user.as_api(), "blocked": user.blocked} for user in state.users.values()],
        "messages": {
            chat_id: list(messages.values()) for chat_id, messages in state.messages.items()
        },
        "presses": [
            {
                "id": press.id,
                "user": press.user_id,
                "answered": press.answered,
                "text": press.text,
                "seconds": press.answered_after,
            }
            for press in state.presses.values()
        ],
        "checkouts": [
            {"id": asked.id, "ok": asked.ok, "seconds": asked.answered_after}
            for asked in state.checkouts.values()
        ],
        "payments": [
            {**payment.as_api(), "user": payment.user_id, "refunded": payment.refunded}
            for payment in state.purse.payments.values()
        ],
        "last_update_id": updates.history[-1].id if updates.history else None,
        "commands": state.commands,
        "pending": len(updates.pending),
        "webhook": {"url": updates.webhook.url, "allowed": updates.webhook.allowed},
        "tries": delivery.tries,
        "calls": state.calls,
        "violations": state.violations,
    }
