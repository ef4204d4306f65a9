"""Which numbers can be the id of a user or a chat of Telegram.

Telegram guarantees that its ids have at most 52 significant bits. Ids of users are positive, those
of groups and channels negative, and no id is 0. Checked ids fit into PostgreSQL's bigint. Numbers
outside this range are free for this program's own use (lanes, cursors).
"""

from typing import Any, TypeGuard

LARGEST = 2**52 - 1


def is_user(value: Any) -> TypeGuard[int]:
    # type(), because bool is a subclass of int.
    return type(value) is int and 0 < value <= LARGEST


def is_chat(value: Any) -> TypeGuard[int]:
    return type(value) is int and 0 < abs(value) <= LARGEST
