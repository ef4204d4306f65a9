"""Values as nobody should send them, put where something else is expected. Seeded."""

import copy
import json
import random
from typing import Any

#: What takes the place of a part of a JSON value.
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 2**31, 2**53, 2**63, -(2**63) - 1, 10**400, 1e308),
    *(float("nan"), float("inf"), "", "\x00", "a\x00b", "\ud83d", "\udc00x", "\x1b[2J", "\u202e"),
    *("x" * 5000, "🦊" * 3000, "<b>&", "%s {0}", "../../etc/passwd", "1e999", "٣"),
    *([], {}, [None], [[]], {"": None}, {"id": {}}, [{"file_id": 5}], {"$ref": "#"}),
)


class Garbage:
    """One seed gives one sequence."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def changed(self, value: Any) -> Any:
        """A copy in which one to three parts are odd, missing or added."""
        found = copy.deepcopy(value)
        for _ in range(self._random.randint(1, 3)):
            found = self._once(found)
        return found

    def update(self, update: dict[str, Any]) -> bytes:
        """Mostly an update whose content is odd, so that it comes further than its number."""
        if self._random.random() < 0.2:
            return self.body(update)
        number, (kind, content) = update["update_id"], list(update.items())[-1]
        for _ in range(self._random.randint(1, 3)):
            key = self._random.choice(list(content))
            content = {**content, key: self._once(copy.deepcopy(content[key]))}
        return json.dumps({"update_id": number, kind: content}).encode()

    def body(self, value: Any) -> bytes:
        """JSON of a changed value, now and then broken as text."""
        text = json.dumps(self.changed(value))
        match self._random.randrange(12):
            case 0:
                return text[: self._random.randrange(len(text) + 1)].encode()
            case 1:
                return text.encode("utf-16")
            case 2:
                at = self._random.randrange(len(text) + 1)
                return text[:at].encode() + self._random.randbytes(3) + text[at:].encode()
            case 3:
                return text.replace("1", "9" * 5000, 1).encode()
            case 4:
                return b"[" * 50_000 + text.encode()
            case 5:
                return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
            case _:
                return text.encode()

    def choice(self, values: Any) -> Any:
        return self._random.choice(values)

    def _once(self, value: Any) -> Any:
        """Goes down into a container as often as not."""
        deeper = bool(value) and isinstance(value, dict | list) and self._random.random() < 0.8
        if not deeper:
            return copy.deepcopy(self._random.choice(ODD))
        if isinstance(value, list):
            index = self._random.randrange(len(value))
            value[index] = self._once(value[index])
            return value
        key = self._random.choice(list(value))
        match self._random.randrange(6):
            case 0:
                del value[key]
            case 1:
                value[self._random.choice(("x", "chat", "from", "\ud800", "photo", "id"))] = (
                    copy.deepcopy(self._random.choice(ODD))
                )
            case _:
                value[key] = self._once(value[key])
        return value
