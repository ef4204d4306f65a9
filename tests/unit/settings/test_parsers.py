"""Single settings: what forms, shells and keyboards make of them is refused, or means one thing."""

from pathlib import Path

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


@pytest.mark.parametrize(
    ("raw", "ours"),
    [
        ("https://api.telegram.org/bot", "/bot"),
        ("https://api.telegram.org/bot/", "/bot"),
        ("https://api.kie.ai/api/v1", "/api/v1"),
        ("https://api.kie.ai/api/v1/", "/api/v1"),
    ],
)
def test_the_base_of_an_api_is_refused_with_what_we_append_ourselves(raw: str, ours: str) -> None:
    """As other libraries want it. Every call would get a 404, which for Telegram is the refusal of
    a token."""
    with pytest.raises(ValueError, match=f"without {ours}"):
        parsers.base_url(ours)(raw)


@pytest.mark.parametrize("raw", ["https://proxy.example/telegram", "http://127.0.0.1:8081"])
def test_the_base_of_an_api_may_have_another_path(raw: str) -> None:
    assert parsers.base_url("/bot")(raw) == raw


@pytest.mark.parametrize("raw", ["$HOME/trt", "${HOME}/trt", "%TEMP%\\trt", "$DATA"])
def test_a_directory_whose_variable_nobody_has_expanded_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match="write the path itself"):
        parsers.directory(raw)


@pytest.mark.parametrize("raw", ["/srv/$HOME", "/srv/100%/x", "a$b", "$5"])
def test_a_directory_may_have_such_a_name_elsewhere(raw: str) -> None:
    assert parsers.directory(raw) == Path(raw)
