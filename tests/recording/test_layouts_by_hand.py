"""Tables that are known by their shape, by hand: each program's head and the nearest.

Heads as the makers' programs write them: Empatica's ACC.csv, GENEActiv's, Shimmer's, Axivity's
OmGui export (five kinds of time), and the phone programs that name no unit.
"""

import pytest
from notturno.detect.recording_layouts import layout_of

DAY_S = 86_400


def of(text, delimiter=","):
    return layout_of(text.strip("\n").split("\n"), delimiter)


# --- Empatica ------------------------------------------------------------------------------------

E4 = "{0}, {0}, {0}\n{1}, {1}, {1}\n1,2,64"


def test_an_e4_says_its_start_and_rate_three_times_and_counts_sixtyfourths():
    found = of(E4.format("1600000000.5", "32.0"))
    assert found.header == ["x [1/64 g]", "y [1/64 g]", "z [1/64 g]"]
    assert (found.body, found.rate_hz, found.start_s) == (2, 32.0, 1_600_000_000.5)


@pytest.mark.parametrize(
    "text",
    [
        "1600000000,1600000000,1600000001\n32,32,32",
        "1600000000,1600000000\n32,32",
        E4.format("1000000000", "32"),  # 2001, when nobody had one
        E4.format("4000000000", "32"),
        E4.format("1600000000", "0"),
        E4.format("1600000000", "x"),
        "1600000000,1600000000,1600000000\n32,32,64",
        "1600000000,1600000000,1600000000",
    ],
)
def test_what_is_nearly_an_e4s_is_none(text):
    found = of(text)
    assert found is None or found.header[0] != "x [1/64 g]"


# --- GENEActiv -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("head_lines", "known"), [(2, True), (199, True), (200, False)])
def test_a_geneactiv_table_begins_behind_its_lines_about_the_device(head_lines, known):
    head = ["Device Type,GENEActiv", *["Volts,300"] * (head_lines - 1)]
    body = ["2020-01-02 22:00:00:000,0.1,-0.2,0.97,10,0,21.5"] * 3
    found = layout_of(head + body, ",")
    assert (found is not None) is known
    if known:
        assert found.body == head_lines
        assert found.header == ["time", "x_g", "y_g", "z_g", "other 0", "other 1", "other 2"]


# --- Shimmer -------------------------------------------------------------------------------------


def test_shimmers_names_and_units_stand_in_two_lines():
    names = "Shimmer_AB_Timestamp_Unix_CAL\tShimmer_AB_Accel_LN_X_CAL\tShimmer_AB_Accel_LN_Y_CAL"
    names += "\tShimmer_AB_Accel_LN_Z_CAL\tShimmer_AB_Battery_CAL"
    found = of(f"{names}\nms\tm/(s^2)\tm/(s^2)\tm/(s^2)\tmV\n1\t2\t3\t4\t5", "\t")
    assert found.header[:4] == ["unix [ms]", "x [m/s^2]", "y [m/s^2]", "z [m/s^2]"]
    assert found.header[4].startswith("other ") and found.body == 2
    since = of(f"{names.replace('_Unix', '')}\nms\tm/(s^2)\tm/(s^2)\tm/(s^2)\tmV\n1", "\t")
    assert since.header[0] == "time [ms]"
    assert of(names, "\t") is None


# --- programs that name no unit ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "header"),
    [
        (
            "time,seconds_elapsed,z,y,x",
            ["unix [ns]", "other seconds_elapsed", "z [m/s2]", "y [m/s2]", "x [m/s2]"],
        ),
        ("time,gFx,gFy,gFz", ["time [s]", "x [g]", "y [g]", "z [g]"]),
        ("time,ax,ay,az,aT", ["time [s]", "x [m/s2]", "y [m/s2]", "z [m/s2]", "other at"]),
        ("Time,Accel-X,Accel-Y,Accel-Z", ["time", "x [g]", "y [g]", "z [g]"]),
        (
            "accelerometerTimestamp_sinceReboot(s),accelerometerAccelerationX(G),"
            "accelerometerAccelerationY(G),accelerometerAccelerationZ(G),more",
            ["time [s]", "x [g]", "y [g]", "z [g]", "other more"],
        ),
    ],
)
def test_a_program_is_known_by_all_its_columns(head, header):
    found = of(head + "\n1,2,3,4,5")
    assert (found.header, found.body) == (header, 1)


@pytest.mark.parametrize("head", ["time,x,y,z", "time,gFx,gFy", "time,ax,ay,az"])
def test_fewer_columns_tell_no_program(head):
    assert of(head + "\na,b,c,d") is None


# --- Axivity without a header --------------------------------------------------------------------


def axivity(first, last=None, lines=100, more=""):
    rows = [f"{first},0.1,-0.2,0.97{more}"] * (lines - 1) + [
        f"{last or first},0.1,-0.2,0.97{more}"
    ]
    return layout_of(rows, ",")


def test_a_date_before_three_numbers_is_axivitys():
    found = axivity("2020-01-02 22:00:00.000", more=",7,8")
    assert found.header == ["time", "x_g", "y_g", "z_g", "other 0", "other 1"]
    assert found.body == 0 and found.notes[0][:2] == ("no_header", 1)


@pytest.mark.parametrize(
    ("first", "header", "dated"),
    [("0", "time_s", False), ("12.5", "time_s", False), ("1600000000.25", "time_s", True)],
)
def test_seconds_are_of_the_recording_or_of_1970_by_their_size(first, header, dated):
    found = axivity(first)
    assert (found.header[0], found.is_dated, found.before_1970_s) == (header, dated, 0.0)


@pytest.mark.parametrize(
    ("first", "of_1970_days"),
    [
        (43_831.5, 25_569),  # a spreadsheet's days, from 1900: 1 January 2020
        (737_791.5, 719_529),  # MATLAB's, from year 0: the same day
    ],
)
def test_days_of_a_spreadsheet_and_of_matlab_are_told_by_their_size_and_their_step(
    first, of_1970_days
):
    found = axivity(first, first + 99 * 0.01 / DAY_S)
    assert found.header[0] == "time [days]" and found.is_dated
    assert found.before_1970_s == of_1970_days * DAY_S
    slow = axivity(first, first + 2 * 100 / DAY_S)  # two seconds a line are no recording
    assert slow.header[0] == "time_s"
    assert axivity(first, first).header[0] == "time_s"


@pytest.mark.parametrize("first", ["-1", "5000000000", "x"])
def test_a_time_that_is_none_of_these_is_no_table_of_axivitys(first):
    assert axivity(first) is None
    assert layout_of(["1,2,3,4"] * 2, ",") is None  # two lines tell nothing
