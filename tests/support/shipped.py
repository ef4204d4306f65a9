"""The catalogue that ships with the code, read once for all tests of a process: it is immutable,
and reading it costs more than most tests do."""

from functools import cache

from kie.catalogue.catalogue import Catalogue


@cache
def shipped() -> Catalogue:
    return Catalogue.load()
