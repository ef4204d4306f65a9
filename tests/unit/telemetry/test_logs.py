"""No secret in any line, one line per event, nothing lost of the standard library's logging."""

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
from loguru import logger
from telegram.error import TelegramError
from telegram.request import BaseRequest

from supervisor.runtime.secret import Secret
from supervisor.telemetry import logs
from supervisor.telemetry.log_throttle import LogThrottle
from tests.support.edges.fakes import FakeClock

TOKEN = "123456:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"
PASSWORD = "p@ss word/1"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    made = io.StringIO()
    logs.configure(level="TRACE", secrets=[Secret(TOKEN), Secret(PASSWORD)], stream=made)
    yield made
    logger.remove()
    logging.getLogger().handlers.clear()
    logging.captureWarnings(capture=False)


@pytest.mark.parametrize(
    "text",
    [
        f"token {TOKEN}",
        f"half {TOKEN.partition(':')[2]}",
        f"POST https://api.telegram.org/bot{TOKEN}/getMe",
        f"password {PASSWORD}",
        "encoded p%40ss%20word%2F1",
    ],
)
def test_a_known_secret_appears_in_no_form(stream: io.StringIO, text: str) -> None:
    logger.bind(field=text).info(text)

    for part in (TOKEN, TOKEN.partition(":")[2], PASSWORD, "p%40ss"):
        assert part not in stream.getvalue()
    assert "***" in stream.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "654321:ZZyyXXwwVVuuTTssRRqqPPooNNmmLLkkJJi",
        "Authorization: Bearer abcdefghijklmnop",
        "postgresql://user:opensesame@host/db",
        "host=h password=opensesame user=u",
    ],
)
def test_what_looks_like_a_secret_is_one(stream: io.StringIO, text: str) -> None:
    logger.info(text)

    for part in ("ZZyyXX", "abcdefghijklmnop", "opensesame"):
        assert part not in stream.getvalue()


def test_a_traceback_shows_neither_secrets_nor_variables(stream: io.StringIO) -> None:
    hidden = "local-variable-content"
    try:
        raise ValueError(f"cannot reach /bot{TOKEN}/getMe")
    except ValueError:
        logger.exception("it_failed")

    assert TOKEN not in stream.getvalue()
    assert hidden not in stream.getvalue().replace('hidden = "local-variable-content"', "")
    assert "ValueError" in stream.getvalue()


def test_the_standard_librarys_logging_arrives_with_its_name(stream: io.StringIO) -> None:
    logging.getLogger("telegram.ext").warning("careful %s", "{there}")

    assert "careful {there}" in stream.getvalue()


def test_httpx_does_not_print_urls(stream: io.StringIO) -> None:
    logging.getLogger("httpx").info("HTTP Request: POST https://x/botTOKEN/getMe")

    assert stream.getvalue() == ""


def test_json_is_one_object_a_line_with_stable_names(stream: io.StringIO) -> None:
    made = io.StringIO()
    logs.configure(form="json", instance="i-1", stream=made)

    logger.bind(epoch=7, job=3).info("job_settled")

    (line,) = made.getvalue().splitlines()
    found = json.loads(line)
    assert {k: found[k] for k in ("level", "event", "instance", "epoch", "job")} == {
        "level": "INFO",
        "event": "job_settled",
        "instance": "i-1",
        "epoch": 7,
        "job": 3,
    }


def test_a_trouble_that_lasts_is_told_at_once_and_then_every_ten_seconds() -> None:
    clock = FakeClock()
    trouble = LogThrottle(clock)

    told = []
    for _ in range(21):
        told.append(trouble.level())
        clock.time += 1.0

    assert [number for number, line in enumerate(told) if line[0] == "WARNING"] == [0, 10, 20]
    assert [more for level, more in told if level == "WARNING"] == [0, 9, 9]


def test_an_answer_of_telegram_that_is_not_json_stays_out_of_the_log(stream: io.StringIO) -> None:
    with pytest.raises(TelegramError):
        BaseRequest.parse_json_payload(b'{"result": {"text": "for your eyes on')

    assert stream.getvalue() == ""


def test_a_closed_output_does_not_stop_the_bot(stream: io.StringIO) -> None:
    stream.close()

    logger.info("nobody reads this")


def test_what_a_line_brings_along_takes_no_fixed_fields_place(stream: io.StringIO) -> None:
    made = io.StringIO()
    logs.configure(form="json", instance="i-1", stream=made)

    logger.bind(event="other", level="x", ts=0, instance="i-2", logger="y").info("job_settled")

    found = json.loads(made.getvalue())
    assert (found["event"], found["level"], found["instance"]) == ("job_settled", "INFO", "i-1")
    assert found["ts"] != 0
    assert found["logger"] == __name__


