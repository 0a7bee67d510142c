"""Files are written whole or not at all."""

import contextlib
import os

import pytest

from izhi_numba.storage.whole import written_whole


def test_the_file_is_replaced_at_the_end(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("old")
    with written_whole(path) as aside:
        assert (aside.parent, aside.suffix) == (tmp_path, ".txt")
        aside.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["x.txt"]


@contextlib.contextmanager
def failing(path, error):
    with written_whole(path) as aside:
        aside.write_text("new")
        raise error
        yield


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError])
def test_an_error_leaves_the_old_file(tmp_path, error):
    path = tmp_path / "x.txt"
    path.write_text("old")
    with pytest.raises(error), failing(path, error):
        pass
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["x.txt"]


def test_a_link_stays_a_link(tmp_path):
    path, link = tmp_path / "x.txt", tmp_path / "link"
    link.symlink_to(path)
    with written_whole(link) as aside:
        aside.write_text("new")
    assert link.is_symlink()
    assert path.read_text() == "new"


def test_what_cannot_be_written_is_told_before(tmp_path):
    with (
        pytest.raises(FileNotFoundError, match=r"nowhere.x: there is no folder .*nowhere"),
        written_whole(tmp_path / "nowhere" / "x"),
    ):
        raise AssertionError
    with (
        pytest.raises(IsADirectoryError, match="expected the name of a file, got that of a folder"),
        written_whole(tmp_path),
    ):
        raise AssertionError


def test_a_pipe_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with (
        pytest.raises(FileExistsError, match="expected the name of a file, got that of a device or a pipe"),
        written_whole(tmp_path / "pipe"),
    ):
        pass


def test_who_may_read_a_file_stays_as_it_was(tmp_path):
    path = tmp_path / "private"
    path.write_text("old")
    path.chmod(0o600)
    with written_whole(path) as aside:
        aside.write_text("new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
