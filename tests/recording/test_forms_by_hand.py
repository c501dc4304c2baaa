"""What a recording's file may hold, at each bound: rates, scales, lengths, breaks, tables."""

import numpy as np
import pytest
from notturno.detect import recording as raw
from notturno.detect.recording import Recording
from notturno.detect.recording_csv import _is_date, read_csv
from notturno.detect.recording_table import counts_of, recording_fields
from notturno.detect.recording_time import Break
from notturno.errors import UserError


def limb(n=600, seed=1, mg_per_lsb=0.5):
    """Return counts of a limb that never rests, about 1 g."""
    mg = np.random.default_rng(seed).normal([0, 600, -800], 200, (n, 3))
    return np.clip(mg / mg_per_lsb, -32768, 32767).astype(np.int16)


def test_a_recording_is_as_long_as_its_samples_and_what_is_missing_between_them():
    breaks = (Break(20, 1.5), Break(50, 0.0), Break(80, 2.0))
    taken = Recording(np.zeros((100, 3), np.int16), 0.5, 10.0, breaks=breaks)
    assert taken.length_s == 13.5
    assert taken.gaps_s() == [(2.0, 3.5), (9.5, 11.5)]


@pytest.mark.parametrize(
    ("what", "value", "taken"),
    [
        ("odr_hz", 24.0, True),
        ("odr_hz", 23.99, False),
        ("odr_hz", 213.0, True),
        ("odr_hz", 213.1, False),
        ("mg_per_lsb", 0.001, True),
        ("mg_per_lsb", 0.00099, False),
        ("mg_per_lsb", 65.535, True),
        ("mg_per_lsb", 65.54, False),
        ("samples", 300, True),  # three seconds
        ("samples", 299, False),
    ],
)
def test_what_a_detector_takes_at_its_bounds(what, value, taken):
    how = {"odr_hz": 100.0, "mg_per_lsb": 0.5, "samples": 700} | {what: value}
    acc = np.zeros((how["samples"], 3), np.int16)
    one = Recording(acc, how["mg_per_lsb"], how["odr_hz"])
    if taken:
        raw._check_form(one, "x")
        return
    with pytest.raises(UserError, match=r"^x: "):
        raw._check_form(one, "x")


def seam(**more):
    """A limb at rest that lies another way from sample 500 on."""
    acc = np.zeros((1000, 3), np.int16)
    acc[:500, 2] = acc[500:, 0] = 2000
    return Recording(acc, 0.5, 100.0, **more)


def test_a_seam_is_a_break_of_unknown_length_unless_stamps_told_of_every_gap():
    found = raw.ready(seam(breaks=(Break(100, 1.0), Break(700, 2.0))), "x")
    assert found.breaks == (Break(100, 1.0), Break(500, 0.0), Break(700, 2.0))
    assert [note[:2] for note in found.notes] == [("seams", 1)]
    assert raw.ready(seam(), "x", stamped=True).breaks == ()
    known = raw.ready(seam(breaks=(Break(500, 3.0),), notes=("told",)), "x")
    assert known.breaks == (Break(500, 3.0),) and known.notes == ("told",)


def test_a_sensor_that_was_silent_is_a_gap_and_counted():
    taken = seam()
    taken.acc[200:250] = 0
    found = raw.ready(taken, "x", stamped=True)
    assert len(found.acc) == 950 and found.breaks == (Break(200, 0.5),)
    assert [note[:2] for note in found.notes] == [("silent", 50)]
    assert found.length_s == 10.0


def npz(path, **fields):
    whole = {"acc": limb(), "mg_per_lsb": 0.5, "odr_hz": 100.0} | fields
    np.savez(path, **whole)
    return path


@pytest.mark.parametrize(
    "breaks",
    [
        [[0, 1.0]],  # before the first sample
        [[600, 1.0]],  # behind the last
        [[5, -0.1]],
        [[5, 1.0], [5, 1.0]],
        [[9, 1.0], [5, 1.0]],
        [[5, np.nan]],
        [[np.inf, 1.0]],
        [5, 1.0],
        [[5, 1.0, 2.0]],
        [["5", "1.0"]],
    ],
)
def test_breaks_that_are_no_table_of_ascending_samples_are_refused(tmp_path, breaks):
    with pytest.raises(UserError, match="breaks is no table of samples, ascending"):
        raw.load(npz(tmp_path / "a.npz", breaks=np.array(breaks)))


