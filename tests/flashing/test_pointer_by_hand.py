"""The pointer to a slot byte by byte, which program a start runs, and when it may stay.

The layout is that of the module's docstring: "NS", form 1, good, trial, tries, failed, a zero
byte, number (4 bytes, low first), CRC-32 of these twelve.
"""

import binascii
import io
import struct
from types import SimpleNamespace

import pytest
import slots


class Disk(dict):
    """{path: bytes} of a flash; `full`: it takes nothing more; `synced`: how often it was."""

    full, synced = False, 0

    def open(self, path, how):
        if how == "rb":
            if path not in self:
                raise OSError(2)
            return io.BytesIO(self[path])
        if self.full:
            raise OSError(28)
        file = io.BytesIO()
        file.close = lambda: self.__setitem__(path, file.getvalue())
        return file

    def stat(self, path):
        if path not in self:
            raise OSError(2)

    def sync(self):
        self.synced += 1


@pytest.fixture
def disk(monkeypatch):
    made = Disk()
    monkeypatch.setattr(slots, "open", made.open, raising=False)
    monkeypatch.setattr(slots, "os", SimpleNamespace(stat=made.stat, sync=made.sync))
    monkeypatch.setattr(slots, "_running", 0)
    monkeypatch.setattr(slots, "_waits", True)
    return made


def copy_of(good, trial, tries, failed, number, form=1, mark=b"NS"):
    data = mark + bytes((form, good, trial, tries, failed, 0)) + number.to_bytes(4, "little")
    return data + struct.pack("<I", binascii.crc32(data))


def test_the_two_copies_are_written_in_turn_with_a_number_that_rises(disk):
    for at, values in enumerate(((0, 1, 0, 0), (1, 0, 0, 2), (1, 2, 3, 0)), 1):
        slots.write(*values)
        assert slots.read() == values and disk.synced == at
        assert disk[("/slot.0", "/slot.1", "/slot.0")[at - 1]] == copy_of(*values, at)
    assert disk["/slot.1"] == copy_of(1, 0, 0, 2, 2)


@pytest.mark.parametrize(
    ("zero", "one", "found"),
    [
        (None, None, (0, 0, 0, 0)),
        (copy_of(1, 0, 0, 0, 7), None, (1, 0, 0, 0)),
        (None, copy_of(2, 1, 2, 0, 7), (2, 1, 2, 0)),
        (copy_of(1, 0, 0, 0, 7), copy_of(2, 0, 0, 0, 8), (2, 0, 0, 0)),
        (copy_of(1, 0, 0, 0, 256), copy_of(2, 0, 0, 0, 255), (1, 0, 0, 0)),
        (copy_of(1, 0, 0, 0, 7), copy_of(2, 0, 0, 0, 7), (1, 0, 0, 0)),  # the first of equals
        (copy_of(1, 0, 0, 0, 9)[:-1], copy_of(2, 0, 0, 0, 1), (2, 0, 0, 0)),
        (copy_of(1, 0, 0, 0, 9) + b"\0", copy_of(2, 0, 0, 0, 1), (2, 0, 0, 0)),
        (copy_of(1, 0, 0, 0, 9)[:-1] + b"\0", copy_of(2, 0, 0, 0, 1), (2, 0, 0, 0)),
        (copy_of(1, 0, 0, 0, 9, form=2), None, (0, 0, 0, 0)),
        (copy_of(1, 0, 0, 0, 9, mark=b"NT"), None, (0, 0, 0, 0)),
        (copy_of(2, 2, 0, 0, 9), None, (2, 2, 0, 0)),
        (copy_of(3, 0, 0, 0, 9), None, (0, 0, 0, 0)),  # there are two slots
        (copy_of(0, 3, 0, 0, 9), None, (0, 0, 0, 0)),
    ],
)
def test_the_whole_copy_with_the_higher_number_counts(disk, zero, one, found):
    disk.update({k: v for k, v in {"/slot.0": zero, "/slot.1": one}.items() if v is not None})
    assert slots.read() == found


def test_a_pointer_that_does_not_come_back_is_an_error(disk, monkeypatch):
    monkeypatch.setattr(slots, "read", lambda: (1, 0, 0, 0))
    with pytest.raises(OSError, match="does not come back") as error:
        slots.write(2, 0, 0, 0)
    assert error.value.args[0] == 5  # EIO
    slots.write(1, 0, 0, 0)


@pytest.mark.parametrize(
    ("paths", "there"),
    [
        ([], []),
        (["/app.py"], [0]),
        (["/app.mpy"], [0]),
        (["/slot_a/manifest.json"], [1]),
        (["/slot_b/manifest.json", "/app.py"], [0, 2]),
        (["/slot_a/app.mpy", "/slot_b/app.mpy"], []),
    ],
)
def test_where_there_is_a_program(disk, paths, there):
    disk.update(dict.fromkeys(paths, b""))
    assert [slot for slot in (0, 1, 2) if slots.there(slot)] == there


