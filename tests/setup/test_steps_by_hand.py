"""Each step of `notturno setup` by itself: what it asks, what it leaves, and whom it talks to."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from notturno.cli import setup, setup_base, setup_steps
from notturno.errors import UserError
from notturno_core import checks, wire

GIVEN = ("image", "board", "zone", "name", "limb", "side")


class Logbook:
    """A logbook of some bands; `kept` is what was written into it."""

    def __init__(self, bands=(), zone=None):
        self.rows, self.kept, self._zone = list(bands), [], zone

    def bands(self):
        return self.rows

    def band_id(self, name):
        if name in ("calf", "a1"):
            return "a1"
        raise UserError("There is no band {name}.", name=name)

    def zone(self):
        return self._zone

    def keep_zone(self, zone):
        self._zone = zone
        self.kept.append(zone)

    def name_band(self, *what):
        self.kept.append(what)
        self.rows[0] |= {
            k: v for k, v in zip(("name", "limb", "side"), what[1:], strict=True) if v is not None
        }

    def add_strap_check(self, found):
        self.kept.append(found)


def band(**values):
    made = {"device_id": "a1", "name": "calf", "limb": "calf", "side": "L"}
    return made | {"strap_check": None, "battery_pct": None} | values


@pytest.fixture
def evening(monkeypatch):
    """Return a function that makes an evening over a logbook; what is asked goes to `asked`."""

    def made(logbook=None, asks=False, only=(), answers=(), agrees=True, keys=("a1",), **given):
        logbook = logbook or Logbook([band()])

        @contextmanager
        def opened(folder):
            yield logbook

        for module in (setup_base, setup_steps):
            monkeypatch.setattr(module, "open_for_reading", opened)
        monkeypatch.setattr(setup_steps, "open_for_writing", opened)
        how = {"folder": "f", "port": None, "virtual": None, "band": None, "timeout_s": 3.0}
        how |= {k: given.pop(k) for k in tuple(given) if k in how}
        said = dict.fromkeys(GIVEN) | {"yes": False, "movements": 3, "still_s": 50.0} | given
        one = setup_steps.Evening(**how, asks=asks, quiet=False, only=set(only), said=said)
        one.asked, one.logbook, answers = [], logbook, list(answers)

        def prompt(text, default=None, **more):
            one.asked.append((text.strip(), default))
            return answers.pop(0)

        monkeypatch.setattr(setup_steps.click, "prompt", prompt)
        monkeypatch.setattr(setup_base, "agreed", lambda text: one.asked.append(text) or agrees)
        one._ring = lambda: SimpleNamespace(ids=lambda: list(keys), all=dict)
        return one

    return made


# --- flash ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "listed", "runs"),
    [
        ({}, [], False),
        ({}, ["P"], True),
        ({"virtual": "h:1"}, ["P"], False),
        ({"keys": ()}, [], True),
        ({"keys": (), "virtual": "h:1"}, [], True),
        ({"port": "P"}, [], True),
        ({"image": "i"}, [], True),
        ({"only": ["flash"]}, [], True),
        ({"only": ["check"]}, [], False),
    ],
)
def test_a_board_is_flashed_unless_none_is_there_and_a_key_is(
    evening, monkeypatch, given, listed, runs
):
    monkeypatch.setattr("notturno.flashing.ports.listed", lambda: listed)
    asked = []

    def run(*what):
        asked.append(what)
        done = SimpleNamespace(document={"x": 1}, lines=lambda: ["Flashed."])
        return SimpleNamespace(**vars(done), device_id="b2", port="Q")

    monkeypatch.setattr(setup_steps.of_flash, "run", run)
    one = evening(**given)
    outcome = one.flash()
    assert bool(asked) is runs and (outcome.state == "done") is runs
    if runs:
        port = given.get("port") or "auto"
        assert asked == [(port, given.get("image"), None, None, False, True, "f")]
        assert (one._device_id, one._port) == ("b2", "Q")


# --- check ---------------------------------------------------------------------------------------


def checking(monkeypatch, verdict=checks.PASS):
    seen = []
    found = {name: 0 for name, _ in wire.CHECK_FIELDS} | {"verdict": verdict}
    monkeypatch.setattr("notturno.flashing.ports.again", lambda port, named: f"{port} again")
    for way in ("by_cable", "by_radio"):
        monkeypatch.setattr(
            setup_steps.of_check,
            way,
            lambda *what, way=way: seen.append((way, *what)) or ("564200000000000f", found),
        )
    return seen


def test_a_band_checks_itself_by_cable_anew_where_it_was_flashed_before(evening, monkeypatch):
    seen = checking(monkeypatch)
    evening(port="P").check()
    one = evening(port="P")
    one._device_id = "b2"
    assert one.check().lines == ["Band 564200000000000f: all is well."]
    evening(virtual="h:1").check()
    evening(band="nobody").check()
    assert seen == [
        ("by_cable", "P", checks.CABLE_IN),
        ("by_cable", "P again", checks.CABLE_IN),
        ("by_radio", "f", "h:1", None, checks.CABLE_UNKNOWN, 3.0),
        ("by_radio", "f", None, "nobody", checks.CABLE_UNKNOWN, 3.0),
    ]


def test_a_complaint_ends_the_evening_unless_a_person_goes_on(evening, monkeypatch):
    checking(monkeypatch, checks.SDA_OPEN)
    with pytest.raises(UserError, match="The band says: .*SDA is loose"):
        evening().check()
    with pytest.raises(UserError, match="Mend that first"):
        evening(asks=True, agrees=False).check()
    assert evening(asks=True).check().state == "done"
    checking(monkeypatch, checks.CLOCK_UNSET)
    assert "all is well but its date" in evening().check().lines[0]


# --- zone ----------------------------------------------------------------------------------------


@pytest.fixture
def rome(monkeypatch):
    monkeypatch.setattr("notturno.nights.calendar.local_zone_name", lambda: "Europe/Rome")


@pytest.mark.parametrize(
    ("kept", "given", "asks", "only", "question", "state", "holds"),
    [
        (None, None, False, (), None, "known", None),
        (None, None, True, (), "Europe/Rome", "done", "Asia/Tokyo"),
        ("Asia/Tokyo", None, True, (), None, "known", "Asia/Tokyo"),
        ("Asia/Tokyo", None, True, ("zone",), "Asia/Tokyo", "done", "Asia/Tokyo"),
        ("Asia/Tokyo", None, False, ("zone",), None, "known", "Asia/Tokyo"),
        (None, "Asia/Tokyo", True, (), None, "done", "Asia/Tokyo"),
        ("Asia/Tokyo", "auto", False, (), None, "done", None),
        ("Asia/Tokyo", "Europe/Rome", False, (), None, "done", None),
    ],
)
def test_a_zone_is_asked_for_once_and_only_another_than_the_machines_is_kept(
    evening, rome, kept, given, asks, only, question, state, holds
):
    logbook = Logbook([band()], kept)
    one = evening(logbook, asks=asks, only=only, answers=["Asia/Tokyo"], zone=given)
    outcome = one.zone()
    assert [default for _, default in one.asked] == ([] if question is None else [question])
    assert (outcome.state, logbook.zone()) == (state, holds)
    assert logbook.kept == ([] if holds == kept else [holds])
    assert outcome.data == {"zone": holds or "Europe/Rome"}
    assert ("(kept; this computer's is Europe/Rome)" in outcome.lines[0]) is bool(holds)


# --- meet ----------------------------------------------------------------------------------------


def came(device, **values):
    made = {"device": device, "failed": None, "new_records": 3, "warnings": [f"of {device}"]}
    return SimpleNamespace(**made | values)


def test_of_all_that_came_the_band_of_this_evening_is_told_or_the_first(evening, monkeypatch):
    results = [came("564200000000000a"), came("564200000000000b", new_records=1)]
    monkeypatch.setattr(setup_steps.of_sync, "run", lambda *a, **k: results)
    monkeypatch.setattr(setup_steps, "data_dir", lambda folder: folder)
    one = evening()
    one._device_id = "564200000000000b"
    assert one.meet().lines == [
        "The band 564200000000000b has the time, and gave 1 new record.",
        "of 564200000000000b",
    ]
    other = evening()
    assert other.meet().data == {"new_records": 3} and other._device_id == "564200000000000a"
    results[0].failed = "The link was lost."
    with pytest.raises(UserError, match="The link was lost"):
        evening().meet()


# --- name ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "given", "how", "asked", "kept"),
    [
        ({}, {}, {}, [], None),
        ({}, {"name": "x"}, {}, [], ("x", None, None)),
        ({}, {"name": "calf"}, {}, [], None),
        ({}, {"limb": "wrist"}, {"asks": True}, [], ("calf", "wrist", None)),
        ({"side": ""}, {}, {"asks": True}, [None], ("calf", None, "new")),
        ({"name": "", "limb": ""}, {}, {"asks": True}, [None, None], ("new", "new", None)),
        ({}, {}, {"asks": True}, [], None),
        (
            {"side": ""},
            {},
            {"asks": True, "only": ["name"]},
            ["calf", "calf", None],
            ("new", "new", "new"),
        ),
    ],
)
def test_only_what_is_not_known_is_asked_or_all_where_it_is_asked_for(
    evening, row, given, how, asked, kept
):
    logbook = Logbook([band(**row)])
    one = evening(logbook, answers=["new"] * 3, **how, **given)
    outcome = one.name()
    assert [default for _, default in one.asked] == asked
    assert logbook.kept == ([] if kept is None else [("a1", *kept)])
    assert outcome.state == ("known" if kept is None else "done")


@pytest.mark.parametrize(
    ("row", "only", "lacks"),
    [
        ({"name": ""}, (), "--name"),
        ({"limb": "", "side": ""}, (), "--limb and --side"),
        ({"side": ""}, ("name",), "--side"),
    ],
)
def test_what_nobody_can_be_asked_is_named(evening, row, only, lacks):
    with pytest.raises(UserError, match=f"give {lacks}"):
        evening(Logbook([band(**row)]), only=only).name()


# --- strap ---------------------------------------------------------------------------------------


def strapped(monkeypatch, device="a1", simulated=False):
    found = {"device_id": device, "wearer_simulated": simulated}
    monkeypatch.setattr(setup_steps.Evening, "_checked_strap", lambda self, row: found)
    monkeypatch.setattr(setup_steps, "found_text", lambda found: "found")
    monkeypatch.setattr(setup_steps, "advice_text", lambda found: "")
    monkeypatch.setattr(setup_steps, "_before", lambda check: f"before {check}")
    return found


@pytest.mark.parametrize(
    ("before", "how", "again"),
    [
        (None, {}, True),
        ("x", {}, False),
        ("x", {"only": ["strap"]}, True),
        ("x", {"asks": True}, True),
        ("x", {"asks": True, "agrees": False}, False),
        ("x", {"agrees": True}, False),
    ],
)
def test_a_strap_that_was_checked_is_checked_again_where_a_person_wants_it(
    evening, monkeypatch, before, how, again
):
    found = strapped(monkeypatch)
    one = evening(Logbook([band(strap_check=before)]), answers=[""], **how)
    outcome = one.strap()
    assert (outcome.state == "done") is again
    assert one.logbook.kept == ([found] if again else [])
    if not again:
        assert outcome.lines == ["before x"]
    questions = [asked for asked in one.asked if isinstance(asked, str)]
    assert len(questions) == int(before is not None and how.get("asks", False))


def test_who_moved_is_said_and_another_band_is_none_of_this_evening(evening, monkeypatch):
    strapped(monkeypatch)
    assert "Your own reaction" in evening().strap().lines[1]
    strapped(monkeypatch, simulated=True)
    assert "Simulated" in evening().strap().lines[1]
    strapped(monkeypatch, "b2")
    with pytest.raises(UserError, match="Another band answered, b2"):
        evening().strap()


# --- tonight, and who is meant -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "called", "charge"),
    [
        ({}, "calf", ""),
        ({"name": ""}, "a1", ""),
        ({"battery_pct": 0}, "calf", " (its cell: ~0 %)"),
    ],
)
def test_tonight_names_the_band_and_what_its_cell_holds(evening, row, called, charge):
    first, second = evening(Logbook([band(**row)])).tonight().lines
    assert first.startswith(f"Leave {called} on its charger until you go to bed{charge}. ")
    assert "as in the check (calf, left)" in second


def test_the_band_is_the_flashed_one_the_named_one_or_the_only_one(evening):
    rows = [band(), band(device_id="b2", name="")]
    one = evening(Logbook(rows))
    with pytest.raises(UserError, match=r"Several bands are known \(calf, b2\)"):
        one._row()
    assert one.document()["band"] is None is one.document()["device_id"]
    one._device_id = "b2"
    assert one._row() is rows[1] and one.document()["device_id"] == "b2"
    assert evening(Logbook(rows), band="calf")._row() is rows[0]
    assert evening(Logbook(rows[:1]))._row() is rows[0]
    with pytest.raises(UserError, match="not known here yet"):
        evening(Logbook([]))._row()
    assert evening(Logbook([])).document()["device_id"] is None


def test_on_the_air_a_band_is_called_by_its_id_or_as_it_was_said(evening):
    from notturno_core import protocol

    ids = ["564200000000000a", "564200000000000b", "564200000000000c"]
    names = [protocol.name_of(bytes.fromhex(one)) for one in ids]
    logbook = Logbook([band()])
    logbook.band_id = lambda name: ids[2]
    one = evening(logbook, band="calf")
    assert one._radio_name() == names[2]
    one._device_id = ids[1]
    assert one._radio_name() == names[1] and one._radio_name(ids[0]) == names[0]
    assert evening()._radio_name() is None
    assert evening(band="nobody")._radio_name() == "nobody"


def test_nobody_agrees_where_nobody_is_asked(evening):
    assert not evening().agrees("?")
    assert evening(asks=True).agrees("?") and not evening(asks=True, agrees=False).agrees("?")


# --- the command ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "terminal", "asks"),
    [((), True, True), ((), False, False), (("--yes",), True, False), (("--json",), True, False)],
)
def test_a_person_is_asked_at_a_terminal_alone(monkeypatch, tmp_path, words, terminal, asks):
    from click.testing import CliRunner

    seen = []

    class Evening:
        def __init__(self, *what):
            seen.append(what[5])

        def say(self, text):
            assert text == "3 of 7  zone: the zone in which its nights are told"

        def document(self):
            return {}

        def zone(self):
            return setup_steps.Outcome("known", [])

    monkeypatch.setattr(setup_steps, "Evening", Evening)
    monkeypatch.setattr(setup, "at_a_terminal", lambda: terminal)
    given = ["--only", "zone", *words, "--data-dir", str(tmp_path)]
    assert CliRunner().invoke(setup.command, given).exception is None
    assert seen == [asks]
