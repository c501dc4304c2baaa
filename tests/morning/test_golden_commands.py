"""What a person says and hands on, step by step, and what each command answers: all is kept.

golden_commands.json holds the words, and of JSON each column of numbers by its sums (see
fakes/golden.py). `NOTTURNO_WRITE_GOLDEN=1` writes it anew: read its difference.
"""

import json
import random
import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
import months
from golden import columns, hold, leaves
from notturno.cli import cli, replay, restore
from notturno.keys import KeyRing

KEPT = Path(__file__).with_name("golden_commands.json")
NIGHT = "2026-02-02"
READ_MS = 1_770_206_400_000  # 2026-02-04 12:00 UTC
PASSING = ("program", "provenance", "version", "data_dir", "path", "sha256", "written_", "made_")
STEPS = (
    "tag travel 2026-01-29 2026-01-31",
    "tag pause 2026-01-31",
    "tag pause --until 2026-02-01",
    "tag --list",
    "tag --remove travel",
    "tag --list --json",
    "edit 2026-02-03 --bed 23:10 --wake 06:40",
    "edit 2026-01-31 --exclude flu",
    "edit 2026-01-31 --include",
    "edit 2026-02-01 --zone Europe/London --band calf-left",
    "edit 2026-02-03 --undo",
    "edit --list",
    "edit --list --json",
    f"label {NIGHT} 4 6 --as me",
    f"label {NIGHT} 5 --as not-me",
    f"label {NIGHT} 4 --remove",
    f"label {NIGHT} --json",
    "diary add 2026-02-01 --what wine --amount 2 --unit glasses --at 21:15 --note red",
    "diary import {given}/diary.csv",
    "diary import {given}/diary.csv --json",
    "diary list",
    "diary remove 3",
    "diary stats --json",
    "import {given}/beds.csv --dry-run",
    "import {given}/beds.csv",
    "stimuli {given}/sounds.csv 2026-02-02",
    "stimuli {given}/sounds.csv 2026-02-02 --kind lms --json",
    "nights --last 3",
    "export --format json --last 1 --out {out}/one.json",
    "export --format parquet --out {out}/tables --json",
    "backup {out}/all.zip",
    "forget 2026-02-01 --yes",
    "forget --band calf-right --yes --json",
    "nights",
)
ELSEWHERE = (
    "import {out}/one.json",
    "nights --json",
)


def files(folder):
    """Write what the steps take in."""
    folder.mkdir()
    (folder / "diary.csv").write_text(
        "night,what,amount,unit,at,note\n2026-01-30,caffeine,3,cups,16:00,\n"
        "2026-01-31,caffeine,1,cups,09:30,a\n2026-02-03,stress,,,,exam\n"
    )
    (folder / "beds.csv").write_text(
        "bed,wake,zone\n2026-01-31T22:50,2026-02-01T06:20,Europe/Rome\n"
        "2026-02-02T23:05,2026-02-03T05:55,Europe/Rome\n"
    )
    rng = random.Random(5)
    rows = [f"{600 + 90 * k + rng.randrange(60)},sound" for k in range(150)]
    (folder / "sounds.csv").write_text("onset_s,kind\n" + "\n".join(rows) + "\n")


def said(line, folder, *options):
    """Return what a command answers, `folder` called FOLDER in it."""
    result = CliRunner().invoke(cli, [*line.split(), *options])
    assert result.exit_code == 0, (line, result.output, result.exception)
    if "--json" in line:
        answer = result.stdout.replace(str(folder), "FOLDER")
        return columns(leaves(json.loads(answer), PASSING))
    text = result.output.replace(str(folder), "FOLDER")
    text = re.sub(r"\d{4}-\d\d-\d\dT\S+Z|\d+(\.\d+)? [kM]B\b", "PASSING", text)
    return text.splitlines()


def test_what_a_person_says_and_hands_on(tmp_path, one_now, in_utc):
    one_now.utc_ms = READ_MS
    week = tmp_path / "week"
    week.mkdir()
    months.a_month(week, 4, seed=4)
    given, out = tmp_path / "given", tmp_path / "out"
    files(given)
    out.mkdir()
    found = []
    for folder, lines in ((week, STEPS), (tmp_path / "elsewhere", ELSEWHERE)):
        for line in lines:
            asked = line.format(given=given, out=out)
            found.append({line: said(asked, tmp_path, "--data-dir", str(folder))})
    hold(KEPT, "steps", found)


# --- the published rules, over a list of every sort -------------------------------------------

RULES = (
    "night.csv",
    "night.csv --rules aasm3 --stages stages.csv --recorded-s 28800",
    "night.csv --stages stages.csv --resp resp.csv --arousals arousals.csv --gaps gaps.csv",
    "night.csv --like somas --stages stages.csv --recorded-s 28800",
    "night.csv --like matplm --stages stages.csv --resp resp.csv",
    "night.csv --rules wasm2016 --set log_imi_base=log10 --set imi_upper=excluded",
)