def test_a_traceback_stays_in_the_object_of_its_line(stream: io.StringIO) -> None:
    made = io.StringIO()
    logs.configure(form="json", instance="i-1", stream=made)

    try:
        raise ValueError("two\nlines")
    except ValueError:
        logger.exception("it_failed")

    (line,) = made.getvalue().splitlines()
    assert "two\nlines" in json.loads(line)["error"]


# ------------------------------------------------------------------- colour --

ESCAPE = "\x1b["


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_colours_and_the_same_words() -> None:
    plain, coloured = io.StringIO(), Terminal()

    for stream, colour in ((plain, False), (coloured, True)):
        logs.configure(stream=stream, colour=colour)
        logger.bind(job=3).warning("job_settled")

    without = re.sub(r"\x1b\[[\d;]*m", "", coloured.getvalue())
    assert coloured.getvalue().count(ESCAPE) >= 2
    assert ESCAPE not in plain.getvalue()
    assert without[23:] == plain.getvalue()[23:] == " WARNING  job_settled job=3\n"


def test_colours_hide_no_secret_from_the_redactor() -> None:
    stream = Terminal()
    logs.configure(secrets=[Secret(TOKEN)], stream=stream, colour=True)

    logger.error("{} {}", TOKEN, "postgresql://user:opensesame@host/db")

    assert TOKEN not in stream.getvalue()
    assert "opensesame" not in stream.getvalue()


def test_json_stays_json_on_a_terminal() -> None:
    stream = Terminal()
    logs.configure(form="json", stream=stream, colour=True)

    logger.error("job_settled")

    assert json.loads(stream.getvalue())["event"] == "job_settled"
    assert ESCAPE not in stream.getvalue()


@pytest.mark.parametrize(
    ("env", "wanted"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),  # as no-color.org has it
        ({"TERM": "dumb"}, False),
    ],
)
def test_the_user_of_a_terminal_has_the_last_word(env: dict[str, str], wanted: bool) -> None:
    assert logs.wants_colour(Terminal(), env) is wanted


def test_what_is_no_terminal_gets_no_colours() -> None:
    closed = io.StringIO()
    closed.close()

    for stream in (io.StringIO(), closed, None):
        assert not logs.wants_colour(stream, {"TERM": "xterm"})


@pytest.mark.parametrize(
    "text",
    [
        "refused\n2026-11-24 10:00:00.000 CRITICAL [SHUTDOWN] forged",
        "refused\r2026-11-24 10:00:00.000 CRITICAL [SHUTDOWN] forged",
        "refused\u20282026-11-24 10:00:00.000 CRITICAL [SHUTDOWN] forged",
        "\x1b[2J\x1b[H",
        "\x9b2J",
        "\u202egnorw",
    ],
)
@pytest.mark.parametrize("where", ["message", "field", "traceback", "library"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_foreign_words_make_no_line_of_their_own_and_move_no_cursor(
    text: str, where: str, form: str
) -> None:
    made = io.StringIO()
    logs.configure(form=form, stream=made)
    match where:
        case "message":
            logger.info(text)
        case "field":
            logger.bind(reason=text).info("kie_refused")
        case "library":
            logging.getLogger("urllib3").warning("%s", text)
        case _:
            try:
                raise ValueError(text)
            except ValueError as error:
                logger.opt(exception=error).error("job_broken")
    logger.remove()
    lines = made.getvalue().split("\n")

    assert not any(line.startswith("2026-11-24") for line in lines)
    assert not set("\r\x1b\x9b\u2028\u202e") & set(made.getvalue())
    if form == "json":
        assert len(lines) == 2
        assert isinstance(json.loads(lines[0]), dict)


def test_a_value_that_cannot_be_shown_costs_its_line_and_nothing_else(
    stream: io.StringIO,
) -> None:
    class Odd:
        def __str__(self) -> str:
            raise RuntimeError("no")

    logger.bind(odd=Odd()).info("first")
    logger.info("second")

    assert "first" in stream.getvalue()
    assert "second" in stream.getvalue()


def test_a_line_of_a_megabyte_is_cut(stream: io.StringIO) -> None:
    logger.bind(body="x" * 2**20).info("too_long")

    assert len(stream.getvalue()) < 2**17


def test_a_library_whose_format_does_not_fit_its_values_is_heard_all_the_same(
    stream: io.StringIO,
) -> None:
    ours = [each for each in logging.getLogger().handlers if type(each).__module__ == logs.__name__]
    odd = logging.LogRecord("urllib3", logging.WARNING, "", 0, "%d of %d", ("one",), None)
    ours[0].handle(odd)

    assert "%d of %d" in stream.getvalue()
