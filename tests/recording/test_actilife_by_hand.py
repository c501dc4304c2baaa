"""ActiLife's export of raw data: its rate, its start by the order of its date, its axes."""

import calendar

import pytest
from notturno.detect import recording as raw
from notturno.detect.recording_actilife import _start, read_actilife
from notturno.errors import UserError

HEAD = (
    "------------ Data File Created By ActiGraph GT3X+ ActiLife v6.13.3 Firmware v2.5.0 {order} "
    "at {rate} Hz  Filter Normal -----------"
)
AT_S = calendar.timegm((2026, 1, 27, 20, 0, 5))


def lines_of(
    body, order="date format M/d/yyyy", rate="30", date="1/27/2026", clock="20:00:05", more=()
):
    """Return the lines of an export: ten that say what it is, and the body."""
    head = [HEAD.format(order=order, rate=rate), "Serial Number: NEO1C15110103"]
    head += [f"Start Time {clock}"] * bool(clock) + [f"Start Date {date}"] * bool(date)
    head += [*more, "Epoch Period (hh:mm:ss) 00:00:00"]
    head += ["Mode = 12"] * (9 - len(head)) + ["-" * 50]
    assert len(head) == 10
    return [*head, *body]


ROWS = [f"{k % 3 / 10},-0.5,{0.8 + k % 2 / 10}" for k in range(120)]


def read(*lines):
    return read_actilife("x.csv", list(lines))


def acc_mg(found):
    acc, mg_per_lsb = found[:2]
    return (acc[:3] * mg_per_lsb).tolist()


FIRST_MG = [[0.0, -500.0, 800.0], [100.0, -500.0, 900.0], [200.0, -500.0, 800.0]]


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        ([], ROWS),
        (["Accelerometer X,Accelerometer Y,Accelerometer Z"], ROWS),
        (["Timestamp,Accelerometer X,Accelerometer Y,Accelerometer Z"], [f"t,{r}" for r in ROWS]),
        (["Timestamp;X;Y;Z"], [f"t;{r}".replace(",", ";").replace(".", ",") for r in ROWS]),
        ([], [f"1/27/2026 20:00:05,{r}" for r in ROWS]),  # without a head time stands first
        ([], [r.replace(",", "\t") for r in ROWS]),
        (['"Z","Y","X"'], [",".join(r.split(",")[::-1]) for r in ROWS]),
    ],
)
def test_the_axes_are_by_their_names_or_the_first_three_or_behind_the_time(head, rows):
    found = read(*lines_of([*head, *rows]))
    for row, wanted in zip(acc_mg(found), FIRST_MG, strict=True):
        assert row == pytest.approx(wanted, abs=0.07)
    assert len(found[0]) == 120 and found[2] == pytest.approx(30.0)
    assert found[3] is None and found[6] == pytest.approx(AT_S)  # by the clock on the wall


@pytest.mark.parametrize(("rate", "hz"), [("30", 30.0), ("87.5", 87.5), ("100", 100.0)])
def test_the_rate_stands_in_the_first_line(rate, hz):
    assert read(*lines_of(ROWS, rate=rate))[2] == pytest.approx(hz)


@pytest.mark.parametrize("rate", ["0", "0.0", "x"])
def test_a_first_line_without_a_rate_is_refused(rate):
    with pytest.raises(UserError, match=r"x\.csv: its first line names no rate"):
        read(*lines_of(ROWS, rate=rate))


@pytest.mark.parametrize(
    ("order", "date"),
    [
        ("date format M/d/yyyy", "1/27/2026"),
        ("date format d/M/yyyy", "27/1/2026"),
        ("date format dd.MM.yyyy", "27.01.2026"),
        ("date format yyyy-MM-dd", "2026-01-27"),
        ("no word of it", "1/27/2026"),
    ],
)
def test_the_start_is_read_in_the_order_that_it_says(order, date):
    assert read(*lines_of(ROWS, order, date=date))[6] == pytest.approx(AT_S)


@pytest.mark.parametrize(
    "how",
    [{"date": ""}, {"clock": ""}, {"date": "27/1/2026"}, {"date": "1/2026"}, {"clock": "20:00"}]
    + [{"order": "date format d/d/yyyy"}],
)
def test_a_start_that_is_not_understood_is_none(how):
    found = read(*lines_of(ROWS, **how))
    assert found[3] is found[6] is None and found[2] == pytest.approx(30.0)


def test_a_start_is_told_with_marks_around_it():
    lines = ["Start Time ,: 20:00:05 ;", "Start Date,1/27/2026,,"]
    assert _start(lines, None) == AT_S


@pytest.mark.parametrize("rows", [[], ["0,0,1"], ["X,Y,Z", "0,0,1"]])
def test_fewer_than_two_samples_are_no_recording(rows):
    with pytest.raises(UserError, match="fewer than two samples"):
        read(*lines_of(rows))


@pytest.mark.parametrize(("head", "line"), [([], 16), (["X,Y,Z"], 17)])
def test_a_line_that_holds_no_numbers_is_told_by_its_number_in_the_file(head, line):
    rows = [*ROWS[:5], *["a,b,c"] * 20, *ROWS[:80]]
    with pytest.raises(UserError, match=f"line {line}: a stands"):
        read(*lines_of([*head, *rows]))


def test_a_table_is_known_by_its_first_line(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("\n".join(lines_of(ROWS)) + "\n")
    found = raw.load(path)
    assert found.odr_hz == pytest.approx(30.0) and found.start_local_s == pytest.approx(AT_S)
    assert found.notes == () and found.length_s == pytest.approx(4.0)
