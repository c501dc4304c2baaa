"""Export, a fresh folder, import: everything that cannot be made again is there, and equal."""

import json
import random

import pytest
from click.testing import CliRunner
from lives import AWAY, DEVICE, LOG_ID, NEXT, NIGHT, OTHER, figures, live
from notturno.cli import cli
from notturno.errors import UserError
from notturno.files import lossless
from notturno.store import Store, diary
from notturno_core import wire


def run(folder, *arguments, **how):
    return CliRunner().invoke(cli, [*map(str, arguments), "--data-dir", str(folder)], **how)


def hashes(folder):
    with Store.open(folder, create=False) as store:
        return store.hashes()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return live(tmp_path_factory.mktemp("life") / "home")


@pytest.fixture(scope="module")
def exported(home):
    path = home.parent / "all.json"
    result = run(home, "export", "--format", "json", "--out", path)
    assert result.exit_code == 0, result.output
    return path


def test_an_export_says_how_many_records_it_holds(home, tmp_path):
    out = run(home, "export", "--format", "json", "--out", tmp_path / "all.json").output
    with Store.open(home, create=False) as store:
        aside = sum(log["aside"] for b in store.bands() for log in store.logs_of(b["device_id"]))
        assert f" {store.count_records() + aside} records, " in out


def test_a_life_comes_back_equal_in_a_fresh_folder(home, exported, tmp_path):
    result = run(tmp_path / "new", "import", exported, "--json")
    said = json.loads(result.stdout)
    assert said["notes"] == ["Everything arrived as it was exported: the hashes are equal."]
    assert hashes(tmp_path / "new") == hashes(home)
    assert figures(tmp_path / "new") == figures(home)
    with Store.open(home, create=False) as old, Store.open(tmp_path / "new", create=False) as new:
        assert old.counts() == new.counts() == old.counts() | {"diary": 3, "labels": 1, "edits": 2}
        for name in ("tags", "diary", "labels", "stimuli", "bands", "edits"):
            keep = [{k: v for k, v in r.items() if k != "entry_id"} for r in getattr(old, name)()]
            came = [{k: v for k, v in r.items() if k != "entry_id"} for r in getattr(new, name)()]
            assert keep == came, name
        aside = "select seq, kind, payload from quarantine"
        assert list(map(tuple, old._db.execute(aside))) == list(map(tuple, new._db.execute(aside)))
        assert old.missing(DEVICE, LOG_ID, 8990, 9010) == new.missing(DEVICE, LOG_ID, 8990, 9010)


def test_twice_adds_nothing_and_what_was_said_meanwhile_survives(home, exported, tmp_path):
    new = tmp_path / "new"
    run(new, "import", exported)
    with Store.open(new) as store:
        store.add_diary(diary.checked(NIGHT, "note", note="mine"))
        store.edit(NIGHT, None, {"bed": "23:00"})
        store.remove_tag("before")
        store.add_tag("before", "2026-03-02", NIGHT)
        (label,) = store.labels()
        store.label(DEVICE, LOG_ID, label["seq"], "me")
        before = store.counts()
    said = json.loads(run(new, "import", exported, "--json").stdout)
    assert {name: n for name, n in said["added"].items() if n} == {"tags": 1}  # from another night
    assert [why.partition(":")[0] for why in said["refused"]] == ["labels"]
    with Store.open(new, create=False) as store:
        assert store.counts() == before | {"tags": before["tags"] + 1}
        assert store.edits_in_force(NIGHT, None)["bed"] == "23:00"
        assert store.labels()[0]["said"] == "me"
        assert [e["note"] for e in store.diary() if e["what"] == "note"] == ["mine"]


def test_an_older_word_from_a_file_does_not_stand_above_a_newer_one(
    home, exported, tmp_path, one_now
):
    new = tmp_path / "new"
    run(home, "export", NIGHT, "--format", "json", "--out", tmp_path / "night.json")
    document = json.loads((tmp_path / "night.json").read_text())
    frames_alone = [piece for piece in document["pieces"] if "row" not in piece]
    one_now.utc_ms += 86_400_000
    new.mkdir()
    with Store.open(new) as store:
        store.take(frames_alone)
        store.edit(NIGHT, None, {"bed": "23:40"})
    run(new, "import", exported)
    with Store.open(new, create=False) as store:
        held = store.edits_in_force(NIGHT, DEVICE)
    assert (held["bed"], held["wake"]) == ("23:40", "05:30")


def test_what_was_taken_back_there_is_taken_back_here(home, tmp_path):
    new = tmp_path / "new"
    with Store.open(home, create=False) as store:
        pieces = list(store.pieces())
    standing = json.loads(json.dumps(pieces))
    for piece in standing:
        if piece.get("row", {}).get("of") == "edits":
            piece["row"]["removed_utc_ms"] = None
    with Store.open(new.parent) as store:
        store.take(standing)
        assert store.edits_in_force(NEXT, None)["exclude"] == "flu"
        store.take(pieces)
        assert store.edits_in_force(NEXT, None)["exclude"] is None
        assert store.hashes()["edits"] == hashes(home)["edits"]


