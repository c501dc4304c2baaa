"""CSV of loggers and phones, as their makers' programs write it: each is the same limb."""

import datetime

import numpy as np
import pytest
from notturno.errors import UserError
from notturno.loggers.load import load

HZ = 100
START = datetime.datetime(2024, 3, 1, 22)
UNIX_S = 1709330400  # the same, as UTC
G_MS2 = 9.80665


def limb_g():
    """40 s of a limb at rest, lifted six times."""
    rng = np.random.default_rng(1)
    acc = rng.normal(0, 0.003, (HZ * 40, 3))
    acc[:, 2] += 1
    for k in range(6):
        acc[600 + k * 500 : 620 + k * 500, 0] += 0.5 * np.sin(np.arange(20) / 10 * np.pi)
    return acc


ACC = limb_g()
T = np.arange(len(ACC)) / HZ


def table(head, cells, acc=ACC, mark=","):
    rows = (mark.join(cells(t, *a)) for t, a in zip(T, acc, strict=True))
    return head + "\n".join(rows) + "\n"


def when(t, form):
    return f"{START + datetime.timedelta(seconds=float(t)):{form}}"


def numbers(*values):
    return [f"{value:.5f}" for value in values]


def with_time(head, time, acc=ACC, mark=",", rest=()):
    return table(head, lambda t, *a: [time(t), *numbers(*a), *rest], acc, mark)


