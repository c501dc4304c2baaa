"""Luna's times in every form that its manual names, and in the orders that people put them."""

import datetime

import pytest
from notturno.errors import UserError
from notturno.labs import inputs, readers

MOVEMENTS = "".join(f"LM\tL\t{600.5 + 20 * i}\t+2.25\n" for i in range(3))
STAGES = ["W"] * 10 + ["N2"] * 60 + ["R"] * 10


def night_of(path, text):
    path.write_text(text)
    (unit,) = inputs.found_in([str(path)]).units
    (night,) = readers.nights_of(unit)
    return night


def asleep_s(night):
    pairs = zip(night.stages, night.stages[1:], strict=False)
    return sum(b - a for (a, name), (b, _) in pairs if name in ("N2", "R")) / 1e6


FORMS = {
    "epochs": "".join(f"{e}\t.\te:{i + 1}\te:{i + 1}\n" for i, e in enumerate(STAGES)),
    "from one epoch to another": "W\t.\te:1\te:10\nN2\t.\te:11\te:70\nR\t.\te:71\te:80\n",
    "epochs of 20 s": "W\t.\te:20:1\te:20:15\nN2\t.\te:20:16\te:20:120\n",
    "overlapping epochs": "W\t.\te:30:15:1\te:30:15:19\nN2\t.\te:30:15:21\te:30:15:159\n",
    "until the next": "".join(f"{e}\t.\t{30 * i}\t...\n" for i, e in enumerate(STAGES)),
    "a head with short names": "annot\tinst\tch\tstart\tstop\tmeta\n"
    + "".join(f"{e}\t.\t.\t{30 * i}\t{30 * i + 30}\t.\n" for i, e in enumerate(STAGES)),
}


@pytest.mark.parametrize("form", FORMS)
def test_stages_in_every_form_sleep_as_long(form, tmp_path):
    movements = MOVEMENTS
    if "head" in form:
        movements = MOVEMENTS.replace("LM\tL", "LM\tL\t.").replace("+2.25", "+2.25\t.")
    night = night_of(tmp_path / "n.annot", FORMS[form] + movements)
    assert asleep_s(night) == 2100 and night.stages[-1] == (2_400_000_000, "END")
    assert [row[:3] for row in night.rows] == [
        (600_500_000 + 20_000_000 * i, 602_750_000 + 20_000_000 * i, "L") for i in range(3)
    ]


def test_a_list_of_stages_until_morning_may_stand_before_one_of_movements(tmp_path):
    begin = datetime.datetime(2024, 3, 1, 22)
    clock = [f"{begin + datetime.timedelta(seconds=30 * i):%H:%M:%S}" for i in range(960)]
    lines = [f"N2\t.\t{at}\t+30" for at in clock] + ["LM\tL\t22:10:00\t+2", "LM\tL\t00:10:00\t+2"]
    night = night_of(tmp_path / "n.annot", "\n".join(lines) + "\n")
    assert [row[0] for row in night.rows] == [600_000_000, 7_800_000_000]
    assert night.stages[-1] == (960 * 30_000_000, "END")


def test_dates_tell_the_day(tmp_path):
    for first, second in (
        ("01-03-24-23:59:50", "03-03-24-00:00:30"),
        ("01-03-2024-23:59:50", "03-03-2024-00:00:30"),
        ("01-Mar-2024-11:59:50 pm", "03-Mar-2024-12:00:30 am"),
        ("2024/03/01 23:59:50", "2024/03/03 00:00:30"),
    ):
        text = f"LM\t.\t.\t{first}\t+2\t.\nLM\t.\t.\t{second}\t+2\t.\n"
        night = night_of(tmp_path / "n.annot", text)
        assert [row[0] for row in night.rows] == [0, (24 * 3600 + 40) * 10**6]
        assert night.start_local == "2024-03-01T23:59:50"
    text = "LM\t.\t.\t01-03-24-23:59:50\t02-03-24-00:00:05\t.\n"
    assert night_of(tmp_path / "n.annot", text).rows[0][:2] == (0, 15_000_000)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("LM\t.\t5\t+1\nLM\t.\t10\t8\n", "line 2: it ends before it begins"),
        ("LM\t.\t77-03-24-23:59:50\t+2\n", "'77-03-24' is no date"),
        ("LM\t.\t22:00:00\t+2\nLM\t.\t01-03-24-23:59:50\t+2\n", "a date in some rows"),
        ("LM\t.\t22:00:00\t+2\nLM\t.\t9\t+2\n", "mixes clock times"),
        ("LM\t.\te:x\t+2\n", "line 1: 'e:x' is no time"),
    ],
)
def test_what_cannot_be_meant_is_told(text, words, tmp_path):
    with pytest.raises(UserError) as error:
        night_of(tmp_path / "n.annot", text)
    assert words in str(error.value)
