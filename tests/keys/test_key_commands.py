"""`bands key`: what people type, read and scan."""

import json
import sys
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno import keys
from notturno.cli import cli, qr
from notturno.errors import UserError
from notturno.keys import cable
from notturno.store import Store

NEVER_SYNCED = "a0b1c2d3e4f50000"
KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome


@pytest.fixture
def folder(tmp_path):
    """A logbook of one band called calf, with its key, and the key of a band never synced."""
    folder = tmp_path / "data"
    folder.mkdir()
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 90, [(5.0, {})])
    with Store.open(folder) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0", EVENING), pen.frames)
        store.name_band(DEVICE, "calf")
    ring = keys.KeyRing(folder, in_keyring=False)
    ring.add(DEVICE, KEY, "deploy")
    ring.add(NEVER_SYNCED, OTHER, "typed")
    return folder


def run(folder, *arguments, typed=None):
    """Return what a command printed; a UserError comes out as it is."""
    words = ["bands", "key", *map(str, arguments), "--data-dir", str(folder)]
    done = CliRunner().invoke(cli, words, input=typed)
    if isinstance(done.exception, UserError):
        raise done.exception
    assert done.exception is None, (done.exception, done.output)
    return done.output


def as_json(folder, *arguments, typed=None):
    return json.loads(run(folder, *arguments, "--json", typed=typed))


@pytest.mark.parametrize("said", ["calf", DEVICE, DEVICE[:4], DEVICE.upper()])
def test_show_gives_the_text_and_the_warning(folder, said):
    out = run(folder, "show", said)
    assert keys.to_text(DEVICE, KEY) in out.splitlines()
    assert "Who has this can read this band's nights" in out.splitlines()[0]
    assert as_json(folder, "show", said)["text"] == keys.to_text(DEVICE, KEY)


def test_show_as_json_says_all_and_nothing_else(folder):
    said = as_json(folder, "show", "calf")
    assert said.pop("made_utc_ms") > EVENING
    assert said == {
        "schema": "band-key-1",
        "device_id": DEVICE,
        "name": "calf",
        "from": "deploy",
        "in_keyring": False,
        "text": keys.to_text(DEVICE, KEY),
    }


def test_beacon_gives_the_hubs_key_which_is_not_the_bands(folder):
    told = as_json(folder, "beacon", "calf")
    assert told == {
        "schema": "band-beacon-key-1",
        "device_id": DEVICE,
        "name": "calf",
        "bind_key": "42c486ff4c76279ea4090a706ad4fb5b",
    }
    out = run(folder, "beacon", "calf")
    assert told["bind_key"] in out.splitlines()
    assert "bands set calf beacon=on --radio" in out and "BTHome" in out
    assert KEY.hex() not in out and keys.to_text(DEVICE, KEY) not in out
    assert NEVER_SYNCED in run(folder, "beacon", "a0b1"), (
        "without a name it is its id that is said"
    )


def test_a_renewed_key_gives_the_hub_another_and_forgetting_the_nights_gives_the_same(folder):
    before = as_json(folder, "beacon", "calf")["bind_key"]
    words = ["forget", "--band", "calf", "--yes", "--data-dir", str(folder)]
    CliRunner().invoke(cli, words)
    ring = keys.KeyRing(folder, in_keyring=False)
    ring.add(DEVICE, KEY, "typed", replace=True)
    assert as_json(folder, "beacon", DEVICE)["bind_key"] == before
    ring.add(DEVICE, OTHER, "deploy", replace=True)
    assert as_json(folder, "beacon", DEVICE)["bind_key"] != before


def test_without_the_bands_key_there_is_none_for_the_hub(folder):
    (folder / "keys" / f"{DEVICE}.key").unlink()
    with pytest.raises(UserError, match="is not here; fetch it by cable"):
        run(folder, "beacon", "calf")


def test_a_band_that_was_never_synced_is_shown_by_its_id(folder):
    assert as_json(folder, "show", "a0b1")["text"] == keys.to_text(NEVER_SYNCED, OTHER)


@pytest.mark.parametrize(
    ("said", "words"), [("ankle", "There is no band ankle.*calf"), (None, "Say which band")]
)
def test_a_band_that_is_not_meant_is_named(folder, said, words):
    with pytest.raises(UserError, match=words):
        run(folder, "show", *([said] if said else []))


def test_the_beginning_of_several_is_refused(folder):
    keys.KeyRing(folder, in_keyring=False).add(DEVICE[:-1] + "9", OTHER, "typed")
    with pytest.raises(UserError, match="may be one of several"):
        run(folder, "show", DEVICE[:6])


def test_a_synced_band_without_a_key_is_told_where_to_fetch_it(folder):
    keys.KeyRing(folder, in_keyring=False).remove(DEVICE)
    with pytest.raises(UserError, match="bands key add --port"):
        run(folder, "show", "calf")
    assert as_json(folder, "show")["device_id"] == NEVER_SYNCED  # the only one left


