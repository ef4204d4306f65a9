"""The one reader of the environment."""

from pathlib import Path

import pytest

from supervisor.runtime.errors import Misconfigured
from supervisor.settings.env_file import check_data_dir, read_env_file
from supervisor.settings.reader import Settings

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


def test_an_env_file_knows_comments_quotes_and_export(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("# c\nexport A=1\nB='two # words'\nC=three # not this\n\nD=\n")

    assert read_env_file(path) == {"A": "1", "B": "two # words", "C": "three", "D": ""}


def test_a_line_that_is_no_setting_is_named_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\nnonsense\n")

    with pytest.raises(Misconfigured, match="line 2"):
        read_env_file(path)


def test_a_missing_env_file_is_an_empty_one(tmp_path: Path) -> None:
    assert read_env_file(tmp_path / ".env") == {}


def test_a_data_directory_is_made_and_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    check_data_dir(tmp_path / "new" / "deep")
    (tmp_path / "file").touch()

    with pytest.raises(Misconfigured, match="DATA_DIR"):
        check_data_dir(tmp_path / "file")
