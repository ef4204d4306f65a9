"""Certificates of the database's connection, checked before a connection is made.

libpq looks at them only while it connects, and then a missing file looks like an outage: the bot
would wait, although waiting does not help. Rules:

1. ``verify-ca`` and ``verify-full`` need a file with the certificates of authorities
   (``sslrootcert``, else ``~/.postgresql/root.crt``), and it must hold some.
2. A client's certificate (``sslcert``, else ``~/.postgresql/postgresql.crt``) needs its own key, in
   a file that only its owner may read.
3. ``sslrootcert=system`` means the certificates that all our other calls trust (``outgoing.py``).
   The libpq in psycopg2's package would look for them where it was built, and find none.
"""

import ssl
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import certifi

from supervisor.runtime.secret import Secret
from supervisor.settings.outgoing import Outgoing

_VERIFYING = ("verify-ca", "verify-full")
_ENCRYPTED = ("require", *_VERIFYING)
_SYSTEM = "system"
#: Given, so that OpenSSL does not ask for one at a terminal.
_NO_KEYWORD = " "


def checked(
    url: Secret, parts: Mapping[str, str], env: Mapping[str, str], outgoing: Outgoing
) -> Secret:
    """The URL to connect with. ``parts`` are the URL's by libpq's names. Raises ``ValueError`` that
    says what to change."""
    if _only_sockets(parts):
        return url  # libpq does not encrypt these
    root = _value("sslrootcert", parts, env)
    mode = _value("sslmode", parts, env) or ("verify-full" if root == _SYSTEM else "prefer")
    if mode not in _ENCRYPTED:
        return url
    if root != _SYSTEM:
        _check_authorities(mode, root, env)
    if _value("sslcertmode", parts, env) != "disable":
        _check_own(parts, env)
    bundle = outgoing.certificates or Path(certifi.where())
    if root != _SYSTEM or bundle.is_dir():
        return url
    joint = "&" if "?" in url.reveal() else "?"
    # libpq takes the last value of a parameter.
    return Secret(f"{url.reveal()}{joint}sslrootcert={quote(str(bundle), safe='')}&sslmode={mode}")


def _only_sockets(parts: Mapping[str, str]) -> bool:
    hosts = parts.get("hostaddr") or parts.get("host", "")
    return all(each.startswith(("/", "@")) or not each for each in hosts.split(","))


def _value(name: str, parts: Mapping[str, str], env: Mapping[str, str]) -> str:
    """From the URL, else from libpq's variable of the same name."""
    return parts.get(name) or env.get(f"PG{name.upper()}", "")


def _check_authorities(mode: str, root: str, env: Mapping[str, str]) -> None:
    path = Path(root) if root else _folder(env) / "root.crt"
    if not _is_there(path):
        if mode in _VERIFYING:
            raise ValueError(
                f"sslmode={mode} compares the server's certificate with those of authorities, and"
                f" the file {path} does not exist; add sslrootcert=/path/to/file.crt with the file"
                " of your database's provider, or sslrootcert=system for a public authority"
            )
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError as error:  # includes ssl.SSLError
        raise ValueError(
            f"the file {path} holds no certificates of authorities ({_reason(error)}); sslrootcert"
            " must name such a file (PEM)"
        ) from None


def _check_own(parts: Mapping[str, str], env: Mapping[str, str]) -> None:
    named = _value("sslcert", parts, env)
    certificate = Path(named) if named else _folder(env) / "postgresql.crt"
    if not _is_there(certificate):
        return
    named = _value("sslkey", parts, env)
    if ":" in named[2:]:
        return  # not a file, but a key inside a device
    key = Path(named) if named else _folder(env) / "postgresql.key"
    if not _is_there(key):
        raise ValueError(
            f"the certificate {certificate} needs its key, and {key} does not exist; name the file"
            " with sslkey="
        )
    if sys.platform != "win32":
        found = key.stat()
        if found.st_mode & (0o037 if found.st_uid == 0 else 0o077):
            raise ValueError(f"others may read the key {key}; chmod 600 {key}")
    password = parts.get("sslpassword") or _NO_KEYWORD
    if not _is_pem(key):
        return  # libpq reads other forms, Python does not
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(certificate, key, password)
    except OSError as error:
        raise ValueError(
            f"the certificate {certificate} and the key {key} cannot be used together"
            f" ({_reason(error)}); sslcert and sslkey must name a pair (PEM)"
        ) from None


def _folder(env: Mapping[str, str]) -> Path:
    """Where libpq looks for files that are not named."""
    if sys.platform == "win32":
        return Path(env.get("APPDATA", "")) / "postgresql"
    try:
        home = Path(env["HOME"]) if env.get("HOME") else Path.home()
    except RuntimeError:  # the user has none; libpq finds no files then
        home = Path("/nonexistent")
    return home / ".postgresql"


def _is_there(path: Path) -> bool:
    """Whether it is a file. Where the folder may not be entered libpq finds none, either."""
    try:
        return path.is_file()
    except OSError:
        return False


def _is_pem(path: Path) -> bool:
    try:
        return b"-----BEGIN" in path.read_bytes()
    except OSError:
        return True  # what follows says why it cannot be read


def _reason(error: OSError) -> str:
    told = getattr(error, "reason", None) or error.strerror or type(error).__name__
    return str(told).replace("_", " ").lower()
