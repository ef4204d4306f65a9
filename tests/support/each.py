"""One test over many small things: as tests of their own, thousands of them would cost more than
what they check, once in each worker."""

from collections.abc import Callable, Iterable
from typing import Any


def each(
    things: Iterable[Any], name: Callable[[Any], str] = str
) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """The test for each thing (a tuple gives several arguments). A failure names all that fail."""
    chosen = list(things)
    assert chosen, "there is nothing to test"

    def over(check: Callable[..., None]) -> Callable[[], None]:
        def test() -> None:
            wrong = []
            for thing in chosen:
                try:
                    check(*thing) if isinstance(thing, tuple) else check(thing)
                except AssertionError as error:
                    wrong.append(f"{name(thing)}: {error}")
            assert not wrong, "\n".join(wrong)

        test.__name__, test.__qualname__ = check.__name__, check.__qualname__
        test.__module__, test.__doc__ = check.__module__, check.__doc__
        return test

    return over