@pytest.fixture(scope="module")
def lists(tmp_path_factory):
    """Return a folder of a restless night's lists: 8 h, both sides, and what lies beside."""
    folder = tmp_path_factory.mktemp("lists")
    rng = random.Random(11)
    rows, at = [], 400.0
    while at < 28_000:
        for _ in range(rng.randrange(1, 9)):
            lasts = rng.choice((0.5, 0.8, 1.5, 2.5, 4.0, 9.9, 10.2, 14.0))
            rows.append(f"{at:.2f},{lasts},{rng.choice('LRLR')},{rng.randrange(2)}")
            at += rng.choice((0.4, 3.0, 9.5, 14.0, 22.0, 31.0, 55.0, 89.5, 90.5))
        at += rng.uniform(60, 700)
    (folder / "night.csv").write_text(
        "onset_s,duration_s,side,morphology\n" + "\n".join(rows) + "\n"
    )
    stages = [(0, "W"), (900, "N1"), (1500, "N2"), (4200, "N3"), (6000, "R"), (7500, "N2")]
    stages += [(11_000, "W"), (11_600, "N2"), (17_000, "R"), (19_000, "N2"), (27_500, "W")]
    stages += [(28_800, "END")]
    (folder / "stages.csv").write_text(
        "onset_s,stage\n" + "".join(f"{at},{stage}\n" for at, stage in stages)
    )
    for name, count, lasts in (("resp", 40, 15), ("arousals", 60, 5), ("gaps", 3, 120)):
        places = sorted(rng.uniform(1000, 27_000) for _ in range(count))
        text = "".join(f"{place:.1f},{lasts}\n" for place in places)
        (folder / f"{name}.csv").write_text("onset_s,duration_s\n" + text)
    return folder


@pytest.mark.parametrize("line", RULES)
def test_a_restless_list_is_scored_as_it_was(line, lists):
    asked = re.sub(r"(\w+\.csv)", rf"{lists}/\1", line)
    words = said(f"score {asked}", lists)
    hold(KEPT, f"score {line}", {"words": words, "json": said(f"score {asked} --json", lists)})


# --- what commands say of their own -----------------------------------------------------------


def an_event(kind, onset_s=0.0, duration_s=0.5, *flags):
    return {"kind": kind, "onset_s": onset_s, "duration_s": duration_s, "flags": list(flags)}


@pytest.mark.parametrize(
    ("length_s", "gaps_s", "rate"),
    [
        (7200, 0, "2 single jerks in 2.00 h without awake and not worn (1.0/h)"),
        (7200, 1800, "2 single jerks in 1.50 h without awake and not worn (1.3/h)"),
        (60, 0, "2 single jerks in 0.02 h without awake and not worn (120.0/h)"),
        (59.9, 0, "2 single jerks in 0.02 h without awake and not worn (no rate: less than"),
    ],
)
def test_a_replay_ends_with_the_rate_of_what_counts(length_s, gaps_s, rate):
    events = [an_event("jerk"), an_event("jerk", 9), an_event("jerk", 20, 0.5, "in_lm")]
    found, left_out, last = replay.summary(events, length_s, gaps_s)
    assert found == f"3 jerks in {length_s / 3600:.2f} h."
    assert left_out == "Left out: 1 jerk (1 in a longer movement)."
    assert last.startswith(rate)


def test_a_replay_leaves_time_awake_and_not_worn_out_of_the_hours():
    events = [
        an_event("awake", 0, 1800),
        an_event("not_worn", 1700, 1000),
        an_event("lm", 4000, 2),
    ]
    lines = replay.summary(events, 7200)
    assert lines[-1].startswith("0 single jerks in 1.25 h without awake and not worn (0.0/h). ")


def test_a_restore_says_how_many_keys_came_back(tmp_path):
    tmp_path.mkdir(exist_ok=True)
    assert restore._keys(tmp_path, {}) == []
    ids = ["564200000000000" + sign for sign in "123"]
    told = restore._keys(tmp_path, {ids[0]: bytes(range(32)), ids[1]: bytes(range(1, 33))})
    assert [str(one) for one in told] == ["Keys of 2 bands came back."]
    assert restore._keys(tmp_path, {ids[0]: bytes(range(32))}) == []
    other = restore._keys(tmp_path, {ids[0]: bytes(range(9, 41)), ids[2]: bytes(range(32))})
    assert [str(one) for one in other] == [
        f"The key of {ids[0]} here is another one and stays.",
        "Keys of 1 band came back.",
    ]
    assert KeyRing(tmp_path).all()[ids[0]] == bytes(range(32))
