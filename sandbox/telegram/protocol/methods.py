"""Which part carries out which method."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from sandbox.telegram.protocol.parameters import METHODS

Handler = Callable[[Mapping[str, Any]], Awaitable[Any]]
_OF_THE_ENDPOINT = {"getUpdates"}  # its answer is text that nobody reads here


class Part(Protocol):
    """A part of the Bot API."""

    def methods(self) -> Mapping[str, Handler]:
        """Its methods by name."""
        ...


class Methods:
    """All methods. Each belongs to one part, and each is one of ``parameters.METHODS``."""

    def __init__(self, *parts: Part) -> None:
        self._handlers: dict[str, Handler] = {}
        for part in parts:
            for name, handler in part.methods().items():
                if name in self._handlers or name not in METHODS:
                    raise ValueError(f"{name} has two parts or no parameters")
                self._handlers[name] = handler
        missing = set(METHODS) - set(self._handlers) - _OF_THE_ENDPOINT
        if missing:
            raise ValueError(f"no part for {sorted(missing)}")

    async def call(self, name: str, p: Mapping[str, Any]) -> Any:
        """Carry out a method. Raises ``ApiError``."""
        return await self._handlers[name](p)
