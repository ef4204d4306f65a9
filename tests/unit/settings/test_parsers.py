"""Single settings: what forms, shells and keyboards make of them is refused, or means one thing."""

import pytest

from supervisor.settings import parsers


@pytest.mark.parametrize(
    "raw",
    [
        "https://bot.example\n",
        "https://bot.exam\nple",
        "https://bot.example/\tpath",
        "\x00https://bot.example",
        "https://bot.example/ path",
        "https://bot.example\x7f",
        "https://[::1",
        "https://bot.example:99999",
        "https://bot.example:port",
        "https://ex\u2100mple.com",
        "https://bot..example",
        "https://bot.example\\@other.example",
        "https://user@bot.example",
    ],
)
def test_an_address_that_would_be_read_in_two_ways_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match=r"expected|contains|the host|the path"):
        parsers.url(raw)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("HTTPS://Bot.Example", "https://bot.example"),
        ("https://bot.example:/", "https://bot.example"),
        ("https://bot.example:8443/Path//", "https://bot.example:8443/Path"),
        ("http://[FE80::1]:80", "http://[fe80::1]:80"),
    ],
)
def test_an_address_is_kept_as_servers_show_it(raw: str, expected: str) -> None:
    assert parsers.url(raw) == expected


@pytest.mark.parametrize(
    "raw", ["\u0663", "\uff11\uff12", "1_000", "+5", "1e3", "0x10", "nan", "inf", "5 ", "5,0", ""]
)
def test_seconds_are_plain_digits(raw: str) -> None:
    with pytest.raises(ValueError, match="as a number"):
        parsers.seconds(1.0)(raw)


@pytest.mark.parametrize(("raw", "expected"), [("60", 60.0), ("1.5", 1.5), ("86400", 86400.0)])
def test_seconds_may_have_a_fraction(raw: str, expected: float) -> None:
    assert parsers.seconds(1.0)(raw) == expected


@pytest.mark.parametrize("raw", ["/data/\ud800", "/data\nx", "/data\x00"])
def test_a_path_that_no_disk_can_have_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match="type the path again"):
        parsers.directory(raw)
