"""One rule for proxies and certificates of every call that leaves this machine."""

import ssl
from collections.abc import Mapping
from pathlib import Path

import certifi
import pytest

from supervisor.runtime.errors import Misconfigured
from supervisor.runtime.secret import Secret
from supervisor.settings.outgoing import Outgoing, read
from supervisor.settings.reader import Settings

KIE = "https://api.kie.ai/api/v1/chat/credit"


def good(env: Mapping[str, str]) -> Outgoing:
    problems: list[str] = []
    found = read(env, problems)
    assert problems == []
    return found


def wrong(env: Mapping[str, str]) -> str:
    problems: list[str] = []
    read(env, problems)
    (only,) = problems
    return only


def test_without_a_setting_calls_go_directly_and_trust_the_usual_authorities() -> None:
    found = good({})

    assert found.proxy_for(KIE) is None
    assert found.ssl_context().verify_mode is ssl.CERT_REQUIRED
    assert len(found.ssl_context().get_ca_certs()) > 100


@pytest.mark.parametrize(
    "env",
    [
        {"HTTPS_PROXY": "http://proxy:3128"},
        {"https_proxy": "http://proxy:3128", "HTTPS_PROXY": "http://other:1"},
        {"ALL_PROXY": "http://proxy:3128"},
        {"HTTPS_PROXY": "http://proxy:3128", "ALL_PROXY": "socks5://127.0.0.1:1080"},
        {"HTTPS_PROXY": "proxy:3128"},
        {"HTTPS_PROXY": "http://proxy:3128", "HTTP_PROXY": "http://other:1"},
    ],
)
def test_the_proxy_of_an_https_address_is_found(env: dict[str, str]) -> None:
    assert good(env).proxy_for(KIE) == "http://proxy:3128"


@pytest.mark.parametrize("url", ["http://localhost:8080/x", "http://127.0.0.1/x", "http://[::1]/"])
def test_this_machine_is_never_reached_through_a_proxy(url: str) -> None:
    assert good({"HTTP_PROXY": "http://proxy:1"}).proxy_for(url) is None


@pytest.mark.parametrize(
    "entry", ["*", "kie.ai", ".kie.ai", "*.kie.ai", "x.org, api.kie.ai", "api.kie.ai:443 x.org"]
)
def test_what_no_proxy_lists_is_reached_directly(entry: str) -> None:
    url = "https://api.kie.ai:443/x"

    assert good({"HTTPS_PROXY": "http://proxy:1", "NO_PROXY": entry}).proxy_for(url) is None


@pytest.mark.parametrize("entry", ["ai", "notkie.ai", "kie.ai:8443", "10.0.0.0/8", ".", ""])
def test_what_no_proxy_does_not_list_goes_through_it(entry: str) -> None:
    found = good({"HTTPS_PROXY": "http://proxy:1", "NO_PROXY": entry})

    # "ai" covers everything below it, as curl and requests have it.
    assert (found.proxy_for(KIE) is None) == (entry == "ai")


def test_a_network_in_no_proxy_covers_its_addresses() -> None:
    found = good({"HTTPS_PROXY": "http://proxy:1", "NO_PROXY": "10.0.0.0/8"})

    assert found.proxy_for("https://10.1.2.3/x") is None
    assert found.proxy_for("https://11.1.2.3/x") is not None


@pytest.mark.parametrize(
    "env",
    [
        {"ALL_PROXY": "socks://127.0.0.1:1080/"},
        {"HTTPS_PROXY": "socks5h://me:hunter2@host:1"},
        {"https_proxy": "http://host:port"},
        {"HTTPS_PROXY": "http://[half"},
    ],
)
def test_a_proxy_that_cannot_be_used_is_a_problem_that_names_the_variable(
    env: dict[str, str],
) -> None:
    (name,) = env
    told = wrong(env)

    assert told.startswith(f"{name.upper()}: expected http://host:port")
    assert "hunter2" not in told


def test_a_socks_proxy_that_nobody_would_use_is_no_problem() -> None:
    assert good({"ALL_PROXY": "socks://127.0.0.1:1080", "NO_PROXY": "*"}).proxy_for(KIE) is None


def test_the_password_of_a_proxy_is_a_secret() -> None:
    found = good({"HTTPS_PROXY": "http://me:hunter2@proxy:1"})

    assert Secret("hunter2") in found.secrets
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_bundle_of_ones_own_takes_the_place_of_the_usual_one(name: str, tmp_path: Path) -> None:
    one = Path(certifi.where()).read_text(encoding="ascii", errors="ignore")
    end = "-----END CERTIFICATE-----"
    bundle = tmp_path / "ca.pem"
    bundle.write_text(one[: one.index(end)] + end + "\n", encoding="ascii")

    assert len(good({name: str(bundle)}).ssl_context().get_ca_certs()) == 1


def test_a_directory_of_certificates_is_taken(tmp_path: Path) -> None:
    assert good({"SSL_CERT_DIR": str(tmp_path)}).certificates == tmp_path


@pytest.mark.parametrize("content", [None, b"", b"not a certificate"])
def test_a_bundle_without_a_certificate_is_a_problem(content: bytes | None, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_bytes(content)

    assert wrong({"SSL_CERT_FILE": str(bundle)}).startswith(f"SSL_CERT_FILE: {bundle}: ")


def test_the_settings_hold_the_rule_and_keep_the_password_of_a_proxy() -> None:
    token = "123456:" + "A" * 35
    env = {"TELEGRAM_BOT_TOKEN": token, "KIE_API_KEY": "key-of-the-tests"}

    found = Settings.from_env({**env, "HTTPS_PROXY": "http://me:hunter2@proxy:1"}, version="1")

    assert found.outgoing.proxy_for(KIE) == "http://me:hunter2@proxy:1"
    assert Secret("hunter2") in found.secrets
    with pytest.raises(Misconfigured, match="ALL_PROXY"):
        Settings.from_env({**env, "ALL_PROXY": "socks://127.0.0.1:1080"}, version="1")