@pytest.mark.parametrize("kind", [int, np.uint16, float])
def test_breaks_are_numbers_of_any_kind_and_told(tmp_path, kind):
    breaks = np.array([[1, 0], [599, 2]], kind)
    found = raw.load(npz(tmp_path / "a.npz", breaks=breaks))
    assert found.breaks == (Break(1, 0.0), Break(599, 2.0))
    assert [note[:2] for note in found.notes] == [("gaps", 1)] and found.start_utc_s is None
    raw.save(tmp_path / "b.npz", found)
    again = raw.load(tmp_path / "b.npz")
    assert again.breaks == found.breaks and again.length_s == pytest.approx(8.0)
    none = raw.load(npz(tmp_path / "c.npz", breaks=np.zeros((0, 2))))
    assert none.breaks == ()


@pytest.mark.parametrize(
    ("value", "taken"), [([5.5], True), ([[5.5]], True), ([5.5, 6], False), ("5", False)]
)
def test_a_start_is_one_number(tmp_path, value, taken):
    path = npz(tmp_path / "a.npz", start_utc_s=np.array(value))
    if taken:
        assert raw.load(path).start_utc_s == 5.5
        return
    with pytest.raises(UserError, match="start_utc_s is not one finite number"):
        raw.load(path)


def test_what_cannot_be_written_says_so(tmp_path):
    with pytest.raises(UserError, match="cannot be written"):
        raw.save(tmp_path / "none" / "a.npz", Recording(limb(), 0.5, 100.0))


# --- tables --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("most_mg", "mg_per_lsb"), [(100.0, 0.122), (3904.0, 0.122), (3905.0, 0.123), (16_000.0, 0.5)]
)
def test_the_largest_value_of_a_table_is_below_full_scale(most_mg, mg_per_lsb):
    acc_mg = np.full((50, 3), 10.0)
    acc_mg[7, 1] = -most_mg
    acc, found = counts_of(acc_mg, "x")
    assert found == mg_per_lsb and acc[7, 1] == -round(most_mg / mg_per_lsb)


@pytest.mark.parametrize(("mg", "refused"), [(50_000.0, False), (50_001.0, True)])
def test_a_limb_of_more_than_fifty_g_is_none(mg, refused):
    acc_mg = np.zeros((51, 3))
    acc_mg[:26, 2] = -mg  # most of them
    if refused:
        with pytest.raises(UserError, match="above 50 g"):
            counts_of(acc_mg, "x")
    else:
        assert counts_of(acc_mg, "x")[1] == 1.563
    acc_mg[0, 2] = 0.0
    assert counts_of(acc_mg, "x")[1] > 1


def test_the_fields_of_a_table_and_where_its_start_is():
    seconds = 1000.0 + np.arange(400) / 50
    acc_mg = np.tile([0.0, 0.0, 1000.0], (400, 1))
    acc_mg[[3, 9], 1], seconds[20] = np.nan, np.inf
    found = recording_fields("x", seconds, acc_mg, True, True, ("told",))
    assert len(found[0]) == 397 and found[2] == pytest.approx(50, rel=5e-3)
    assert found[3] == pytest.approx(1000.0, abs=0.1) and found[6] is None
    told, lost = found[5]
    assert told == "told" and lost[:2] == ("rows_lost", 3) and "row 4." in lost.reason
    wall = recording_fields("x", seconds, acc_mg, False, True)
    assert wall[3] is None and wall[6] == pytest.approx(1000.0, abs=0.1)
    neither = recording_fields("x", seconds, acc_mg, False, False)
    assert neither[3] is neither[6] is None


def table(path, *lines):
    path.write_text("\n".join(lines))
    return read_csv(path)


ROWS = [f"{k / 50},0,0,1000" for k in range(200)]


