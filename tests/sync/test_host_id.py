"""The number of a computer's clock: made once, kept, whatever lies in its place."""

import errno
from pathlib import Path
from types import SimpleNamespace

import pytest
from notturno import hostid
from notturno.errors import UserError
from notturno.hostid import FILE_NAME, host_id
from notturno.sync import sentences


def test_it_is_made_once_and_differs_from_folder_to_folder(tmp_path):
    for name in "abcdef":
        (tmp_path / name).mkdir()
    made = [host_id(tmp_path / name) for name in "abcdef"]
    assert len(set(made)) == 6 and all(0 < number < 1 << 32 for number in made)
    assert [host_id(tmp_path / name) for name in "abcdef"] == made
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == [FILE_NAME]


@pytest.mark.parametrize("text", ["", "0000", "00000000", "zzzzzzzz", "\xff", "123456789"])
def test_half_a_file_is_made_anew(tmp_path, text):
    (tmp_path / FILE_NAME).write_text(text, encoding="latin-1")
    made = host_id(tmp_path)
    assert made and host_id(tmp_path) == made


def test_a_folder_that_takes_no_file_is_said(tmp_path):
    with pytest.raises(UserError, match="cannot be written.*--data-dir"):
        host_id(tmp_path / "not there")


def test_a_full_disk_leaves_no_litter(tmp_path, monkeypatch):
    def full(self, text, **_):
        self.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(UserError, match="cannot be written.*room"):
        host_id(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("host", "whose"),
    [
        (None, "another setting"),
        (0, "the band's own clock chip"),
        (7, "this computer"),
        (0xAB, "another computer (000000ab)"),
    ],
)
@pytest.mark.parametrize(("ms", "way"), [(90_000, "ahead of"), (-90_000, "behind")])
def test_whose_clock_ours_contradicts_is_said(host, whose, ms, way):
    judged = SimpleNamespace(against=SimpleNamespace(host_id=host), difference_ms=ms)
    text = str(sentences.clock_differs(judged, 7))
    assert f" {way} " in text and f" by {whose}: one of the two is wrong" in text


@pytest.mark.parametrize(("drawn", "number"), [(0, 1), (0xFFFFFFFE, 0xFFFFFFFF), (15, 16)])
def test_a_number_is_drawn_from_one_to_the_largest_of_32_bits(
    tmp_path, monkeypatch, drawn, number
):
    bounds = []
    monkeypatch.setattr(hostid.secrets, "randbelow", lambda bound: bounds.append(bound) or drawn)
    assert host_id(tmp_path) == number and bounds == [0xFFFFFFFF]
    assert (tmp_path / FILE_NAME).read_text() == f"{number:08x}\n"
    assert host_id(tmp_path) == number and len(bounds) == 1


def test_a_file_that_is_gone_again_leaves_the_number_that_was_made(tmp_path, monkeypatch):
    monkeypatch.setattr(hostid.secrets, "randbelow", lambda bound: 6)
    monkeypatch.setattr(hostid, "_found", lambda path: None)
    assert host_id(tmp_path) == 7


def test_a_faster_process_is_not_overruled(tmp_path, monkeypatch):
    def slower(bound):
        (tmp_path / FILE_NAME).write_text("0000000a\n")
        return 6

    monkeypatch.setattr(hostid.secrets, "randbelow", slower)
    assert host_id(tmp_path) == 10
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
