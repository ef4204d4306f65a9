"""What the chat page is told while it is open, and who else looks on."""

import asyncio
from collections.abc import Callable
from typing import Any

Event = dict[str, Any]
Listener = asyncio.Queue[tuple[int, Event]]


class Events:
    """Each listener has a queue of its own, of numbers and events. One that does not keep up is
    dropped: it sees that by ``hears`` and has to begin again, with the state.

    Chats in ``hidden`` are for ``watchers`` only: a crowd would fill the page."""

    def __init__(self) -> None:
        self.hidden: set[int] = set()
        self.watchers: list[Callable[[Event], None]] = []
        self.told = 0  #: the number of the last event
        self._listeners: set[Listener] = set()

    def listen(self) -> Listener:
        queue: Listener = asyncio.Queue(1000)
        self._listeners.add(queue)
        return queue

    def hears(self, queue: Listener) -> bool:
        return queue in self._listeners

    def forget(self, queue: Listener) -> None:
        self._listeners.discard(queue)

    def tell(self, event: Event) -> None:
        self.told += 1
        for watcher in self.watchers:
            watcher(event)
        if event.get("chat_id") in self.hidden:
            return
        for queue in tuple(self._listeners):
            if queue.full():
                self._listeners.discard(queue)
            else:
                queue.put_nowait((self.told, event))
