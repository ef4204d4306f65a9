"""``.env``: read by the rules that everybody knows from python-dotenv."""

from pathlib import Path

import pytest

from supervisor.runtime.errors import Misconfigured
from supervisor.settings.env_file import read_env_file


def read(folder: Path, text: str | bytes) -> dict[str, str]:
    path = folder / ".env"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_env_file(path)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=   # leave empty", ""),
        ("A=", ""),
        ('A="My Bank" # shown', "My Bank"),
        ("A='two # words'", "two # words"),
        ("A=three # not this", "three"),
        ("A=p#w", "p#w"),
        ("export A=1", "1"),
        ("A = 1", "1"),
        ("A=${HOME}/$USER", "${HOME}/$USER"),
        (r'A="a\nb"', "a\nb"),
        (r"A='a\nb'", r"a\nb"),
        ('A="two\nlines"', "two\nlines"),
        ("A=a b  ", "a b"),
        ("# c\n\nA=1\nA=2", "2"),
    ],
)
def test_a_line_is_read_as_python_dotenv_reads_it(tmp_path: Path, line: str, value: str) -> None:
    assert read(tmp_path, line + "\n") == {"A": value}


def test_a_file_of_a_windows_editor_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbfA=1\r\nB='2'\r\n") == {"A": "1", "B": "2"}


@pytest.mark.parametrize("line", ["nonsense", 'B="not closed', "B='x' y", "B C=1", "=1"])
def test_a_line_that_is_no_setting_is_named_with_its_number(tmp_path: Path, line: str) -> None:
    with pytest.raises(Misconfigured, match="line 2: expected NAME=value"):
        read(tmp_path, f"A=1\n{line}\nC=3\n")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="save it as UTF-8"):
        read(tmp_path, "A=Банк\n".encode("cp1251"))


def test_a_missing_file_is_an_empty_one(tmp_path: Path) -> None:
    assert read_env_file(tmp_path / ".env") == {}
