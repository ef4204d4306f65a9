"""The one reader of the environment."""

import dataclasses
from pathlib import Path

import pytest

from supervisor.runtime.errors import Misconfigured
from supervisor.settings.reader import Settings, variables

GOOD = {"TELEGRAM_BOT_TOKEN": "123456:TEST-TOKEN", "KIE_API_KEY": "kie-key"}


def read(**changes: str) -> Settings:
    return Settings.from_env({**GOOD, **changes}, version="1")


def problems(**changes: str) -> str:
    with pytest.raises(Misconfigured) as caught:
        read(**changes)
    return "\n".join(caught.value.problems)


def test_two_secrets_are_enough_for_polling() -> None:
    settings = read()

    assert (settings.mode, settings.port, settings.data_dir) == ("polling", 10000, Path(".data"))


@pytest.mark.parametrize("quote", ['"', "'"])
def test_quotes_around_a_value_are_none_of_it(quote: str) -> None:
    """``docker run --env-file`` and many forms keep what a shell removes."""
    quoted = {
        **GOOD,
        "WEBHOOK_BASE_URL": "https://bot.example.org",
        "DATABASE_URL": "postgresql://u:p@h/d",
        "DATA_DIR": "/srv/trt",
        "ADMIN_ID": "1005,1006",
        "PAYMENT_BANK": "My Bank",
        "SUPPORT_TELEGRAM": "@help_desk",
        "PORT": "8000",
        "LOG_LEVEL": " DEBUG ",
        "PAYMENT_CARD": "",
    }

    found = read(**{name: f" {quote}{value}{quote}" for name, value in quoted.items()})

    bare = dataclasses.replace(read(**quoted), instance_id=found.instance_id)
    assert found == bare
    assert (found.data_dir, found.payment_bank) == (Path("/srv/trt"), "My Bank")
    assert found.payment_card == read().payment_card
    assert not any(quote in each.reveal() for each in found.secrets)


def test_an_address_of_nothing_but_quotes_is_none() -> None:
    assert read(WEBHOOK_BASE_URL='""').mode == "polling"


@pytest.mark.parametrize("text", ['"Hi" or "bye"', "'Bank", 'Bank "North"', '"', "'a\""])
def test_quotes_inside_of_a_text_stay(text: str) -> None:
    assert read(PAYMENT_BANK=text).payment_bank == text


def test_all_problems_are_reported_at_once() -> None:
    told = problems(TELEGRAM_BOT_TOKEN="", PORT="0", ADMIN_ID="me", LOG_LEVEL="LOUD")

    for name in ("TELEGRAM_BOT_TOKEN", "PORT", "ADMIN_ID", "LOG_LEVEL"):
        assert f"{name}: " in told


@pytest.mark.parametrize("number", ["0", "-7", str(2**52), "9" * 20, "٣", "1_000", "1e3", "me"])
def test_an_operator_has_a_number_that_telegram_gives(number: str) -> None:
    assert "ADMIN_ID: expected Telegram user ids" in problems(ADMIN_ID=f"5,{number}")


def test_operators_are_named_once_in_the_order_given() -> None:
    assert read(ADMIN_ID=f" {2**52 - 1}, 7,,7 ").admin_ids == (2**52 - 1, 7)


@pytest.mark.parametrize("number", ["0" * 8, str(2**52), "9" * 20, "١٢٣٤٥٦"])
def test_a_token_begins_with_the_number_of_a_bot(number: str) -> None:
    assert "TELEGRAM_BOT_TOKEN: " in problems(TELEGRAM_BOT_TOKEN=f"{number}:TEST-TOKEN")


def test_a_secret_is_never_repeated_in_a_complaint() -> None:
    told = problems(TELEGRAM_BOT_TOKEN="hunter2 hunter2", DATABASE_URL="mysql://u:hunter2@h/d")

    assert "hunter2" not in told


def test_a_secret_is_not_shown_by_repr() -> None:
    settings = read(DATABASE_URL="postgresql://u:hunter2@h/d")

    assert "hunter2" not in repr(settings)
    assert "TEST-TOKEN" not in f"{settings} {settings.token} {settings.token!r}"


def test_the_mode_follows_from_a_public_address() -> None:
    settings = read(RENDER_EXTERNAL_URL="https://x.onrender.com", DATABASE_URL="postgresql://h/d")

    assert (settings.mode, settings.base_url) == ("webhook", "https://x.onrender.com")


def test_webhook_mode_needs_an_address_and_a_database() -> None:
    told = problems(BOT_MODE="webhook")

    assert "WEBHOOK_BASE_URL: " in told
    assert "DATABASE_URL: " in told