def test_keys_are_listed_with_their_bands_names_where_they_have_one(folder, monkeypatch):
    monkeypatch.setattr("notturno.nights.calendar.local_zone_name", lambda: "Europe/Rome")
    monkeypatch.setattr(keys.KeyRing, "about", about_with(made_utc_ms=EVENING))
    rows = [line.split() for line in run(folder, "list").splitlines()]
    assert rows[0] == ["band", "name", "since", "from", "kept", "in"]
    assert rows[1] == [DEVICE, "calf", "2026-01-12", "22:30", "deploy", "file"]
    assert rows[2] == [NEVER_SYNCED, "-", "2026-01-12", "22:30", "typed", "file"]
    monkeypatch.setattr(keys.KeyRing, "about", about_with(made_utc_ms=None, in_keyring=True))
    rows = [line.split() for line in run(folder, "list").splitlines()]
    assert rows[1:] == [
        [DEVICE, "calf", "-", "deploy", "keyring"],
        [NEVER_SYNCED, "-", "-", "typed", "keyring"],
    ]


def about_with(_about=keys.KeyRing.about, **values):
    return lambda ring, device_id: _about(ring, device_id) | values


def test_without_a_folder_nothing_is_made(tmp_path):
    assert "No key is here yet" in run(tmp_path / "none", "list")
    with pytest.raises(UserError, match="No key is here yet"):
        run(tmp_path / "none", "show")
    with pytest.raises(UserError, match="No key is here yet"):
        run(tmp_path / "none", "show", "calf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", [b"", b"no database", b"SQLite format 3\0" + b"x" * 200])
def test_a_broken_logbook_takes_the_names_away_and_not_the_keys(folder, damage):
    (folder / "notturno.sqlite3").write_bytes(damage)
    assert keys.to_text(DEVICE, KEY) in run(folder, "show", DEVICE)
    assert DEVICE in run(folder, "list")


def test_a_key_goes_from_one_computer_to_another(folder, tmp_path):
    text = as_json(folder, "show", "calf")["text"]
    grouped = "-".join(text[k : k + 5] for k in range(0, len(text), 5))
    for k, typed in enumerate((text, f"  {text.lower()}\n", grouped)):
        other = tmp_path / f"other-{k}"
        said = as_json(other, "add", typed=typed)
        assert (said["state"], said["device_id"], said["from"]) == ("new", DEVICE, "typed")
        assert "text" not in said and KEY.hex() not in json.dumps(said)
        assert keys.KeyRing(other, in_keyring=False).all() == {DEVICE: KEY}
    assert "was here already" in run(other, "add", text)


def test_a_typed_key_is_not_shown(folder, tmp_path, monkeypatch):
    asked = []

    def prompt(words, **how):
        asked.append(how)
        return keys.to_text(DEVICE, KEY)

    monkeypatch.setattr(click, "prompt", prompt)
    monkeypatch.setattr("notturno.cli.bands_key._at_a_terminal", lambda: True)
    assert KEY.hex() not in run(tmp_path / "other", "add")
    assert asked == [{"hide_input": True}]


def test_another_key_of_a_known_band_needs_a_word(folder):
    text = keys.to_text(DEVICE, OTHER)
    with pytest.raises(UserError, match="--replace"):
        run(folder, "add", text)
    said = run(folder, "add", text, "--replace")
    assert f"{DEVICE}.key.old" in said
    assert keys.KeyRing(folder, in_keyring=False).get(DEVICE) == OTHER


@pytest.mark.parametrize(
    ("typed", "words"),
    [("", "No key came in"), ("hello", "begins with"), ("x" * 100_000, "begins with")],
)
def test_what_is_no_key_is_refused_and_makes_no_key(tmp_path, typed, words):
    with pytest.raises(UserError, match=words):
        run(tmp_path / "new", "add", typed=typed)
    assert not (tmp_path / "new" / "keys").exists()


def test_text_and_port_are_not_given_together(folder):
    with pytest.raises(UserError, match="not both"):
        run(folder, "add", "x", "--port", "p")


def test_the_list_shows_no_key_and_names_what_is_wrong(folder):
    keys.KeyRing(folder, in_keyring=False).path(NEVER_SYNCED).write_bytes(b"{")
    out = run(folder, "list")
    assert DEVICE in out and "calf" in out and "damaged" in out
    assert KEY.hex() not in out and keys.to_text(DEVICE, KEY)[10:] not in out
    rows = as_json(folder, "list")
    assert rows["schema"] == "band-keys-1"
    assert [(row["device_id"], row["problem"] is None) for row in rows["keys"]] == [
        (DEVICE, True),
        (NEVER_SYNCED, False),
    ]


# --- by cable: the band is played --------------------------------------------------------------


@pytest.fixture
def band(monkeypatch):
    """A band that keeps a key; its `key`, and how often it was `put`."""

    class Band:
        key, puts = KEY, 0

        def read(self, port):
            return cable.OnBand(DEVICE, self.key)

        def put(self, port, key, replace):
            self.puts += 1
            if replace or self.key is None:
                self.key = key
                return cable.OnBand(DEVICE, key, True)
            return cable.OnBand(DEVICE, self.key, False)

    made = Band()
    monkeypatch.setattr(cable, "read", made.read)
    monkeypatch.setattr(cable, "put", made.put)
    return made


