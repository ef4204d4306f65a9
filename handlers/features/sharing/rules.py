"""What an inline query leads to: the user's own works, and nothing that is made for it."""

from dataclasses import dataclass

from handlers.delivery.payloads import Payload
from handlers.dialogue.effects import Effect, Effects
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import InlineQuery
from handlers.features.sharing.words import plain, say
from handlers.features.sharing.works import Page
from handlers.words.texts import shorten

#: Seconds for which Telegram may give the same answer to the same user.
CACHED = 10
TITLE = 60  #: UTF-16 units of a title in the list


@dataclass(frozen=True, slots=True)
class AnswerQuery(Effect):
    """The answer to an inline query."""

    payload: Payload


def answer(facts: Facts, query: InlineQuery, page: Page) -> Effects:
    """The works as files that Telegram has already."""
    language, shop = facts.language, facts.shop
    caption = say(language, "shared", name=shop.bot_username) if shop.bot_username else ""
    results = [
        {
            "id": f"{work.job_id}-{work.number}",
            "kind": work.kind,
            "file_id": work.file_id,
            "title": shorten(work.words, TITLE) or plain(language, "share_untitled"),
            "caption": caption,
        }
        for work in page.works
    ]
    none = ""
    if not results and not query.offset:
        none = plain(language, "share_no_match" if query.text.strip() else "share_none")
    return (
        AnswerQuery(
            {
                "do": "inline",
                "query_id": query.query_id,
                "results": results,
                "next_offset": page.next_offset,
                "cached": CACHED,
                "none": none,
            }
        ),
    )
