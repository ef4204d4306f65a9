"""The methods on the bot itself: who it is, its commands, its descriptions."""

from collections.abc import Mapping
from typing import Any

from sandbox.telegram.api.methods import Handler
from sandbox.telegram.errors import bad_request
from sandbox.telegram.state.store import State


class Bot:
    """One bot."""

    def __init__(self, state: State) -> None:
        self._state = state

    def methods(self) -> Mapping[str, Handler]:
        return {
            "getMe": self._get_me,
            "logOut": self._log_out,
            "setMyCommands": self._set_my_commands,
            "getMyCommands": self._get_my_commands,
            "setMyDescription": self._set_my_description,
            "close": self._log_out,
            "setMyShortDescription": self._set_my_description,
        }

    async def _get_me(self, p: Mapping[str, Any]) -> Any:
        del p
        return {
            **self._state.bot,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    async def _log_out(self, p: Mapping[str, Any]) -> Any:
        del p
        return True

    async def _set_my_commands(self, p: Mapping[str, Any]) -> Any:
        commands = p["commands"]
        if not isinstance(commands, list) or len(commands) > 100:
            raise bad_request("can't parse commands list")
        for command in commands:
            name, text = command.get("command", ""), command.get("description", "")
            if not 1 <= len(name) <= 32 or name != name.lower():
                raise bad_request("BOT_COMMAND_INVALID")
            if not 1 <= len(text) <= 256:
                raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        self._state.commands[p.get("language_code", "")] = commands
        self._state.events.tell({"type": "commands"})
        return True

    async def _get_my_commands(self, p: Mapping[str, Any]) -> Any:
        return self._state.commands.get(p.get("language_code", ""), [])

    async def _set_my_description(self, p: Mapping[str, Any]) -> Any:
        del p
        return True
