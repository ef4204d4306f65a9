"""What the bot has told about itself: commands by scope and language, descriptions, menu button."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.telegram.state.people import Group, User

Commands = list[dict[str, str]]


@dataclass
class Profile:
    """``""`` as a language is every language without texts of its own."""

    #: By scope, as JSON with sorted keys, and by language.
    commands: dict[tuple[str, str], Commands] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    #: By private chat; 0 is every chat without a button of its own.
    menu_buttons: dict[int, dict[str, Any]] = field(default_factory=dict)
    #: By chat: the buttons that stand in place of its keyboard.
    reply_keyboards: dict[int, list[list[str]]] = field(default_factory=dict)

    def commands_seen(self, user: User, group: Group | None) -> Commands:
        """The commands that Telegram shows this user in a chat: the narrowest scope decides."""
        for scope in _scopes(user, group):
            for language in (user.language_code, ""):
                found = self.commands.get((scope_key(scope), language))
                if found:
                    return found
        return []


def scope_key(scope: dict[str, Any] | None) -> str:
    """A scope as a key; None is the default one."""
    return json.dumps(scope or {"type": "default"}, sort_keys=True)


def _scopes(user: User, group: Group | None) -> Iterator[dict[str, Any]]:
    if group is None:
        yield {"type": "chat", "chat_id": user.id}
        yield {"type": "all_private_chats"}
    else:
        yield {"type": "chat_member", "chat_id": group.id, "user_id": user.id}
        if user.id in group.admins:
            yield {"type": "chat_administrators", "chat_id": group.id}
        yield {"type": "chat", "chat_id": group.id}
        if user.id in group.admins:
            yield {"type": "all_chat_administrators"}
        yield {"type": "all_group_chats"}
    yield {"type": "default"}
