"""``DATA_DIR``: which refusals of the kernel are for good, and which may pass."""

import errno
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from supervisor.runtime.errors import Misconfigured, Unavailable
from supervisor.settings.data_dir import check_data_dir


def test_a_directory_is_made_and_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    check_data_dir(tmp_path / "new" / "deep")
    (tmp_path / "file").touch()

    with pytest.raises(Misconfigured, match="DATA_DIR"):
        check_data_dir(tmp_path / "file")


def test_a_name_that_no_directory_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="name another directory"):
        check_data_dir(tmp_path / ("x" * 300))


@pytest.mark.parametrize(
    "number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE, errno.ESTALE]
)
def test_what_may_pass_is_no_wrong_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refused(**_: Any) -> Any:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(tempfile, "TemporaryFile", refused)

    with pytest.raises(Unavailable, match="make room or repair the disk"):
        check_data_dir(tmp_path)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
def test_what_needs_another_owner_is_a_wrong_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refused(**_: Any) -> Any:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(tempfile, "TemporaryFile", refused)

    with pytest.raises(Misconfigured, match="DATA_DIR"):
        check_data_dir(tmp_path)
