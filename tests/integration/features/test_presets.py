"""A preset's picture reaches Telegram from the code itself, and is the card of the chat."""

from collections.abc import Iterator

import pytest

from kie.catalogue.presets import sample
from tests.support.chats.conversation import Conversation
from tests.support.edges import telegram_updates as telegram


@pytest.fixture
def talk(talk: Conversation) -> Iterator[Conversation]:
    with talk.dispatching(), talk.sending():
        yield talk


def test_the_picture_of_a_preset_is_uploaded_with_its_button(talk: Conversation) -> None:
    talk.put(telegram.press("fxs||restore"))

    (sent,) = talk.until(lambda: talk.telegram.sent("send_photo"), "the picture")
    assert sent["photo"].input_file_content == sample("restore")
    assert sent["reply_markup"].inline_keyboard[0][0].callback_data == "model||fx-restore"
    (row,) = talk.until(
        lambda: talk.rows("SELECT state FROM deliveries WHERE kind = 'answer' AND state = 'sent'"),
        "its record",
    )
    assert row["state"] == "sent"


def test_a_picture_that_is_not_there_is_told_in_words(talk: Conversation) -> None:
    talk.put(telegram.press("fxs||restore"))
    talk.until(lambda: talk.telegram.sent("send_photo"), "the picture")
    with talk.database.transaction() as tx:
        tx.run(
            "UPDATE deliveries SET state = 'pending', file_id = NULL, payload ="
            " jsonb_set(payload, '{urls}', '[\"sample:gone\"]') WHERE payload ->> 'do' = 'media'"
        )
        tx.wake("outbox")

    (said,) = talk.until(lambda: talk.telegram.sent("send_message"), "the words")

    assert "Restore a photo" in said["text"]