def test_a_part_holds_its_nights_their_words_and_no_other(home, tmp_path):
    out = tmp_path / "part.json"
    assert run(home, "export", "--since", NEXT, "--format", "json", "--out", out).exit_code == 0
    run(tmp_path / "new", "import", out)
    there, here = figures(home), figures(tmp_path / "new")
    dated = {row["night"]: row for row in there}
    assert [row["night"] for row in here] == [n for n in dated if n >= NEXT and "und" not in n]
    assert {row["night"] for row in here} == {NEXT, AWAY, f"{AWAY}-nap1"}
    for row in here:
        assert row["jerks"] == dated[row["night"]]["jerks"]
        assert row["start_utc_ms"] == dated[row["night"]]["start_utc_ms"]
    with Store.open(tmp_path / "new", create=False) as store:
        assert {entry["night"] for entry in store.diary()} == {NEXT}
        assert store.labels() == [] and store.events(NIGHT) == []


def test_a_word_on_what_is_not_here_is_refused_with_its_reason(home, tmp_path):
    with Store.open(home, create=False) as store:
        rows = [piece for piece in store.pieces() if "row" in piece]
    with Store.open(tmp_path) as store:
        added, refused = store.take(rows)
        assert added["diary"] == 3 and "edits" not in added
        assert sum("no such log" in why for why in refused) == 3
        store.note_band(OTHER, 1, {}, "")
        store.name_band(OTHER, "left")
        pieces = [
            {"row": row["row"] | {"name": "left"}} for row in rows if row["row"]["of"] == "bands"
        ]
        pieces[0]["row"]["device_id"] = "5642000000000aaa"
        assert "another band" in store.take(pieces)[1][0]


@pytest.mark.parametrize("harm", ["cut", "flip", "swap", "schema", "frames", "row"])
def test_a_damaged_export_is_one_sentence_and_stores_nothing(exported, tmp_path, harm):
    data = bytearray(exported.read_bytes())
    if harm == "cut":
        data = data[: len(data) // 2]
    elif harm == "flip":
        data[data.index(b'"data":"') + 40] ^= 1
    elif harm == "swap":
        data = data.replace(b"clonazepam", b"klonazepam")
    elif harm == "schema":
        data = data.replace(b"notturno-export-1", b"notturno-export-2")
    else:
        document = json.loads(data)
        piece = next(piece for piece in document["pieces"] if harm in piece)
        piece[harm] = {"data": "AAAA"} if harm == "frames" else {"of": "sqlite_master"}
        digest = lossless.hashlib.sha256()
        for each in document["pieces"]:
            digest.update(lossless._line(each) + b"\n")
        document["end"]["sha256"] = digest.hexdigest()
        data = lossless._line(document)
    (tmp_path / "harmed.json").write_bytes(bytes(data))
    result = run(tmp_path / "new", "import", tmp_path / "harmed.json")
    assert result.exit_code == 1 and isinstance(result.exception, UserError)
    if (tmp_path / "new" / "notturno.sqlite3").exists():
        with Store.open(tmp_path / "new", create=False) as store:
            assert not any(store.counts().values())


def test_no_flipped_byte_of_an_export_goes_by(exported, tmp_path):
    data = exported.read_bytes()
    rolled = random.Random(7)
    start = data.index(b'"pieces":[')
    for _ in range(60):
        harmed = bytearray(data)
        at = rolled.randrange(start, data.index(b'],"end"'))
        harmed[at] ^= 1 << rolled.randrange(7)
        with pytest.raises(UserError):
            said = lossless.parsed(bytes(harmed), "x")
            same = json.loads(data)["pieces"]
            assert said.pieces != same or bytes(harmed) == data  # white space says nothing
            raise UserError("as it was") if said.pieces == same else AssertionError(at)


def test_a_dry_run_says_what_would_come_and_stores_nothing(exported, tmp_path):
    said = json.loads(run(tmp_path / "new", "import", exported, "--dry-run", "--json").stdout)
    assert said["dry_run"] and said["added"]["diary"] == 3 and said["added"]["records"] > 900
    assert not (tmp_path / "new").exists()


def test_an_export_is_not_overwritten_unless_asked(home, exported):
    before = exported.read_bytes()
    refused = run(home, "export", "--format", "json", "--out", exported)
    assert refused.exit_code == 1 and "--force" in str(refused.exception)
    assert exported.read_bytes() == before
    assert run(home, "export", "--format", "json", "--out", exported, "--force").exit_code == 0
    assert exported.stat().st_mode & 0o077 == 0


def test_records_are_the_bands_own_bytes(home, exported):
    document = json.loads(exported.read_text())
    with Store.open(home, create=False) as store:
        frames = list(store.frames(DEVICE, LOG_ID, 0, 1 << 32))
    from notturno.store.carry_in import frames_in

    found = [
        frame
        for piece in document["pieces"]
        if piece.get("frames", {}).get("device_id") == DEVICE
        for frame in frames_in(piece["frames"]["data"])
    ]
    aside = [f for f in found if f not in set(frames)]
    assert sorted(f for f in found if f in set(frames)) == sorted(frames)
    assert [frame[4] for frame in aside] == [wire.REC_MARK]