MS2 = ACC * G_MS2
US = "%Y-%m-%d %H:%M:%S.%f"
GENEACTIV = "Device Type,GENEActiv\nDevice Model,1.1\n" + "\n" * 98
EXCEL, MATLAB = 45352 + 22 / 24, 739312 + 22 / 24
# Each is written when its test asks for it: 88 000 lines, which every worker would make.
FORMS = {
    "phyphox": lambda: with_time(
        '"Time (s)","Acceleration x (m/s^2)","Acceleration y (m/s^2)","Acceleration z (m/s^2)"\n',
        lambda t: f"{t:.9E}", MS2,
    ),
    "german": lambda: with_time(
        "Zeit (s);Beschleunigung x (m/s²);Beschleunigung y (m/s²);Beschleunigung z (m/s²)\n",
        lambda t: f"{t:.4f}", MS2, ";",
    ).replace(".", ","),
    "sensor logger": lambda: table(
        "time,seconds_elapsed,z,y,x\n",
        lambda t, x, y, z: [f"{int((UNIX_S + t) * 1e9)}", f"{t:.4f}", *numbers(z, y, x)], MS2,
    ),
    "sensorlog": lambda: table(
        "loggingTime(txt),accelerometerTimestamp_sinceReboot(s),accelerometerAccelerationX(G),"
        "accelerometerAccelerationY(G),accelerometerAccelerationZ(G)\n",
        lambda t, *a: [when(t, US), f"{1000 + t:.4f}", *numbers(*a)],
    ),
    "physics toolbox, g": lambda: with_time(
        "time,gFx,gFy,gFz,TgF\n", lambda t: f"{t:.3f}", rest=["1"]
    ),
    "physics toolbox, m/s2": lambda: with_time(
        "time,ax,ay,az,aT\n", lambda t: f"{t:.3f}", MS2, rest=["1"]
    ),
    "empatica": lambda: f"{UNIX_S}.000000, {UNIX_S}.000000, {UNIX_S}.000000\n100.0, 100.0, 100.0\n"
    + table("", lambda t, *a: [f"{round(each * 64)}" for each in a]),
    "axivity, date": lambda: with_time("", lambda t: when(t, US)),
    "axivity, unix": lambda: with_time("", lambda t: f"{UNIX_S + t:.4f}"),
    "axivity, since the start": lambda: with_time("", lambda t: f"{t:.4f}"),
    "axivity, days of a spreadsheet": lambda: with_time("", lambda t: f"{EXCEL + t / 86400:.10f}"),
    "axivity, days of MATLAB": lambda: with_time("", lambda t: f"{MATLAB + t / 86400:.10f}"),
    "axivity, a header": lambda: with_time(
        "Time,Accel-X,Accel-Y,Accel-Z\n", lambda t: when(t, US)
    ),
    "geneactiv": lambda: with_time(
        GENEACTIV, lambda t: when(t, "%Y-%m-%d %H:%M:%S:%f")[:-3], rest=["0", "0", "22.1"]
    ),
    "mbientlab": lambda: table(
        "epoc (ms),timestamp (+0100),elapsed (s),x-axis (g),y-axis (g),z-axis (g)\n",
        lambda t, *a: [f"{(UNIX_S + t) * 1e3:.0f}", when(t, US), f"{t:.3f}", *numbers(*a)],
    ),
    "shimmer": lambda: with_time(
        '"sep=\t"\n'
        + "\t".join(["Shimmer_5ED6_Timestamp_Unix_CAL"]
                    + [f"Shimmer_5ED6_Accel_LN_{axis}_CAL" for axis in "XYZ"])
        + "\t\nms\tm/(s^2)\tm/(s^2)\tm/(s^2)\t\n",
        lambda t: f"{(UNIX_S + t) * 1e3:.3f}", MS2, "\t", rest=[""],
    ),
    "utf-16": lambda: with_time("time_s,x_g,y_g,z_g\n", lambda t: f"{t:.3f}").encode("utf-16"),
    "latin-1": lambda: with_time(
        "time_s,x (m/s²),y (m/s²),z (m/s²)\n", lambda t: f"{t:.3f}", MS2
    ).encode("latin-1"),
    "remarks": lambda: with_time("# mine\n\ntime_s,x_g,y_g,z_g\n", lambda t: f"{t:.3f}"),
    "dots": lambda: with_time("time,x_g,y_g,z_g\n", lambda t: when(t, "%d.%m.%Y %H:%M:%S.%f")),
    "american": lambda: with_time(
        "time,x_g,y_g,z_g\n", lambda t: when(t, "%m/%d/%Y %I:%M:%S.%f %p")
    ),
    "the clock alone": lambda: with_time("time,x_g,y_g,z_g\n", lambda t: when(t, "%H:%M:%S.%f")),
}  # fmt: skip
UTC = ("sensor logger", "empatica", "mbientlab", "shimmer")
UNDATED = ("phyphox", "german", "sensorlog", "physics toolbox, g", "physics toolbox, m/s2",
           "axivity, since the start", "utf-16", "latin-1", "remarks",
           "the clock alone")  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_the_same_limb(form, tmp_path):
    text = FORMS[form]()
    (tmp_path / "n.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    found = load(tmp_path / "n.csv").recording
    assert found.odr_hz == pytest.approx(HZ, rel=1e-6) and not found.breaks
    # E4 counts are 16 mg each; what was written has five places
    most_mg = 8.0 if form == "empatica" else 0.2
    assert np.abs(found.acc * found.mg_per_lsb - ACC * 1000).max() <= most_mg
    start = found.start_utc_s if form in UTC else found.start_local_s
    if form in UNDATED:
        assert (found.start_utc_s, found.start_local_s) == (None, None)
    elif form == "american":  # nothing says that it is not the 3rd of January
        assert [note.code for note in found.notes] == ["date_in_doubt"]
    else:
        assert start == pytest.approx(UNIX_S, abs=0.001)


@pytest.mark.parametrize(
    ("head", "acc", "words"),
    [
        ("time_s,x,y,z\n", ACC, "names no unit"),
        ("time_s,x_ms2,y_ms2,z_ms2\n", ACC, "at rest it shows 0.102 g"),
        ("time_s,x_g,y_g,z_g\n", MS2, "at rest it shows 9.81 g"),
        ("time_s,x_mg,y_mg,z_mg\n", ACC, "at rest it shows"),
        ("time_s,x_g,y_g,z_g\n", ACC - [0, 0, 1], "gravity may have been taken off"),
        ("time,ax,ay,az,aT\n", MS2 - [0, 0, G_MS2], "gravity may have been taken off"),
    ],
)
def test_a_unit_that_is_not_said_or_not_true_is_refused(head, acc, words, tmp_path):
    rest = ["1"] * (head.count(",") - 3)
    (tmp_path / "n.csv").write_text(with_time(head, lambda t: f"{t:.3f}", acc, rest=rest))
    with pytest.raises(UserError) as error:
        load(tmp_path / "n.csv")
    assert words in str(error.value)


def test_a_line_without_numbers_is_told_by_its_place_in_the_file(tmp_path):
    lines = with_time("# mine\ntime_s,x_g,y_g,z_g\n", lambda t: f"{t:.3f}").split("\n")
    lines[5:2000] = ["x,y,z,a"] * 1995
    (tmp_path / "n.csv").write_text("\n".join(lines))
    with pytest.raises(UserError, match="n.csv, line 6: x"):
        load(tmp_path / "n.csv")
