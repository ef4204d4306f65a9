"""The users and the groups of the simulated Telegram."""

from dataclasses import dataclass, field
from typing import Any

#: Who speaks for a group whose admin is anonymous, and for a channel.
ANONYMOUS = {
    "id": 1087968824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}
CHANNEL = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}


@dataclass(slots=True)
class User:
    id: int
    first_name: str
    language_code: str
    username: str = ""
    blocked: bool = False
    deactivated: bool = False
    #: Topics of the private chat, by message_thread_id.
    topics: dict[int, str] = field(default_factory=dict)

    def as_api(self) -> dict[str, Any]:
        found = {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "language_code": self.language_code,
        }
        return {**found, "username": self.username} if self.username else found

    def as_chat(self) -> dict[str, Any]:
        """The private chat with this user."""
        found = {"id": self.id, "type": "private", "first_name": self.first_name}
        return {**found, "username": self.username} if self.username else found


@dataclass(slots=True)
class Group:
    """A group or supergroup. ``members`` are users, ``admins`` some of them."""

    id: int
    title: str
    members: set[int]
    admins: set[int]
    kind: str = "supergroup"
    forum: bool = False
    #: What the bot is in this group: member, administrator, kicked or left.
    bot_status: str = "member"
    migrated_to: int = 0
    topics: dict[int, str] = field(default_factory=dict)
    #: Topics in which only administrators may write.
    closed: set[int] = field(default_factory=set)

    def as_chat(self) -> dict[str, Any]:
        found = {"id": self.id, "type": self.kind, "title": self.title}
        return {**found, "is_forum": True} if self.forum else found

    def status_of(self, user_id: int) -> str:
        """creator, administrator, member or left."""
        if user_id in self.admins:
            return "creator" if user_id == min(self.admins) else "administrator"
        return "member" if user_id in self.members else "left"
