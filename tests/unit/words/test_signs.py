"""A pattern is only asked where a sign of it stands: no text that it fits is without one."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.words import intents, wished
from handlers.words.intents import has_one

PATTERNS = [
    *(pytest.param(each, intents.SIGNS_OF_ACTION, id=f"action {name}")
      for name, each in intents._DOES.items()),
    *(pytest.param(each, wished.SIGNS[name], id=f"kind {name}")
      for name, each in wished._KINDS.items()),
    *(pytest.param(each, wished.SIGNS[name], id=f"bare {name}")
      for name, each in wished._BARE.items()),
    *(pytest.param(each, wished.SIGNS_OF_FORMAT, id=f"format {name}")
      for name, each in wished._FORMATS.items()),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "signs"), PATTERNS)
def test_every_text_that_a_pattern_fits_has_a_sign(
    pattern: re.Pattern[str], signs: tuple[str, ...]
) -> None:
    @settings(max_examples=300, deadline=None)
    @given(st.from_regex(pattern))
    def check(text: str) -> None:
        found = pattern.search(text)
        assert found is not None
        assert has_one(found.group(), signs)

    check()


def test_a_text_with_none_of_the_signs_has_none() -> None:
    assert not has_one("a fox in the snow", intents.SIGNS_OF_ACTION)
    assert has_one("remove the background", intents.SIGNS_OF_ACTION)
