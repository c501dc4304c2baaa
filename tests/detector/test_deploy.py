"""What goes onto a band is the firmware, its hot modules as machine code, all else unchanged."""

import subprocess
import sys

import pytest
from notturno import keys
from notturno.detect import deploy, mpyfile, source, viper
from notturno.errors import UserError
from notturno.keys import cable

ID = "a0b1c2d3e4f50000"


@pytest.mark.parametrize("board", deploy.BOARD_ARCHS)
def test_a_band_gets_every_module_once_and_the_hot_ones_as_machine_code(tmp_path, board):
    deploy.build(tmp_path, board)
    hot = {str(source.DETECTOR_FILE.relative_to(deploy.FIRMWARE)), *viper.DRIVER_FUNCTIONS}
    for path in deploy.FIRMWARE.rglob("*.py"):
        name = str(path.relative_to(deploy.FIRMWARE))
        copy = tmp_path / name
        if name in hot:
            assert not copy.exists()
            assert mpyfile.parse(copy.with_suffix(".mpy").read_bytes()).viper_code()
        elif path.name != "virtual.py":
            assert copy.read_bytes() == path.read_bytes()


def test_an_unknown_board_is_answered_with_those_there_are(tmp_path):
    with pytest.raises(UserError, match="xiao_esp32c3"):
        deploy.build(tmp_path, "toaster")


def test_a_page_for_people_does_not_go_onto_a_band(tmp_path):
    deploy.build(tmp_path, "xiao_esp32s3")
    assert not list(tmp_path.rglob("*.md"))


class Band:
    """A band at a port: what was done with it, in order, and the key that it holds."""

    def __init__(self, monkeypatch, key=None):
        self.key, self.done, self.copy_fails = key, [], False
        monkeypatch.setattr(cable, "put", self.put)
        monkeypatch.setattr(subprocess, "run", self.run)
        monkeypatch.setattr(deploy, "build", self.build)

    def build(self, folder, board):
        (folder / "main.py").write_text("")

    def run(self, command, **_):
        self.done.append(" ".join(command))
        return subprocess.CompletedProcess(command, int(self.copy_fails))

    def put(self, port, key, replace):
        assert not replace
        self.done.append(f"key {port}")
        made = self.key is None
        self.key = key if made else self.key
        return cable.OnBand(ID, self.key, made)


def deployed(monkeypatch, folder, *more):
    monkeypatch.setattr(sys, "argv", ["deploy", "--port", "p", "--data-dir", str(folder), *more])
    deploy.main()
    return keys.KeyRing(folder, in_keyring=False)


def test_a_new_band_gets_a_key_and_the_computer_the_same(monkeypatch, tmp_path, capsys):
    band = Band(monkeypatch)
    ring = deployed(monkeypatch, tmp_path)
    assert ring.all() == {ID: band.key} and ring.about(ID)["from"] == "deploy"
    assert [step.split(" /")[0].split()[-1] for step in band.done] == ["-r", "p"]
    (said,) = capsys.readouterr().out.splitlines()
    assert ID in said and str(ring.folder) in said and band.key.hex() not in said
    assert not any(band.key.hex() in step for step in band.done)


def test_a_band_keeps_its_key_and_the_computer_takes_it(monkeypatch, tmp_path, capsys):
    key = bytes(range(32))
    band = Band(monkeypatch, key)
    ring = deployed(monkeypatch, tmp_path)
    assert band.key == key and ring.all() == {ID: key}
    ring.add(ID, bytes(32), "typed", replace=True)
    deployed(monkeypatch, tmp_path)
    assert ring.get(ID) == key  # what the band holds is the truth
    deployed(monkeypatch, tmp_path)
    last = capsys.readouterr().out.splitlines()[-1]
    assert "keeps its key, which is known here" in last


def test_a_person_gets_a_ring_of_their_own(monkeypatch, tmp_path):
    band = Band(monkeypatch)
    assert deployed(monkeypatch, tmp_path, "--person", "anna").all() == {}
    assert keys.KeyRing(tmp_path / "people" / "anna").all() == {ID: band.key}


def test_where_no_key_can_be_kept_no_band_is_touched(monkeypatch, tmp_path):
    band = Band(monkeypatch)
    (tmp_path / "keys").write_text("a file in the way")
    with pytest.raises(UserError, match="cannot be kept"):
        deployed(monkeypatch, tmp_path)
    assert band.done == []


def test_a_failed_copy_makes_no_key(monkeypatch, tmp_path):
    band = Band(monkeypatch)
    band.copy_fails = True
    with pytest.raises(UserError, match="could not copy to p"):
        deployed(monkeypatch, tmp_path)
    assert len(band.done) == 1 and keys.KeyRing(tmp_path).all() == {}


def test_a_disk_that_fills_up_after_the_band_is_said_so(monkeypatch, tmp_path):
    band = Band(monkeypatch)

    def full(*_, **__):
        raise UserError("The disk is full.")

    monkeypatch.setattr(keys.KeyRing, "add", full)
    with pytest.raises(UserError, match="deploy again") as caught:
        deployed(monkeypatch, tmp_path)
    assert band.key and band.key.hex() not in str(caught.value)
