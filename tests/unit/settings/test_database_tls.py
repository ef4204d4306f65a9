"""Certificates of the database's connection: what libpq would find missing only while it connects,
and what is waited for in vain, is a wrong setting."""

import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest

from supervisor.runtime.errors import Misconfigured
from supervisor.settings.reader import Settings
from tests.support.network.tls_front import CERTIFICATES

GOOD = {"TELEGRAM_BOT_TOKEN": "123456:TEST-TOKEN", "KIE_API_KEY": "kie-key"}
AUTHORITY = CERTIFICATES / "authority.pem"
PAIR = CERTIFICATES / "good.pem"  #: a certificate and its key
_SSL_REQUEST = 8


def url_of(query: str, home: Path, host: str = "db.example.org", **env: str) -> str:
    """What is connected with."""
    env = {**GOOD, "HOME": str(home), "DATABASE_URL": f"postgresql://u:pw@{host}/d?{query}", **env}
    url = Settings.from_env(env, version="1").database_url
    assert url is not None
    return url.reveal()


def refusal(query: str, home: Path, **env: str) -> str:
    with pytest.raises(Misconfigured) as caught:
        url_of(query, home, **env)
    return "\n".join(caught.value.problems)


def private(folder: Path, source: Path) -> Path:
    folder.mkdir(exist_ok=True)
    copy = folder / "client.key"
    copy.write_bytes(source.read_bytes())
    copy.chmod(0o600)
    return copy


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
def test_a_missing_file_of_authorities_is_named_with_both_cures(mode: str, tmp_path: Path) -> None:
    told = refusal(f"sslmode={mode}", tmp_path)

    assert f"sslmode={mode}" in told and str(tmp_path / ".postgresql/root.crt") in told
    assert "sslrootcert=/path/to/file.crt" in told and "sslrootcert=system" in told


def test_variables_of_libpq_count_where_the_url_says_nothing(tmp_path: Path) -> None:
    assert "does not exist" in refusal("", tmp_path, PGSSLMODE="verify-full")
    assert "/no/such" in refusal("", tmp_path, PGSSLMODE="verify-ca", PGSSLROOTCERT="/no/such")
    assert url_of("sslmode=require", tmp_path, PGSSLMODE="verify-full")


def test_a_file_without_certificates_is_refused_wherever_libpq_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / ".postgresql"
    folder.mkdir()
    (folder / "root.crt").write_text("<html>Sign in to download</html>")

    assert "holds no certificates" in refusal("sslmode=verify-full", tmp_path)
    assert "holds no certificates" in refusal("sslmode=require", tmp_path)
    assert url_of("sslmode=prefer", tmp_path)


def test_a_key_that_is_missing_foreign_or_readable_by_others_is_refused(tmp_path: Path) -> None:
    certificate = f"sslmode=require&sslcert={PAIR}"
    key = private(tmp_path, PAIR)
    other = private(tmp_path / "other", CERTIFICATES / "expired.pem")

    assert "postgresql.key does not exist" in refusal(certificate, tmp_path)
    assert "cannot be used together" in refusal(f"{certificate}&sslkey={other}", tmp_path)
    assert url_of(f"{certificate}&sslkey={key}", tmp_path)
    assert url_of(f"{certificate}&sslkey={other}&sslcertmode=disable", tmp_path)
    key.chmod(0o644)
    assert f"chmod 600 {key}" in refusal(f"{certificate}&sslkey={key}", tmp_path)


def test_a_socket_of_this_machine_needs_no_certificates(tmp_path: Path) -> None:
    assert url_of("sslmode=verify-full&host=/run/postgresql", tmp_path, host="")


def test_certificates_that_are_there_change_nothing(tmp_path: Path) -> None:
    query = f"sslmode=verify-full&sslrootcert={AUTHORITY}"

    assert url_of(query, tmp_path).endswith(query)


@pytest.mark.parametrize("query", ["sslmode=verify-full&sslrootcert=system", "sslrootcert=system"])
def test_the_certificates_of_the_system_are_those_of_every_other_call(
    query: str, tmp_path: Path
) -> None:
    """libpq's own search fails: it looks in the folder where the package was built."""
    with socket.create_server(("localhost", 0)) as listening, ThreadPoolExecutor(1) as beside:
        shaken = beside.submit(handshake, listening)
        host = f"localhost:{listening.getsockname()[1]}"
        with pytest.raises(psycopg2.OperationalError, match="closed the connection|EOF"):
            psycopg2.connect(url_of(query, tmp_path, host=host, REQUESTS_CA_BUNDLE=str(AUTHORITY)))

        assert shaken.result(30) == "encrypted"


def test_a_server_of_another_authority_is_not_trusted_with_those_of_the_system(
    tmp_path: Path,
) -> None:
    with socket.create_server(("localhost", 0)) as listening, ThreadPoolExecutor(1) as beside:
        shaken = beside.submit(handshake, listening)
        host = f"localhost:{listening.getsockname()[1]}"
        with pytest.raises(psycopg2.OperationalError, match="certificate verify failed"):
            psycopg2.connect(url_of("sslrootcert=system", tmp_path, host=host))

        assert shaken.result(30) == "refused"


def handshake(listening: socket.socket) -> str:
    """A PostgreSQL as far as a client that encrypts comes before it signs in."""
    listening.settimeout(30)
    client, _ = listening.accept()
    with client:
        client.settimeout(30)
        client.recv(_SSL_REQUEST)
        client.sendall(b"S")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(PAIR)
        try:
            with context.wrap_socket(client, server_side=True) as encrypted:
                return "encrypted" if encrypted.recv(8) else "refused"
        except ssl.SSLError:
            return "refused"


def test_a_user_without_a_home_has_no_files_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)

    assert url_of("sslmode=require", Path(), HOME="")
    assert "does not exist" in refusal("sslmode=verify-full", Path(), HOME="")


def test_a_home_that_may_not_be_entered_has_no_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_file", refused)

    assert url_of("sslmode=require", tmp_path)
    assert "does not exist" in refusal("sslmode=verify-full", tmp_path)


def test_a_key_of_another_form_is_left_to_libpq(tmp_path: Path) -> None:
    certificate = tmp_path / "client.crt"
    certificate.write_bytes(PAIR.read_bytes())
    key = tmp_path / "client.pk8"
    key.write_bytes(b"\x30\x82\x04\xbd\x02\x01\x00")
    key.chmod(0o600)

    assert url_of(f"sslmode=require&sslcert={certificate}&sslkey={key}", tmp_path)