@pytest.mark.parametrize("url", ["http://example.org", "ftp://x", "https://u:p@x", "nonsense"])
def test_a_base_url_that_telegram_cannot_use_is_refused(url: str) -> None:
    assert "WEBHOOK_BASE_URL: " in problems(WEBHOOK_BASE_URL=url)


def test_plain_http_is_allowed_on_this_machine_only() -> None:
    assert read(WEBHOOK_BASE_URL="http://127.0.0.1:1", DATABASE_URL="postgresql://h/d").base_url


def test_render_has_one_writable_directory() -> None:
    assert read(RENDER="true").data_dir == Path("/tmp/data")  # noqa: S108 Render's own


def test_a_near_miss_is_pointed_out_and_a_stranger_is_not() -> None:
    settings = read(LOCK_STALE_IDLE_SECOND="1", TELEGRAM_UNRELATED="x")

    assert settings.warnings == (
        "LOCK_STALE_IDLE_SECOND is not a setting; did you mean LOCK_STALE_IDLE_SECONDS?",
    )


def test_the_lock_key_is_the_one_that_a_previous_release_holds() -> None:
    assert read().identity.lock_key == 773316565181741819


def test_systemd_credentials_fill_what_the_environment_leaves_empty(tmp_path: Path) -> None:
    (tmp_path / "KIE_API_KEY").write_text("from-systemd\n")

    settings = read(KIE_API_KEY="", CREDENTIALS_DIRECTORY=str(tmp_path))

    assert settings.kie_api_key.reveal() == "from-systemd"


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        ("kie-abc…", "U+2026 (HORIZONTAL ELLIPSIS)"),
        ("kie-kеy", "U+0435 (CYRILLIC SMALL LETTER IE)"),
        ("kie key", "U+0020 (SPACE)"),
        ("kie-ke\x00y", "U+0000 (a control character)"),
        ("kie-\u200bkey", "U+200B (ZERO WIDTH SPACE)"),
        ("kie-\udcff", "not UTF-8"),
    ],
)
@pytest.mark.parametrize("name", ["KIE_API_KEY", "KIE_WEBHOOK_HMAC_KEY"])
def test_a_key_is_what_an_http_header_can_hold(name: str, raw: str, named: str) -> None:
    told = problems(**{name: raw})

    assert told.startswith(f"{name}: ") and named in told
    assert "kie-" not in told


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org:abc",
        "https://example.org:99999",
        "https://[x/",
        "https://бот.рф",
        "https://exa℀mple.com",
        "https://exam ple.org",
        "https://example..org",
        "https://example.org/путь",
        "https://example.org/?x=1",
        "https://user@example.org",
        "https://",
    ],
)
@pytest.mark.parametrize("name", ["WEBHOOK_BASE_URL", "TELEGRAM_API_URL", "KIE_API_URL"])
def test_an_address_that_no_client_can_use_is_refused(name: str, url: str) -> None:
    assert f"{name}: " in problems(**{name: url}, DATABASE_URL="postgresql://h/d")


def test_an_address_may_have_a_port_and_a_path() -> None:
    assert read(KIE_API_URL="https://xn--90ae.example:8443/a/b/").kie_api_url.endswith("8443/a/b")


def test_the_base_of_the_bot_api_holds_no_token() -> None:
    told = problems(TELEGRAM_API_URL="https://api.telegram.org/bot123456:TEST-TOKEN")

    assert "without /bot<token>" in told


def test_telegram_delivers_to_few_ports_and_a_server_of_ones_own_to_any() -> None:
    webhook = {"WEBHOOK_BASE_URL": "https://x.org:10000", "DATABASE_URL": "postgresql://h/d"}

    assert "443, 80, 88 and 8443" in problems(**webhook)
    assert read(**webhook, TELEGRAM_API_URL="http://127.0.0.1:8081").base_url
    assert read(**{**webhook, "WEBHOOK_BASE_URL": "https://x.org:8443"}).base_url


@pytest.mark.parametrize(
    ("name", "raw", "told"),
    [
        ("SUPPORT_TEXT", "x" * 3001, "at most 3000 fit"),
        ("SUPPORT_TEXT", "😀" * 1501, "has 3002 characters"),
        ("SUPPORT_TEXT", "a\x07b", "invisible character"),
        ("SUPPORT_TEXT", "a\udce4b", "not UTF-8"),
        ("PAYMENT_BANK", "x" * 201, "at most 200 fit"),
        ("PAYMENT_CARD", "1234\n5678", "write one line"),
        ("SUPPORT_TELEGRAM", "@a\u202eb", "invisible character"),
    ],
)
def test_what_users_see_fits_into_a_message_of_telegram(name: str, raw: str, told: str) -> None:
    assert told in problems(**{name: raw})


