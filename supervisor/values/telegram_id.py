"""Which numbers can be a user or a chat of Telegram.

Telegram promises that its numbers have at most 52 significant bits. Users are positive, groups
and channels negative; nobody is 0. Whatever is checked here fits into PostgreSQL's bigint and
leaves the numbers outside to this program: lanes, cursors.
"""

from typing import Any, TypeGuard

LARGEST = 2**52 - 1


def is_user(value: Any) -> TypeGuard[int]:
    # bool is a subclass of int; JSON's true is no number.
    return type(value) is int and 0 < value <= LARGEST


def is_chat(value: Any) -> TypeGuard[int]:
    return type(value) is int and 0 < abs(value) <= LARGEST
