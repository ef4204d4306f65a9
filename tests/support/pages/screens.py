"""What Telegram takes as a message: nested tags, lengths, buttons."""

from html.parser import HTMLParser

from handlers.dialogue.effects import Screen
from handlers.words.texts import units, without_markup


class Nested(HTMLParser):
    """Fails for tags that do not nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def check_screen(screen: Screen) -> None:
    parser = Nested()
    parser.feed(screen.text)
    assert parser.open == []
    assert 0 < units(without_markup(screen.text)) <= 4096
    for row in screen.keyboard:
        assert 0 < len(row) <= 8
        for button in row:
            assert button.text
            assert button.url or 0 < len(button.press.encode()) <= 64
