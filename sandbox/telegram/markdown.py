"""Telegram's MarkdownV2: marked text in, plain text and entities out.

The rules are those of https://core.telegram.org/bots/api#markdownv2-style: a reserved
character that marks nothing must be escaped, or the whole message is refused. Offsets and
lengths count UTF-16 code units.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from sandbox.telegram.errors import ApiError, bad_request

RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
_MARKS = {"*": "bold", "_": "italic", "__": "underline", "~": "strikethrough", "||": "spoiler"}


def parse_markdown(text: str) -> tuple[str, list[dict[str, Any]]]:
    """Plain text and entities. Raises the Bot API's "can't parse entities"."""
    reader = _Reader(text)
    while reader.at < len(text):
        reader.step()
    reader.end_of_line()
    if reader.open:
        mark, _, begun_at = reader.open[-1]
        kind = _MARKS.get(mark, "text_url").title().replace("_", "")
        raise reader.complaint(f"Can't find end of {kind} entity", begun_at)
    reader.found.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return reader.plain, reader.found


@dataclass
class _Reader:
    text: str
    at: int = 0
    plain: str = ""
    found: list[dict[str, Any]] = field(default_factory=list)
    #: What has begun and not ended: the mark, where it began in ``plain`` and in ``text``.
    open: list[tuple[str, int, int]] = field(default_factory=list)
    quote: int | None = None  #: where the quotation began in ``plain``

    def step(self) -> None:
        """Read one character, mark, link end or code."""
        rest = self.text[self.at :]
        if rest[0] == "\\" and len(rest) > 1 and 0 < ord(rest[1]) < 127:
            self.plain += rest[1]
            self.at += 2
        elif rest[0] == ">" and (self.at == 0 or self.text[self.at - 1] == "\n"):
            self.quote = len(self.plain) if self.quote is None else self.quote
            self.at += 1
        elif rest[0] == "\n":
            if not rest.startswith("\n>"):
                self.end_of_line()
            self.plain += "\n"
            self.at += 1
        elif rest.startswith("```"):
            self._code("```", "pre")
        elif rest[0] == "`":
            self._code("`", "code")
        elif rest[0] == "]" and self.open and self.open[-1][0] == "[":
            self._link()
        elif rest[0] == "[":
            self.open.append(("[", len(self.plain), self.at))
            self.at += 1
        else:
            self._mark(rest)

    def end_of_line(self) -> None:
        """A quotation ends with its last line that begins with ``>``."""
        if self.quote is not None:
            self._add("blockquote", self.quote)
            self.quote = None

    def complaint(self, words: str, at: int) -> ApiError:
        offset = len(self.text[:at].encode())
        return bad_request(f"can't parse entities: {words} at byte offset {offset}")

    def _mark(self, rest: str) -> None:
        mark = next((each for each in ("__", "||", "*", "_", "~") if rest.startswith(each)), None)
        if mark is None:
            if rest[0] in RESERVED:
                raise bad_request(
                    f"can't parse entities: Character '{rest[0]}' is reserved and must be"
                    " escaped with the preceding '\\'"
                )
            self.plain += rest[0]
            self.at += 1
            return
        if self.open and self.open[-1][0] == mark:
            _, begun, _ = self.open.pop()
            self._add(_MARKS[mark], begun)
        else:
            self.open.append((mark, len(self.plain), self.at))
        self.at += len(mark)

    def _code(self, fence: str, kind: str) -> None:
        closed = re.compile(rf"((?:\\.|[^\\])*?){fence}", re.DOTALL).match(
            self.text, self.at + len(fence)
        )
        if closed is None:
            raise self.complaint(f"Can't find end of {kind.capitalize()} entity", self.at)
        begun = len(self.plain)
        inside = closed.group(1)
        if kind == "pre":  # the first line names the language
            language, newline, rest = inside.partition("\n")
            inside = rest if newline and language.isalnum() else inside.removeprefix("\n")
        self.plain += re.sub(r"\\([`\\])", r"\1", inside)
        self._add(kind, begun)
        self.at = closed.end()

    def _link(self) -> None:
        _, begun, _ = self.open.pop()
        if not self.text.startswith("](", self.at):
            raise self.complaint("Can't find the URL of a TextUrl entity", self.at)
        end = self.text.find(")", self.at + 2)
        if end < 0:
            raise self.complaint("Can't find end of a URL", self.at)
        self._add("text_link", begun, url=self.text[self.at + 2 : end])
        self.at = end + 1

    def _add(self, kind: str, begun: int, **extra: Any) -> None:
        offset = len(self.plain[:begun].encode("utf-16-le")) // 2
        length = len(self.plain[begun:].encode("utf-16-le")) // 2
        if length:
            self.found.append({"type": kind, "offset": offset, "length": length, **extra})
