"""A receipt whose files change: it stays known, and operators decide on what it is now."""

from typing import Any

from tests.support.chats.conversation import ADMIN, Conversation
from tests.support.chats.receipt_files import edited, pages
from tests.support.chats.star_payments import handled, known, told
from tests.support.edges import telegram_updates as telegram

USER = 7
SIZE = {"width": 9, "height": 9}


def dialogue(talk: Conversation) -> dict[str, Any]:
    return talk.rows("SELECT step, version FROM dialogues WHERE user_id = %s", USER)[0]


def photo(name: str) -> dict[str, Any]:
    return {"photo": [{**SIZE, "file_id": f"f-{name}", "file_unique_id": f"u-{name}"}]}


def sends(talk: Conversation, *files: str, album: str | None = None) -> dict[str, Any]:
    """The requisites, and these files as a receipt. Returns the first message."""
    grouped: dict[str, Any] = {} if album is None else {"media_group_id": album}
    asked = telegram.press("by_hand||")
    updates = [telegram.message(USER, **photo(each), **grouped) for each in files]
    handled(talk, asked, *updates)
    return updates[0]


def test_a_receipt_that_was_replaced_is_known_when_it_is_sent_once_more(
    talk: Conversation,
) -> None:
    known(talk, ADMIN)
    first = sends(talk, "paid")
    handled(talk, edited(first, **photo("nothing")))
    handled(talk, telegram.press("receipt_amount||1", ADMIN), telegram.message(ADMIN, text="9"))

    sends(talk, "paid")
    sends(talk, "nothing")

    assert ["seen before: no. 1" in each for each in pages(talk)] == [False, False, True, True]


def test_every_page_of_a_receipt_is_known_when_it_is_sent_once_more(talk: Conversation) -> None:
    known(talk, ADMIN)
    sends(talk, "cover", "paid", album="a")

    sends(talk, "paid")
    sends(talk, "another", "paid", album="b")

    marked = ["seen before: no. 1" in each for each in pages(talk)]
    assert marked == [False, False, True, False, True]


def test_a_file_that_is_put_back_is_brought_again(talk: Conversation) -> None:
    known(talk, ADMIN)
    first = sends(talk, "one")
    for name in ("two", "one", "two"):
        handled(talk, edited(first, **photo(name)))

    assert talk.rows("SELECT file_id FROM topups") == [{"file_id": "f-two"}]
    assert len(pages(talk)) == 4, "operators see each change"


def test_a_replaced_receipt_is_listed_as_the_kind_of_file_that_it_is_now(
    talk: Conversation,
) -> None:
    known(talk, ADMIN)
    first = sends(talk, "one")
    other = {"file_id": "f2", "file_unique_id": "u2", "mime_type": "application/pdf"}
    handled(talk, edited(first, document=other))

    handled(talk, telegram.press("receipts||", ADMIN))

    listed = [each for each in told(talk, "notice") if each["do"] == "kept"][-1]
    assert (listed["kind"], listed["file_id"]) == ("document", "f2")


def test_the_list_of_receipts_marks_a_file_that_was_seen_before(talk: Conversation) -> None:
    known(talk, ADMIN)
    sends(talk, "one")
    sends(talk, "one")

    handled(talk, telegram.press("receipts||", ADMIN))

    assert ["seen before: no. 1" in each for each in pages(talk)[-2:]] == [False, True]


def test_what_is_asked_about_is_not_replaced_by_what_is_no_receipt(talk: Conversation) -> None:
    known(talk, ADMIN)
    handled(talk, telegram.press("by_hand||"), telegram.message(USER, text="/start"))
    first = telegram.message(USER, **photo("one"))
    handled(talk, first)
    file = {"file_id": "z", "file_unique_id": "z", "mime_type": "application/zip"}
    handled(talk, edited(first, document=file))

    assert "as a photo or a PDF" in told(talk, "answer")[-1]["text"]
    version = dialogue(talk)["version"]
    handled(talk, telegram.press(f"doubt_yes|{version}|"))
    assert talk.rows("SELECT file_id FROM topups") == [{"file_id": "f-one"}]


def test_a_sent_receipt_is_replaced_while_another_file_is_asked_about(talk: Conversation) -> None:
    known(talk, ADMIN)
    first = sends(talk, "one")
    handled(talk, telegram.press("by_hand||"), telegram.message(USER, text="/start"))
    handled(talk, telegram.message(USER, **photo("doubted")))
    assert dialogue(talk)["step"] == "receipt_doubted"

    handled(talk, edited(first, **photo("two")))

    assert talk.rows("SELECT file_id FROM topups") == [{"file_id": "f-two"}]
    assert dialogue(talk)["step"] == "receipt_doubted"
