"""One process that handles directly, on a database of its own."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.chats.conversation import Conversation
    from tests.support.chats.direct_talk import DirectTalk


@pytest.fixture
def direct(talk: "Conversation") -> Iterator["DirectTalk"]:
    """It receives; a test lets it act."""
    from tests.support.chats.direct_talk import DirectTalk

    made = DirectTalk(talk)
    yield made
    made.close()
