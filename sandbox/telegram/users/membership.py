"""Who is where: users who block the bot, groups with their topics, the bot in a group."""

import time
from typing import Any

from sandbox.telegram.state.people import Group, User
from sandbox.telegram.state.store import State

_STATUSES = ("member", "administrator", "restricted", "kicked", "left")
_TOPIC_COLOUR = 7322096


class Membership:
    """Each change becomes an update, as Telegram tells it. KeyError: no such user or chat."""

    def __init__(self, state: State) -> None:
        self._state = state

    def block(self, user_id: int, *, blocked: bool) -> None:
        user = self._state.users[user_id]
        user.blocked = blocked
        old, new = ("member", "kicked") if blocked else ("kicked", "member")
        self._tell(self._state.chat(user_id), user, old, new)

    def group(
        self,
        title: str,
        members: list[int],
        admins: list[int] | None = None,
        *,
        forum: bool = False,
    ) -> Group:
        """A supergroup with the bot in it. The first member adds the bot."""
        unknown = {*members, *(admins or [])} - set(self._state.users)
        if unknown or not members:
            raise KeyError(f"no users {sorted(unknown)}")
        chosen = set(admins or members[:1])
        group = self._state.add_group(title, set(members) | chosen, chosen, forum=forum)
        adder = self._state.users[members[0]]
        self._tell(group.as_chat(), adder, "left", "member")
        self._service(group, adder, new_chat_members=[self._state.bot])
        return group

    def bot_in_group(self, chat: int, status: str) -> None:
        """Make the bot an administrator, a plain or muted member, or throw it out."""
        if status not in _STATUSES:
            raise ValueError(f"known: {_STATUSES}")
        group = self._state.groups[chat]
        old, group.bot_status = group.bot_status, status
        self._tell(group.as_chat(), self._state.users[min(group.admins)], old, status)

    def topic(self, chat: int, name: str) -> int:
        """Open a topic in a forum or in a private chat; returns its message_thread_id."""
        group = self._state.groups.get(chat)
        if group is not None and not group.forum:
            raise ValueError(f"{group.title} is no forum")
        user = self._state.users[min(group.admins) if group is not None else chat]
        thread = self._state.next_message_id()
        self._state.topics(chat)[thread] = name
        self._service(
            group or user,
            user,
            message_thread_id=thread,
            is_topic_message=True,
            forum_topic_created={"name": name, "icon_color": _TOPIC_COLOUR},
        )
        self._state.events.tell({"type": "chats"})
        return thread

    def close_topic(self, chat: int, thread: int) -> None:
        """An administrator closes a topic of a forum."""
        group = self._state.groups[chat]
        if thread not in group.topics:
            raise KeyError(f"no topic {thread}")
        group.closed.add(thread)
        place = {"message_thread_id": thread, "is_topic_message": True}
        admin = self._state.users[min(group.admins)]
        self._service(group, admin, **place, forum_topic_closed={})

    def migrate(self, chat: int) -> Group:
        """A group becomes a supergroup with a new number."""
        old = self._state.groups[chat]
        new = self._state.add_group(old.title, old.members, old.admins, forum=old.forum)
        old.kind, old.migrated_to = "group", new.id
        admin = self._state.users[min(old.admins)]
        self._service(old, admin, migrate_to_chat_id=new.id)
        self._service(new, admin, migrate_from_chat_id=old.id)
        return new

    def _service(self, chat: Group | User, sender: User, **content: Any) -> None:
        message = self._state.new_message(chat.id, sender.as_api(), **content)
        self._state.updates.announce("message", message, f"chat:{chat.id}", "message")

    def _tell(self, chat: dict[str, Any], user: User, old: str, new: str) -> None:
        until = {"until_date": 0} if new == "kicked" else {}
        change = {
            "chat": chat,
            "from": user.as_api(),
            "date": int(time.time()),
            "old_chat_member": {"user": self._state.bot, "status": old},
            "new_chat_member": {"user": self._state.bot, "status": new, **until},
        }
        self._state.updates.announce("my_chat_member", change, f"member:{chat['id']}", "message")
