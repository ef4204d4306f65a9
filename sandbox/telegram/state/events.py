"""What the chat page is told while it is open, and who else looks on."""

import asyncio
from collections.abc import Callable
from typing import Any

Event = dict[str, Any]


class Events:
    """Each listener has a queue of its own; one that does not keep up is dropped.

    Chats in ``hidden`` are for ``watchers`` only: a crowd would fill the page."""

    def __init__(self) -> None:
        self.hidden: set[int] = set()
        self.watchers: list[Callable[[Event], None]] = []
        self._listeners: set[asyncio.Queue[Event]] = set()

    def listen(self) -> asyncio.Queue[Event]:
        queue: asyncio.Queue[Event] = asyncio.Queue(1000)
        self._listeners.add(queue)
        return queue

    def forget(self, queue: asyncio.Queue[Event]) -> None:
        self._listeners.discard(queue)

    def tell(self, event: Event) -> None:
        for watcher in self.watchers:
            watcher(event)
        if event.get("chat_id") in self.hidden:
            return
        for queue in tuple(self._listeners):
            if queue.full():
                self._listeners.discard(queue)
            else:
                queue.put_nowait(event)
