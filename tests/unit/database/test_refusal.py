"""A refused connection is understood in every language; one without an answer is given up."""

import pytest

from supervisor.database.connection import NoMoreSessions, connect
from supervisor.runtime.errors import Misconfigured, Unavailable
from supervisor.runtime.secret import Secret
from tests.support.postgres.fake_postgres import fake_postgres, refusing, silent


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("28P01", 'пользователь "u" не прошёл проверку подлинности (по паролю)'),
        ("28000", "Rolle »u« existiert nicht"),
        ("3D000", 'データベース"d"は存在しません'),
    ],
)
def test_a_wrong_setting_is_one_in_every_language(code: str, words: str) -> None:
    server = fake_postgres(refusing(code, "ВАЖНО", words))
    with server as dsn, pytest.raises(Misconfigured, match=code):
        connect(dsn, application_name="test")


@pytest.mark.parametrize(
    ("code", "words", "meaning"),
    [
        ("57P03", "система баз данных запускается", Unavailable),
        ("53300", "извините, уже слишком много клиентов", NoMoreSessions),
        ("08P01", "no more connections allowed (max_client_conn)", NoMoreSessions),
        # Supavisor, the pooler of Supabase: as it says it today, and as it did before.
        ("XX000", "(EMAXCONNSESSION) max clients reached in session mode - …", NoMoreSessions),
        ("XX000", "(ECHECKOUTTIMEOUT) Pool checkout timeout. Request was …", NoMoreSessions),
        ("XX000", "(EMAXCLIENTCONN) max client connections reached", NoMoreSessions),
        ("XX000", "MaxClientsInSessionMode: max clients reached - in Session …", NoMoreSessions),
        ("XX000", "Max client connections reached", NoMoreSessions),
        ("XX000", "(ENOTFOUND) tenant/user postgres.abc not found", Unavailable),
    ],
)
def test_what_passes_is_waited_for(code: str, words: str, meaning: type[Exception]) -> None:
    with fake_postgres(refusing(code, "ВАЖНО", words)) as dsn, pytest.raises(meaning) as caught:
        connect(dsn, application_name="test")

    assert type(caught.value) is meaning


def test_words_without_a_server_are_no_refusal() -> None:
    with pytest.raises(Unavailable):
        connect(Secret("postgresql://u@127.0.0.1:9/d"), application_name="test")


def test_a_session_whose_first_statement_gets_no_answer_is_given_up() -> None:
    with fake_postgres(silent) as dsn, pytest.raises(NoMoreSessions, match="default_pool_size"):
        connect(dsn, application_name="test")
