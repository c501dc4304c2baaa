"""The folder storage keeps the log's contract on a real file system."""

import random

import pytest
import storage as storage_module
from fakes.memory_storage import MemoryStorage
from notturno_core import wire
from notturno_core.eventlog import EventLog
from storage import FolderStorage


def folder_storage(tmp_path):
    return FolderStorage(str(tmp_path / "log"), sync=None)


def test_it_behaves_as_the_storage_of_the_power_cut_tests_does(tmp_path):
    rng = random.Random(4)
    pair = (folder_storage(tmp_path), MemoryStorage())
    names = ["log-00000001.bin", "log-00000020.bin", "meta"]

    def both(call):
        results = []
        for storage in pair:
            try:
                results.append(call(storage))
            except OSError as error:
                results.append(("error", error.args[0]))
        assert results[0] == results[1]

    for _ in range(300):
        name = rng.choice(names)
        data = bytes(rng.randrange(256) for _ in range(rng.randrange(50)))
        at = rng.randrange(80)

        def read(storage, name=name, at=at):
            buf = bytearray(20)
            return storage.read_into(name, at, buf), bytes(buf)

        both(
            rng.choice(
                [
                    lambda s, n=name, d=data: s.append(n, d),
                    lambda s, n=name, d=data: s.replace(n, d),
                    lambda s, n=name: s.size(n),
                    lambda s, n=name: s.remove(n),
                    lambda s, n=name: s.truncate(n, min(s.size(n), 17)),
                    lambda s: s.sync(),
                    read,
                ]
            )
        )
        both(lambda s: sorted(s.names()))


def test_a_log_on_files_is_read_back_by_a_second_start(tmp_path):
    log = EventLog(folder_storage(tmp_path), lambda: 5, 400)
    log.open()
    for i in range(50):
        log.append(wire.REC_EVENT, bytes(i))
    log.close()
    again = EventLog(folder_storage(tmp_path), lambda: 6, 400)
    again.open()
    assert (again.log_id, again.boot_id, again.next_seq) == (5, 2, 51)
    assert [len(frame) for frame in again.frames_from(0)] == [i + 10 for i in range(50)]


def test_a_torn_file_is_cut_at_its_last_whole_record(tmp_path):
    log = EventLog(folder_storage(tmp_path), lambda: 5)
    log.open()
    for _ in range(9):
        log.append(wire.REC_EVENT, bytes(30))
    log.close()
    path = tmp_path / "log" / "log-00000001.bin"
    path.write_bytes(path.read_bytes()[:-7])
    again = EventLog(folder_storage(tmp_path), lambda: 6)
    again.open()
    assert again.torn_tail == 33
    assert path.stat().st_size == 8 * 40
    assert len(list(again.frames_from(0))) == 8


def test_the_room_left_is_the_file_systems(tmp_path):
    assert folder_storage(tmp_path).free_bytes() > 1 << 20


def test_a_folder_that_cannot_be_made_is_an_error_at_once(tmp_path):
    (tmp_path / "log").write_text("a file, not a folder")
    with pytest.raises(OSError):
        folder_storage(tmp_path)


@pytest.mark.parametrize("size", [0, 1, 1023, 1024, 1025, 2048, 2500, 2999, 3000, 4000])
def test_a_file_is_cut_to_the_byte(tmp_path, size):
    storage = folder_storage(tmp_path)
    data = bytes(n % 251 for n in range(3000))
    storage.append("a", data)
    storage.truncate("a", size)
    assert (tmp_path / "log" / "a").read_bytes() == data[:size]
    storage.append("a", b"behind")
    assert storage.size("a") == min(size, 3000) + 6
    assert sorted(storage.names()) == ["a"]


def test_a_file_is_copied_a_kilobyte_at_a_time(tmp_path, monkeypatch):
    storage, asked, real = folder_storage(tmp_path), [], open
    storage.replace("a", bytes(2500))

    class Reading:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def read(self, n):
            asked.append(n)
            return self.file.read(n)

    monkeypatch.setattr(
        storage_module,
        "open",
        lambda path, mode: Reading(real(path, mode)) if mode == "rb" else real(path, mode),
        raising=False,
    )
    storage.truncate("a", 2300)
    assert asked == [1024, 1024, 252]


def test_the_room_left_is_free_blocks_of_one_size(tmp_path, monkeypatch):
    """os.statvfs: f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, ..."""
    storage = folder_storage(tmp_path)
    monkeypatch.setattr(
        storage_module.os, "statvfs", lambda folder: (4096, 512, 2000, 77, 5, 1, 2, 3, 0, 255)
    )
    assert storage.free_bytes() == 4096 * 77
