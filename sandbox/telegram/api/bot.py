"""The methods on the bot itself: who it is, its commands, its descriptions, its menu button."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.telegram.errors import bad_request
from sandbox.telegram.messages.writing import Writing
from sandbox.telegram.protocol.methods import Handler
from sandbox.telegram.state.profile import scope_key
from sandbox.telegram.state.store import State

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"([a-z]{2})?")
#: Scopes and the chats and users that they name.
_SCOPES: Mapping[str, set[str]] = {
    "default": set(),
    "all_private_chats": set(),
    "all_group_chats": set(),
    "all_chat_administrators": set(),
    "chat": {"chat_id"},
    "chat_administrators": {"chat_id"},
    "chat_member": {"chat_id", "user_id"},
}
#: Longest name, description and short description.
LENGTHS = {"name": 64, "description": 512, "short_description": 120}
COMMANDS_LIMIT = 100


class Bot:
    """One bot."""

    def __init__(self, state: State, writing: Writing) -> None:
        self._state = state
        self._profile = state.profile
        self._writing = writing

    def methods(self) -> Mapping[str, Handler]:
        return {
            "getMe": self._get_me,
            "logOut": self._log_out,
            "close": self._log_out,
            "setMyCommands": self._set_my_commands,
            "getMyCommands": self._get_my_commands,
            "deleteMyCommands": self._delete_my_commands,
            "setMyName": self._set_my_name,
            "setMyDescription": self._set_my_description,
            "getMyDescription": self._get_my_description,
            "setMyShortDescription": self._set_my_short_description,
            "getMyShortDescription": self._get_my_short_description,
            "setChatMenuButton": self._set_chat_menu_button,
            "getChatMenuButton": self._get_chat_menu_button,
        }

    async def _get_me(self, p: Mapping[str, Any]) -> Any:
        del p
        return {
            **self._state.bot,
            "can_join_groups": True,
            "can_read_all_group_messages": not self._state.privacy,
            "supports_inline_queries": self._state.inline,
            "has_topics_enabled": any(user.topics for user in self._state.users.values()),
        }

    async def _log_out(self, p: Mapping[str, Any]) -> Any:
        del p
        return True

    async def _set_my_commands(self, p: Mapping[str, Any]) -> Any:
        commands = p["commands"]
        if not isinstance(commands, list) or len(commands) > COMMANDS_LIMIT:
            raise bad_request("can't parse commands list")
        for command in commands:
            if not isinstance(command, dict):
                raise bad_request("can't parse BotCommand: expected an Object")
            if not _COMMAND.fullmatch(str(command.get("command", "")).removeprefix("/")):
                raise bad_request("BOT_COMMAND_INVALID")
            if not 1 <= len(command.get("description", "")) <= 256:
                raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        self._profile.commands[self._scope(p)] = commands
        self._state.events.tell({"type": "profile"})
        return True

    async def _get_my_commands(self, p: Mapping[str, Any]) -> Any:
        return self._profile.commands.get(self._scope(p), [])

    async def _delete_my_commands(self, p: Mapping[str, Any]) -> Any:
        self._profile.commands.pop(self._scope(p), None)
        self._state.events.tell({"type": "profile"})
        return True

    def _scope(self, p: Mapping[str, Any]) -> tuple[str, str]:
        """The key of a list of commands. Raises for a scope that Telegram does not know."""
        scope = p.get("scope") or {"type": "default"}
        kind = str(scope.get("type")) if isinstance(scope, dict) else ""
        if kind not in _SCOPES:
            raise bad_request("can't parse BotCommandScope: unsupported type specified")
        if set(scope) - {"type"} != _SCOPES[kind]:
            raise bad_request(f"can't parse BotCommandScope: {kind} needs {sorted(_SCOPES[kind])}")
        chat_id = scope.get("chat_id", 0)
        if chat_id and chat_id not in self._state.messages:
            raise bad_request("chat not found")
        return scope_key(scope), _language(p)

    async def _set_my_name(self, p: Mapping[str, Any]) -> Any:
        return self._told(self._profile.names, "name", p)

    async def _set_my_description(self, p: Mapping[str, Any]) -> Any:
        return self._told(self._profile.descriptions, "description", p)

    async def _get_my_description(self, p: Mapping[str, Any]) -> Any:
        return {"description": self._profile.descriptions.get(_language(p), "")}

    async def _set_my_short_description(self, p: Mapping[str, Any]) -> Any:
        return self._told(self._profile.short_descriptions, "short_description", p)

    async def _get_my_short_description(self, p: Mapping[str, Any]) -> Any:
        return {"short_description": self._profile.short_descriptions.get(_language(p), "")}

    def _told(self, texts: dict[str, str], name: str, p: Mapping[str, Any]) -> bool:
        text = p.get(name, "")
        if len(text) > LENGTHS[name]:
            raise bad_request(f"{name} is too long")
        texts[_language(p)] = text
        self._state.events.tell({"type": "profile"})
        return True

    async def _set_chat_menu_button(self, p: Mapping[str, Any]) -> Any:
        chat_id = self._writing.chat(p) if p.get("chat_id") else 0
        if chat_id < 0:
            raise bad_request("the chat is not private")
        button = p.get("menu_button") or {"type": "default"}
        needed = {"default": set(), "commands": set(), "web_app": {"text", "web_app"}}
        kind = button.get("type") if isinstance(button, dict) else None
        if kind not in needed or set(button) - {"type"} != needed[kind]:
            raise bad_request("can't parse menu button JSON object")
        self._profile.menu_buttons[chat_id] = button
        self._state.events.tell({"type": "profile"})
        return True

    async def _get_chat_menu_button(self, p: Mapping[str, Any]) -> Any:
        buttons = self._profile.menu_buttons
        own = buttons.get(p.get("chat_id", 0)) or buttons.get(0)
        return own or {"type": "default"}


def _language(p: Mapping[str, Any]) -> str:
    language = str(p.get("language_code", ""))
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    return language
