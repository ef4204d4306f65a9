"""``DATABASE_URL``: what libpq would misread or never accept is refused, and none of it shown."""

import re

import pytest

from supervisor.runtime.errors import Misconfigured
from supervisor.settings import database_url
from supervisor.settings.reader import Settings
from supervisor.telemetry.logs import Redactor

GOOD = {"TELEGRAM_BOT_TOKEN": "123456:TEST-TOKEN", "KIE_API_KEY": "kie-key"}


def refusal(raw: str) -> str:
    with pytest.raises(Misconfigured) as caught:
        Settings.from_env({**GOOD, "DATABASE_URL": raw}, version="1")
    return "\n".join(caught.value.problems)


@pytest.mark.parametrize(
    "raw",
    [
        "postgresql://u:Gr4n@Hors3Battery@host/db",
        "postgresql://u:Gr4n/Hors3Battery@host/db",
        "postgresql://u:Gr4n@Hors3Battery:x@host:5432/db",
        "postgresql://u:Gr4n:1/Hors3Battery@host/db",
        "postgresql://Gr4n@Hors3:Battery@host/db",
        "postgresql://u:Gr4n%Hors3Battery@host/db",
        "postgresql://u:Gr4n Hors3Battery@host/db",
        "postgresql://u:Gr4nHors3Battery/db",
        "postgresql://host/db?password=Gr4n@Hors3Battery",
        "postgresql://host/db?Gr4n%Hors3Battery",
        "postgresql+psycopg2://u:Gr4n@Hors3Battery@host/db",
        "POSTGRESQL://u:Gr4n@Hors3Battery@host/db",
        "'postgresql://u:Gr4n@Hors3Battery@host/db'",
        "mysql://u:Gr4n@Hors3Battery@host/db",
    ],
)
def test_a_password_that_can_be_misread_is_refused_without_a_piece_of_it(raw: str) -> None:
    told = refusal(raw)

    assert "DATABASE_URL: " in told
    assert [piece for piece in ("Gr4n", "Hors3", "Battery") if piece in told] == []


@pytest.mark.parametrize(
    ("raw", "cure"),
    [
        ("postgresql://h/d?pgbouncer=true", "remove the parameter pgbouncer"),
        ("postgresql://h/d?schema=public", "remove the parameter schema"),
        ("postgresql://h/d?sslmode=require&connection_limit=5", "remove the parameter connection"),
        ("POSTGRES://u:p@h/d", "lower case"),
        ("Postgresql://u:p@h/d", "lower case"),
        ("postgresql+asyncpg://u:p@h/d", "remove the driver"),
        ("jdbc:postgresql://h/d?user=u", "not the form of JDBC"),
        ("psql 'postgresql://u@h/d'", "nothing around it"),
        ("DATABASE_URL=postgresql://u@h/d", "nothing around it"),
        ("host=h user=u dbname=d", "expected postgresql://"),
        ("postgresql://", "expected postgresql://"),
        ("postgresql://h/d?sslmode=no-verify", "no-verify of other libraries is require here"),
        ("postgresql://h/d?sslmode=on", "sslmode must be"),
        (
            "postgresql://h/d?sslmode=require&sslrootcert=system",
            "sslrootcert=system needs sslmode=verify-full",
        ),
        ("postgresql://h/d?target_session_attrs=rw", "the value of target_session_attrs"),
        ("postgresql://h/d?sslrootcert=/no/such/file", "the file named by sslrootcert"),
        ("postgresql://h/d?service=trt", "instead of service="),
        ("postgresql://h:port/d", "the port must be a number"),
        ("postgresql://h:70000/d", "the port must be a number"),
        ("postgresql://h:5432,i:x/d", "the port must be a number"),
        ("postgresql://user:password@host:port/database", "the example from the documentation"),
        ("postgresql://user:password@host/database", "the example from the documentation"),
        ("postgresql://user:password@host:5432/trt", "the example from the documentation"),
        ("postgresql://postgres:[YOUR-PASSWORD]@db.x.co:5432/postgres", "a placeholder"),
        ("postgresql://u:<password>@h/d", "a placeholder"),
    ],
)
def test_what_libpq_never_accepts_is_refused_with_the_cure(raw: str, cure: str) -> None:
    assert cure in refusal(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "postgresql://u:p%40ss%2Fword@db.example.org:5432/trt?sslmode=verify-full",
        "postgres://u@[::1]:5433/d",
        "postgresql://h1:5432,h2:5433/d?target_session_attrs=read-write",
        "postgresql:///trt?host=/run/postgresql",
        "postgresql://u:p@h/d?options=endpoint%3Dcool-name&channel_binding=require&ssl=true",
        "postgresql://u:a:b#c?d@h/d",
    ],
)
def test_what_libpq_reads_as_it_was_meant_is_accepted(raw: str) -> None:
    assert database_url.parse(raw).reveal() == raw


@pytest.mark.parametrize(
    ("raw", "secret"),
    [
        ("postgresql://u:Gr4n%40Hors3@host/db", "Gr4n@Hors3"),
        ("postgresql://u:Gr4n%40Hors3@host/db", "Gr4n%40Hors3"),
        ("postgresql://u@host/db?password=Gr4nHors3", "Gr4nHors3"),
        ("postgresql://u:first@Gr4nHors3:x@host/db", "Gr4nHors3"),
        ("postgresql://u:first/Gr4nHors3@host/db", "Gr4nHors3"),
        ("postgresql://u:Gr4nHors3/db", "Gr4nHors3"),
    ],
)
def test_every_piece_of_the_authority_is_known_to_the_redactor(raw: str, secret: str) -> None:
    redactor = Redactor()
    redactor.learn(database_url.secret_parts(raw))

    assert redactor.clean(f'could not translate host name "{secret}@host"').count(secret) == 0


def test_host_and_user_stay_readable_in_the_log() -> None:
    settings = Settings.from_env(
        {**GOOD, "DATABASE_URL": "postgresql://the_user:s3cretpw@db.example.org:15432/thebot"},
        version="1",
    )
    redactor = Redactor()
    redactor.learn(settings.secrets)
    line = "connection to db.example.org:15432 failed for user the_user, database thebot"

    assert redactor.clean(line) == line


@pytest.mark.parametrize(
    "name", ["WEBHOOK_BASE_URL", "KIE_API_URL", "PORT", "LOCK_MODE", "ADMIN_ID"]
)
def test_an_address_in_the_wrong_variable_is_not_repeated(name: str) -> None:
    raw = "postgresql://u:Gr4n@Hors3Battery@host/db"
    with pytest.raises(Misconfigured) as caught:
        Settings.from_env({**GOOD, name: raw}, version="1")

    assert re.search("Gr4n|Hors3|Battery", "\n".join(caught.value.problems)) is None