def pointed(disk, pointer, there):
    names = ("/app.py", "/slot_a/manifest.json", "/slot_b/manifest.json")
    disk.update({names[slot]: b"" for slot in there})
    if pointer != (0, 0, 0, 0):
        disk["/slot.0"] = copy_of(*pointer, 1)


# pointer (good, trial, tries, failed), what is there, how the start before ended -> runs, pointer
CHOICES = [
    ((0, 0, 0, 0), {0, 1, 2}, {}, 0, None),
    ((0, 0, 0, 0), {1, 2}, {}, 1, None),
    ((0, 0, 0, 0), {2}, {}, 2, None),
    ((0, 0, 0, 0), set(), {}, None, None),
    ((2, 0, 0, 0), {0, 1, 2}, {}, 2, None),
    ((2, 0, 0, 0), {0, 1}, {}, 0, None),  # the confirmed one is gone
    ((0, 0, 0, 1), {1, 2}, {}, 2, None),  # rather than the one that failed
    ((0, 0, 0, 1), {1}, {}, 1, None),  # rather that than none
    ((1, 2, 0, 0), {1, 2}, {}, 2, (1, 2, 1, 0)),
    ((1, 2, 2, 0), {1, 2}, {}, 2, (1, 2, 3, 0)),
    ((1, 2, 3, 0), {1, 2}, {}, 1, (1, 0, 0, 2)),  # three starts without a word
    ((1, 2, 0, 1), {1, 2}, {}, 2, (1, 2, 1, 1)),
    ((1, 2, 0, 0), {1, 2}, {"hung": True}, 2, (1, 2, 1, 0)),  # it was the old one that hung
    ((1, 2, 1, 0), {1, 2}, {"hung": True}, 1, (1, 0, 0, 2)),
    ((1, 2, 1, 0), {1, 2}, {"slept": True}, 2, None),
    ((1, 2, 3, 0), {1, 2}, {"slept": True}, 1, (1, 0, 0, 2)),
    ((1, 2, 0, 0), {1}, {}, 1, None),  # the trial is gone
    ((0, 1, 3, 0), {1}, {}, 1, None),  # nothing to go back to
    ((0, 1, 3, 0), {0, 1}, {}, 0, (0, 0, 0, 1)),
    ((0, 1, 3, 0), {1, 2}, {}, 2, (0, 0, 0, 1)),
    ((1, 1, 3, 0), {1}, {}, 1, None),
]


@pytest.mark.parametrize(("pointer", "there", "before", "runs", "written"), CHOICES)
def test_which_program_a_start_runs(disk, pointer, there, before, runs, written):
    pointed(disk, pointer, there)
    folder = slots.choose(**before)
    assert folder == (None if runs is None else ("/", "/slot_a", "/slot_b")[runs])
    assert slots.running() == (runs or 0)
    assert slots.read() == (written or pointer)
    assert ("/slot.1" in disk) is (written is not None and pointer != (0, 0, 0, 0))


def test_a_trial_that_cannot_be_counted_waits(disk):
    pointed(disk, (1, 2, 0, 0), {1, 2})
    disk.full = True
    assert slots.choose() == "/slot_a" and slots.running() == 1
    pointed(disk, (1, 2, 3, 0), {1, 2})
    assert slots.choose() == "/slot_a" and slots.read() == (1, 2, 3, 0)


@pytest.mark.parametrize(
    ("running", "pointer", "then"),
    [
        (2, (1, 2, 2, 0), (2, 0, 0, 0)),
        (2, (1, 2, 2, 1), (2, 0, 0, 1)),
        (2, (1, 2, 2, 2), (2, 0, 0, 0)),  # it failed once, and works now
        (1, (1, 2, 2, 0), (1, 2, 2, 0)),  # another one is on trial
        (0, (0, 1, 0, 0), (0, 1, 0, 0)),
        (1, (1, 0, 0, 2), (1, 0, 0, 2)),
    ],
)
def test_a_program_that_works_stays(disk, monkeypatch, running, pointer, then):
    disk["/slot.0"] = copy_of(*pointer, 1)
    monkeypatch.setattr(slots, "_running", running)
    slots.confirm()
    assert slots.read() == then
    disk["/slot.0"] = copy_of(1, running or 1, 0, 0, 99)  # it is said once, and not asked again
    slots.confirm()
    assert slots.read() == (1, running or 1, 0, 0)


def test_what_could_not_be_confirmed_is_confirmed_the_next_time(disk, monkeypatch):
    pointed(disk, (1, 2, 1, 0), {1, 2})
    monkeypatch.setattr(slots, "_running", 2)
    disk.full = True
    slots.confirm()
    assert slots.read() == (1, 2, 1, 0)
    slots.not_counted()
    assert slots.failed() is False, "a failure that cannot be written down"
    disk.full = False
    slots.confirm()
    assert slots.read() == (2, 0, 0, 0)
