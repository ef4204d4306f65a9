"""The methods on chats: what a chat is, who is in it, leaving it."""

from collections.abc import Mapping
from typing import Any

from sandbox.telegram.errors import bad_request, forbidden
from sandbox.telegram.protocol.methods import Handler
from sandbox.telegram.state.people import Group
from sandbox.telegram.state.store import State

_RIGHTS = (
    *("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages"),
    *("can_manage_video_chats", "can_restrict_members", "can_promote_members"),
    *("can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories"),
    *("can_delete_stories", "can_send_welcome_messages"),
)


class Chats:
    """Groups and private chats, as the bot may ask about them."""

    def __init__(self, state: State) -> None:
        self._state = state

    def methods(self) -> Mapping[str, Handler]:
        return {
            "getChat": self._get_chat,
            "getChatMember": self._get_chat_member,
            "getChatAdministrators": self._get_chat_administrators,
            "leaveChat": self._leave_chat,
        }

    async def _get_chat(self, p: Mapping[str, Any]) -> Any:
        if p["chat_id"] not in self._state.messages:
            raise bad_request("chat not found")
        none = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": {}}
        return {**self._state.chat(p["chat_id"]), **none}

    async def _get_chat_member(self, p: Mapping[str, Any]) -> Any:
        group = self._group(p)
        if p["user_id"] == self._state.bot["id"]:
            return {"status": group.bot_status, "user": self._state.bot}
        if p["user_id"] not in self._state.users:
            raise bad_request("member not found")
        return self._member(group, p["user_id"])

    async def _get_chat_administrators(self, p: Mapping[str, Any]) -> Any:
        group = self._group(p)
        return [self._member(group, user_id) for user_id in sorted(group.admins)]

    async def _leave_chat(self, p: Mapping[str, Any]) -> Any:
        self._group(p).bot_status = "left"
        return True

    def _group(self, p: Mapping[str, Any]) -> Group:
        group = self._state.groups.get(p["chat_id"])
        if group is None:
            raise bad_request("chat not found")
        if group.bot_status in {"kicked", "left"}:
            raise forbidden(f"bot is not a member of the {group.kind} chat")
        return group

    def _member(self, group: Group, user_id: int) -> dict[str, Any]:
        status = group.status_of(user_id)
        found = {"status": status, "user": self._state.users[user_id].as_api()}
        if status == "creator":
            return {**found, "is_anonymous": False}
        return {**found, **dict.fromkeys(_RIGHTS, False)} if status == "administrator" else found