def test_a_table_has_two_samples_or_more(tmp_path):
    path = tmp_path / "a.csv"
    for rows in ([], ROWS[:1]):
        with pytest.raises(UserError, match="fewer than two samples; give 3 s or more"):
            table(path, "time_s,x_mg,y_mg,z_mg", *rows)
    assert len(table(path, "time_s,x_mg,y_mg,z_mg", *ROWS[:2])[0]) == 2


@pytest.mark.parametrize(("above", "line"), [([], 7), (["# a", "", "sep=,"], 10)])
def test_a_line_that_is_wrong_is_told_by_its_number_in_the_file(tmp_path, above, line):
    rows = [*ROWS[:5], *["1,a,b,c"] * 20, *ROWS]
    with pytest.raises(UserError, match=f"line {line}: a stands"):
        table(tmp_path / "a.csv", *above, "time_s,x_mg,y_mg,z_mg", *rows)


def test_a_decimal_comma_where_columns_are_parted_by_something_else(tmp_path):
    rows = [row.replace(",", ";").replace(".", ",") for row in ROWS]
    found = table(tmp_path / "a.csv", "time_s;x_mg;y_mg;z_mg", *rows)
    assert found[2] == pytest.approx(50.0) and found[0][0, 2] == round(1000 / 0.122)


def test_a_table_that_says_its_rate_and_start_above_its_rows(tmp_path):
    rows = ["0,0,64"] * 128
    found = table(
        tmp_path / "a.csv", *["1600000000.0,1600000000.0,1600000000.0"], "32,32,32", *rows
    )
    assert (found[2], found[3]) == (pytest.approx(32.0), pytest.approx(1.6e9))
    assert found[0][0, 2] * found[1] == pytest.approx(1000, abs=0.1)


@pytest.mark.parametrize(
    ("cells", "is_date"),
    [
        (["2026-01-27 22:00:00"], True),
        (["1.5"], False),
        (["", "", "27.01.2026 22:00"], True),
        ([""] * 19 + ["27.01.2026 22:00"], True),
        ([""] * 20 + ["27.01.2026 22:00"], False),  # twenty lines are looked at
        (["12345678 a"], True),
        ([], False),
    ],
)
def test_a_time_is_a_date_where_it_has_digits_and_is_no_number(cells, is_date):
    assert _is_date([f"x,{cell}" for cell in cells], ",", 1) is is_date


@pytest.mark.parametrize("kind", ["U1", "complex", "object", "bool", "uint16", "M8[s]", "float"])
@pytest.mark.parametrize("shape", [(900, 3), (900, 2), (2700,), (300, 3, 3)])
def test_counts_that_are_none_are_refused_before_anything_is_done_with_them(kind, shape):
    acc = np.full(shape, None) if kind == "object" else np.ones(shape).astype(int).astype(kind)
    with pytest.raises(UserError, match="store raw counts as int16"):
        raw.ready(Recording(acc, 0.5, 50.0), "x")


@pytest.mark.parametrize("shape", [(900, 2), (900, 4), (2700,), (300, 3, 3), (900, 1), ()])
def test_counts_are_a_row_of_three_each(shape):
    with pytest.raises(UserError, match=r"store it as \(samples, 3\)"):
        raw.ready(Recording(np.zeros(shape, np.int16), 0.5, 50.0), "x")


@pytest.mark.parametrize(("odr_hz", "mg_per_lsb"), [(0.0, 0.5), (-50.0, 0.5), (50.0, 0.0)])
def test_a_rate_or_a_scale_of_nothing_is_refused_before_anything_is_done_with_it(
    odr_hz, mg_per_lsb
):
    with pytest.raises(UserError):
        raw.ready(Recording(limb(), odr_hz, mg_per_lsb), "x")


@pytest.mark.parametrize(("day", "day_1970"), [(43_831.5, 25_569), (737_791.5, 719_529)])
def test_days_of_a_spreadsheet_or_of_matlab_are_counted_from_1970(tmp_path, day, day_1970):
    rows = [f"{day + k / 50 / 86_400:.12f},0,0,1" for k in range(200)]
    local_s = table(tmp_path / "a.csv", *rows)[-1]
    assert local_s == pytest.approx((day - day_1970) * 86_400, abs=0.05)
    assert day - day_1970 == 18_262.5, "noon of 1 January 2020"