def test_what_users_see_may_have_emoji_and_the_text_of_support_lines() -> None:
    settings = read(SUPPORT_TEXT="Пишите нам 👩‍💻\nс 9 до 18", PAYMENT_BANK="Bank «Ü»")

    assert settings.support_text.count("\n") == 1


def test_a_home_directory_is_meant_by_its_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")

    assert read(DATA_DIR="~/trt").data_dir == Path("/home/somebody/trt")
    assert "home directory is unknown" in problems(DATA_DIR="~nobody-of-this-name/trt")


def test_other_signs_of_a_shell_are_ordinary_characters_of_a_path() -> None:
    assert read(DATA_DIR="/srv/$HOME/a'b").data_dir == Path("/srv/$HOME/a'b")


@pytest.mark.parametrize("port", ["٨٠٨٠", "8_0", "+80", "8080.0", "65536"])
def test_a_port_is_written_in_plain_digits(port: str) -> None:
    assert "PORT: expected a number" in problems(PORT=port)


def test_a_secret_in_the_wrong_variable_is_not_repeated() -> None:
    told = problems(PORT="0123456789abcdef0123456789abcdef", LOCK_MODE="s3cret-s3cret-s3cret")

    assert "0123456789abcdef" not in told and "s3cret" not in told


SECRET = "Gr4nHors3Batteries"
#: How a secret looks that was pasted with what stood around it.
PASTED = [
    SECRET,
    f"Bearer {SECRET}",
    f"https://api.telegram.org/bot123456:{SECRET}/",
    f"postgresql://u:{SECRET}@host/db",
    f"postgresql://u:{SECRET}@@host:99999/db",
    f"123456:{SECRET}",
]
#: What users see, and what is not refused: the operator's own words.
WORDS = {"SUPPORT_TELEGRAM", "SUPPORT_TEXT", "PRIVACY_TEXT", "TERMS_TEXT", "NO_PROXY"}


@pytest.mark.parametrize("pasted", PASTED)
def test_no_complaint_repeats_a_secret_wherever_it_was_pasted(pasted: str) -> None:
    names = {spec.metadata["env"] for spec in variables()} | {
        *("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"),
        *("REQUESTS_CA_BUNDLE", "RENDER_EXTERNAL_URL", "PGOPTIONS", "BOT_TOKEN", "KIE_KEY"),
    }

    for name in sorted(names - WORDS):
        try:
            told = " ".join(read(**{name: pasted}).warnings)
        except Misconfigured as error:
            told = " ".join(error.problems)
        assert SECRET not in told, name


@pytest.mark.parametrize(
    "name",
    [
        *("KIE_API_KEY", "KIE_WEBHOOK_HMAC_KEY", "SUPPORT_TEXT", "SUPPORT_TELEGRAM"),
        *("PAYMENT_BANK", "PAYMENT_CARD", "PAYMENT_CARD_HOLDER", "PAYMENT_PHONE"),
    ],
)
@pytest.mark.parametrize(
    "pasted",
    [
        "123456:AAHsecretTOKENvalue_1234567890abcdef",
        "https://api.telegram.org/bot123456:AAHsecretTOKENvalue_1234567890abcdef",
        "postgresql://u:Gr4nHors3@host/db",
        "Postgres://u:Gr4nHors3@host/db",
    ],
)
def test_a_secret_goes_neither_to_users_nor_to_another_service(name: str, pasted: str) -> None:
    told = problems(**{name: pasted})

    assert f"{name}: " in told
    assert not [piece for piece in ("AAHsecret", "Gr4n") if piece in told]


def test_a_url_is_no_directory() -> None:
    assert problems(DATA_DIR="postgresql://u:w@h/db") == "DATA_DIR: is a URL; name a directory"


def test_variables_of_libpq_that_would_lead_elsewhere_are_told_to_have_no_effect() -> None:
    settings = read(PGHOST="elsewhere", PGOPTIONS="-c x=y", PGSSLROOTCERT="/ca.pem")

    assert [warning.partition(" ")[0] for warning in settings.warnings] == ["PGHOST", "PGOPTIONS"]


def test_the_name_of_an_instance_is_what_a_database_session_can_be_called() -> None:
    instance = read(HOSTNAME="бот №1").instance_id

    assert instance.isascii() and instance.startswith("-")