def test_renewing_changes_both_ends(folder, band):
    out = run(folder, "renew", "--port", "p")
    assert band.key not in (KEY, OTHER)
    assert keys.KeyRing(folder, in_keyring=False).get(DEVICE) == band.key
    assert "Other computers and phones need it too" in out and band.key.hex() not in out


def test_a_band_stays_untouched_where_the_key_could_not_be_kept(tmp_path, band):
    (tmp_path / "keys").write_text("a file in the way")
    with pytest.raises(UserError, match="cannot be kept"):
        run(tmp_path, "renew", "--port", "p")
    assert band.puts == 0


def test_a_computer_cut_off_after_the_band_is_made_good_by_the_same_again(
    folder, band, monkeypatch
):
    ring = keys.KeyRing(folder, in_keyring=False)
    with monkeypatch.context() as patched:

        def cut(*_, **__):
            raise UserError("The disk is full.")

        patched.setattr(keys.KeyRing, "add", cut)
        with pytest.raises(UserError, match="Run this once more"):
            run(folder, "renew", "--port", "p")
    assert ring.get(DEVICE) == KEY != band.key
    run(folder, "renew", "--port", "p")
    assert ring.get(DEVICE) == band.key


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), UserError("The cable is out.")])
def test_a_cable_pulled_in_the_middle_is_told_how_to_go_on(folder, band, monkeypatch, fault):
    def pulled(port, key, replace):
        band.key = key
        raise fault

    with monkeypatch.context() as patched:
        patched.setattr(cable, "put", pulled)
        with pytest.raises(UserError, match="Run this once more") as caught:
            run(folder, "renew", "--port", "p")
    assert band.key.hex() not in str(caught.value)
    run(folder, "renew", "--port", "p")
    assert keys.KeyRing(folder, in_keyring=False).get(DEVICE) == band.key


def test_a_band_that_was_never_reached_is_not_said_to_be_changed(folder, monkeypatch):
    def nobody(*_, **__):
        raise cable.Untouched("No port.")

    monkeypatch.setattr(cable, "put", nobody)
    with pytest.raises(UserError, match=r"^No port\.$"):
        run(folder, "renew", "--port", "p")


def test_the_bands_own_key_wins_by_cable(folder, band):
    band.key = OTHER
    assert as_json(folder, "add", "--port", "p")["state"] == "replaced"
    assert keys.KeyRing(folder, in_keyring=False).get(DEVICE) == OTHER
    band.key = None
    with pytest.raises(UserError, match="key renew --port p"):
        run(folder, "add", "--port", "p")


# --- QR ----------------------------------------------------------------------------------------


def scanned(matrix):
    """Return what a QR reader that is not ours makes of a matrix of modules."""
    zxingcpp = pytest.importorskip("zxingcpp")
    image = np.where(np.kron(np.array(matrix), np.ones((4, 4))) > 0, 0, 255).astype(np.uint8)
    (found,) = zxingcpp.read_barcodes(image)
    return found.text


def read_back(lines):
    """Return the matrix that lines of half blocks draw."""
    upper, lower = ({drawn: pair[half] for pair, drawn in qr.HALVES.items()} for half in (0, 1))
    rows = []
    for line in lines:
        rows += [[upper[c] for c in line], [lower[c] for c in line]]
    return rows


def test_the_code_in_the_terminal_is_the_key(folder):
    lines = run(folder, "show", "calf", "--qr").splitlines()
    drawn = [line for line in lines if line and set(line) <= set(qr.HALVES.values())]
    assert len({len(line) for line in drawn}) == 1 and len(drawn[0]) < 80
    assert scanned(read_back(drawn)) == keys.to_text(DEVICE, KEY)


def test_in_ascii_it_is_the_key_too():
    text = keys.to_text(DEVICE, KEY)
    lines = qr.drawn(qr.matrix_of(text), halves=False)
    assert scanned([[int(c == "#") for c in line[::2]] for line in lines]) == text
    assert read_back(qr.drawn(qr.matrix_of(text)))[: len(lines)] == qr.matrix_of(text)


def test_at_a_terminal_it_is_dark_on_light(monkeypatch, capsys):
    monkeypatch.setattr(click, "echo", lambda line: print(line))
    monkeypatch.setattr("notturno.cli.streams.speaks_utf8", lambda stream: True)
    qr.print_qr("notturno")
    lines = capsys.readouterr().out.splitlines()
    assert lines and all(line.startswith("\x1b[38;5;16") and "48;5;231" in line for line in lines)
    assert all(line.endswith("\x1b[0m") for line in lines)


def test_an_output_that_is_no_terminal_gets_no_code_unless_asked(folder):
    assert "\u2588" not in run(folder, "show", "calf")
    assert "\u2588" not in run(folder, "show", "calf", "--no-qr")


def test_two_rows_of_a_code_are_a_line_of_half_blocks():
    matrix = [[0, 1, 0, 1], [0, 0, 1, 1], [1, 0, 1, 0]]
    assert qr.drawn(matrix) == [" \u2580\u2584\u2588", "\u2580 \u2580 "]
    assert qr.drawn(matrix[:1], halves=False) == ["  ##  ##"]
