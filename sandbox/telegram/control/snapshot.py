"""``GET /sandbox/state``: everything that a test or the page may look at."""

import json
from typing import Any

from sandbox.telegram.delivery.webhook import Delivery
from sandbox.telegram.state.store import State


def snapshot(state: State, delivery: Delivery) -> dict[str, Any]:
    """The state as JSON can carry it."""
    updates = state.updates
    return {
        "bot": state.bot,
        "told": state.events.told,
        **_people(state),
        "messages": {
            chat_id: list(messages.values())
            for chat_id, messages in state.messages.items()
            if chat_id not in state.events.hidden
        },
        "deleted": {chat_id: list(messages) for chat_id, messages in state.deleted.items()},
        **_questions(state),
        "payments": [
            {**payment.as_api(), "user": payment.user_id, "refunded": payment.refunded}
            for payment in state.purse.payments.values()
        ],
        "subscriptions": [
            {"charge_id": each.charge_id, "user": each.user_id, "renews": each.renews}
            for each in state.purse.subscriptions.values()
        ],
        **_profile(state),
        "last_update_id": updates.history[-1].id if updates.history else None,
        "pending": len(updates.pending),
        "webhook": {"url": updates.webhook.url, "allowed": updates.webhook.allowed},
        "tries": delivery.tries,
        "calls": state.calls,
        "violations": state.violations,
    }


def _people(state: State) -> dict[str, Any]:
    return {
        "users": [
            {**user.as_api(), "blocked": user.blocked}
            for user in state.users.values()
            if user.id not in state.events.hidden
        ],
        "groups": [
            {
                **group.as_chat(),
                "members": sorted(group.members),
                "admins": sorted(group.admins),
                "bot_status": group.bot_status,
            }
            for group in state.groups.values()
        ],
        "topics": {
            chat_id: topics for chat_id in state.messages if (topics := state.topics(chat_id))
        },
    }


def _questions(state: State) -> dict[str, Any]:
    return {
        "presses": [
            {
                "id": press.id,
                "user": press.user_id,
                "answered": press.answered,
                "text": press.text,
                "alert": press.alert,
                "seconds": press.answered_after,
            }
            for press in state.presses.values()
        ],
        "checkouts": [
            {
                "id": asked.id,
                "ok": asked.ok,
                "seconds": asked.answered_after,
                "open": asked.open,
            }
            for asked in state.checkouts.values()
        ],
        "inline_queries": [
            {
                "id": query.id,
                "user": query.user_id,
                "text": query.text,
                "seconds": query.answered_after,
                "results": query.results,
                "button": query.button,
            }
            for query in state.inline_queries.values()
        ],
    }


def _profile(state: State) -> dict[str, Any]:
    profile = state.profile
    return {
        "commands": [
            {"scope": json.loads(scope), "language_code": language, "commands": commands}
            for (scope, language), commands in profile.commands.items()
        ],
        #: By chat and user: what Telegram shows when the user types a slash there.
        "commands_seen": {
            user.id: {
                chat_id: profile.commands_seen(user, state.groups.get(chat_id))
                for chat_id in (user.id, *(g.id for g in state.groups.values()))
            }
            for user in state.users.values()
            if user.id not in state.events.hidden
        },
        "descriptions": profile.descriptions,
        "short_descriptions": profile.short_descriptions,
        "menu_buttons": profile.menu_buttons,
        "reply_keyboards": profile.reply_keyboards,
    }
