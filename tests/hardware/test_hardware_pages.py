"""The pages of hardware/ are what the data makes of them, and ask for what the data guesses."""

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

HARDWARE = Path(__file__).resolve().parents[2] / "hardware"
sys.path.append(str(HARDWARE))
from rendering import build_page, checklist, data, make_hardware, markdown, power_page, wiring_svg  # noqa: E402
from rendering.circuit import Circuit  # noqa: E402

MADE = make_hardware.texts()
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", MADE)
def test_a_page_is_what_make_hardware_makes(name):
    assert (HARDWARE / name).read_text(encoding="utf-8") == MADE[name], "run: make hardware"


def test_no_other_page_or_picture_lies_there():
    there = {path.name for path in HARDWARE.iterdir() if path.suffix in (".md", ".svg")}
    cased = {
        build_page.case_picture_name(build)
        for build in data.BUILDS.values()
        if "none" not in build["case"]
    }
    assert there == {*MADE, *cased, "SAFETY.md"}


@pytest.mark.parametrize("name", [name for name in MADE if name.endswith(".md")])
def test_what_a_page_points_at_is_there(name):
    targets = re.findall(r"\]\(([^)]+)\)", MADE[name])
    assert targets or name == "HAZARDS.md"
    for target in targets:
        assert (HARDWARE / target).exists(), target
    assert not re.search(r"\$[a-z]|\{[A-Z]", MADE[name]), "a part was not filled in"


@pytest.mark.parametrize("build", data.BUILDS.values(), ids=lambda build: build["name"])
def test_a_build_has_at_most_twelve_steps_each_with_what_to_see(build):
    page = MADE[f"{build['name']}.md"]
    steps = re.findall(r"^(\d+)\. ", page, re.MULTILINE)
    assert steps == [str(n + 1) for n in range(len(build["steps"]))]
    assert 5 <= len(steps) <= 12
    assert page.count("*You see:*") == len(steps)
    shown = build_page.commands_in(page)
    assert shown == [
        build_page.command_text(step["command"], build)
        for step in build["steps"]
        if "command" in step
    ]
    assert page.count("(Needs the real board:") == sum(
        data.COMMANDS[step["command"]]["runs"] == "real"
        for step in build["steps"]
        if "command" in step
    )
    assert "SAFETY.md" in page and "Nobody has built this yet" in page
    # The cell comes after everything that can be found wrong without it.
    safety = next(n for n, step in enumerate(build["steps"]) if "SAFETY.md" in step["do"])
    assert safety > next(
        n for n, step in enumerate(build["steps"]) if step.get("command") == "parts"
    )


def test_a_command_says_where_it_runs():
    for name, command in data.COMMANDS.items():
        assert command["runs"] in ("virtual", "real"), name
        assert ("why" in command) == (command["runs"] == "real")
    used = {s["command"] for b in data.BUILDS.values() for s in b["steps"] if "command" in s}
    assert used == set(data.COMMANDS)


def test_troubles_are_told_to_whom_they_happen():
    named = {row["builds"] for row in data.TROUBLES}
    assert named == {"all", "wired", "plugged", "sees a charger"}
    kinds = {n: build_page.kinds(Circuit(build)) for n, build in data.BUILDS.items()}
    assert kinds == {
        "r1_xiao": {"all", "wired", "sees a charger"},
        "r2_m5capsule": {"all"},
        "r2_m5stickc_plus2": {"all"},
        "r3_feathers3": {"all", "plugged", "sees a charger"},
    }
    for name, own in kinds.items():
        for row in data.TROUBLES:
            assert (row["do"] in MADE[f"{name}.md"]) == (row["builds"] in own), row["see"]


@pytest.mark.parametrize("build", data.BUILDS.values(), ids=lambda build: build["name"])
def test_prices_have_a_date_a_source_a_range_and_an_alternative(build):
    assert re.fullmatch(r"20\d\d(-\d\d)?", build["prices"]["date"])
    assert build["prices"]["tag"] in "FM" and build["prices"]["source"]
    for part in build["parts"]:
        eur = part["price_eur"]
        assert 0 < eur["low"] <= eur["value"] <= eur["high"] and part["instead"]
    page = MADE[f"{build['name']}.md"]
    total = sum(part["count"] * part["price_eur"]["value"] for part in build["parts"])
    assert f"about {total:.0f} euro" in page and build["prices"]["date"] in page


def test_the_soldered_build_costs_thirty_euro_and_one_without_solder_less():
    euros = {name: build_page.total_eur(build) for name, build in data.BUILDS.items()}
    assert euros["r1_xiao"] == pytest.approx(29.5, abs=0.5)
    assert min(euros["r2_m5capsule"], euros["r2_m5stickc_plus2"]) <= 30


def test_the_main_page_names_the_least_price():
    least = min(build_page.total_eur(build) for build in data.BUILDS.values())
    readme = (HARDWARE.parent / "README.md").read_text(encoding="utf-8")
    assert f"Three builds from {least:.0f} euro on" in readme


def test_the_resistors_to_buy_are_those_of_the_circuit():
    build = data.BUILDS["r1_xiao"]
    wanted = {}
    for part in build["circuit"]["parts"].values():
        if "ohm" in part:
            wanted[part["ohm"] // 1000] = wanted.get(part["ohm"] // 1000, 0) + 1
    bought = {
        int(part["what"].split()[1]): part["count"]
        for part in build["parts"]
        if part["what"].startswith("resistor")
    }
    assert bought == wanted == {220: 3, 330: 1}


@pytest.mark.parametrize("build", data.BUILDS.values(), ids=lambda build: build["name"])
def test_the_first_builder_is_asked_for_exactly_what_is_guessed(build):
    circuit = Circuit(build)
    things = [circuit.board, data.CHIPS[build["chip"]]]
    things += [circuit.breakout(ref) for ref in circuit.sensors()]
    guessed = {
        (thing["title"], key)
        for thing in things
        for key, figure in thing.items()
        if isinstance(figure, dict)
        and "value" in figure
        and (figure["tag"] in "MC" or "borrowed" in figure)
    }
    guessed |= {
        (circuit.board["title"], f"pins.{role}")
        for role, pin in circuit.board["pins"].items()
        if pin["tag"] in "MC"
    }
    rows = checklist.checklist(build).splitlines()[2:]
    asked = [(row.split(" | ")[0].strip("| "), row.split(" | ")[1].split(":")[0]) for row in rows]
    assert len(set(asked)) == len(asked)
    # What nobody needs to measure: the sheet gives it, or arithmetic.
    paper = {"rate_hz", "addresses", "fifo_samples", "fifo_word_bytes"}
    assert set(asked) == {(thing, key) for thing, key in guessed if key not in paper}


@pytest.mark.parametrize("name", [name for name in MADE if name.endswith(".svg")])
def test_a_picture_is_whole_and_nothing_leaves_it(name):
    root = ElementTree.fromstring(MADE[name])
    width, height = float(root.get("width")), float(root.get("height"))
    assert root.find(f"{SVG}title").text
    for node in root.iter():
        for key, limit in (("x", width), ("cx", width), ("y", height), ("cy", height)):
            if node.get(key):
                assert 0 <= float(node.get(key)) <= limit


WIRED = [
    (build, make_hardware.texts()[build_page.picture_name(build)])
    for base in data.BUILDS.values()
    for build in (base, *(other for _, other in data.variants(base)))
    if build_page.picture_name(build) in MADE and build["circuit"]["nets"]
]


@pytest.mark.parametrize(("build", "svg"), WIRED, ids=lambda value: str(value)[:0] or None)
def test_a_picture_shows_every_wire_from_pin_to_pin(build, svg):
    picture = wiring_svg.Picture(Circuit(build))
    assert picture.svg() == svg
    root = ElementTree.fromstring(svg)
    wires = {}
    for path in root.iter(f"{SVG}path"):
        title = path.find(f"{SVG}title")
        if title is not None:
            wires[title.text] = path.get("d")
    nets = build["circuit"]["nets"]
    assert set(wires) == set(nets)
    taken = {}
    for net, pins in nets.items():
        for pin in pins:
            _, x, y = picture.places[pin]
            assert f"M{x} {y}H" in wires[net], f"{pin} is not reached by {net}"
            assert taken.setdefault((x, y), pin) == pin, "two pins in one place"
    # No two nets share a stretch of a track.
    tracks = [
        (int(x), net) for net, path in wires.items() for x in re.findall(r"M(\d+) \d+V", path)
    ]
    assert len({x for x, _ in tracks}) == len(tracks)
    texts = [node.text for node in root.iter(f"{SVG}text")]
    if Circuit(build).sensors():
        assert "INT1: LEAVE OPEN" in texts


def test_a_table_refuses_a_row_of_another_width():
    assert markdown.table("a | b", [(1, 2)]) == "| a | b |\n|---|---|\n| 1 | 2 |"
    with pytest.raises(ValueError, match="3 cells under 2 columns"):
        markdown.table("a | b", [(1, 2, 3)])


def test_a_build_with_a_wrong_wire_gets_no_page():
    build = dict(data.BUILDS["r1_xiao"])
    nets = {**build["circuit"]["nets"], "INT2": ["U1.D1", "U2.INT2", "U2.INT1"]}
    build["circuit"] = {**build["circuit"], "nets": nets}
    with pytest.raises(ValueError, match="INT2: outputs tied together"):
        build_page.page(build)


def broken(tmp_path, name, old, new):
    """Run make_hardware on a copy with one change; return (what it said, nothing was written)."""
    for folder in ("hardware", "firmware"):
        shutil.copytree(HARDWARE.parent / folder, tmp_path / folder)
    path = tmp_path / "hardware" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    pages = {page: (tmp_path / "hardware" / page).read_bytes() for page in MADE}
    tool = tmp_path / "hardware" / "rendering" / "make_hardware.py"
    done = subprocess.run([sys.executable, tool], capture_output=True, text=True)
    assert done.returncode == 1
    same = all((tmp_path / "hardware" / page).read_bytes() == was for page, was in pages.items())
    return done.stderr.strip().splitlines()[-1], same


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("builds/r1_xiao.json", '["U1.D1", "U2.INT2"]', '["U1.D1", "U2.INT1"]', "U2.INT1 must"),
        ("builds/r1_xiao.json", '"date": ', '"when": ', "'date'"),
        ("boards/m5capsule.json", '"pads": {', '"pads": ', "m5capsule.json is no JSON"),
    ],
)
def test_wrong_data_is_named_and_nothing_is_written(tmp_path, name, old, new, says):
    said, same = broken(tmp_path, name, old, new)
    assert says in said and same


# --- POWER.md -----------------------------------------------------------------------------------

S3, DSOX = data.BOARDS["xiao_esp32s3"], data.CHIPS["lsm6dsox"]


def test_seven_nights_take_240_mah_by_formulas_and_230_under_stated_conditions():
    assert power_page.needed(power_page.day(S3, DSOX)) == pytest.approx(240, abs=1)
    assert power_page.needed(power_page.day(S3, DSOX, "high")) == pytest.approx(505, abs=2)
    ways = dict(power_page.together(S3, DSOX))
    reached = [what for what, lines in ways.items() if power_page.needed(lines) <= 230]
    assert len(reached) == 6 and "as above" not in reached
    assert any(what.startswith("fetched on the charger") for what in reached)
    assert MADE["POWER.md"].count("(reached)") == len(reached)


def test_a_lever_that_reaches_the_goal_alone_is_not_said_to_need_others():
    for _, _, said, _ in power_page.levers(S3, DSOX):
        if " gives " in said:
            mah = float(said.split(" gives ")[1].split()[0])
            assert said.startswith("not alone") == (mah > 230), said


def test_a_lever_at_its_limit_just_reaches_the_goal():
    for change, keep in (("radio_min", 0.02), ("active_ma", 0.1), ("light_sleep_ma", 0.01)):
        text = {
            "radio_min": "radio a day",
            "active_ma": "current awake",
            "light_sleep_ma": "current in light sleep",
        }[change]
        (row,) = [row for row in power_page.levers(S3, DSOX) if row[0] == text]
        most = float(row[2].split()[2])
        assert power_page.needed(power_page.day(S3, DSOX, **{change: most})) <= 230
        assert power_page.needed(power_page.day(S3, DSOX, **{change: most + keep})) > 230


def test_a_limit_is_found_or_said_not_to_be():
    assert power_page.limit(0, 10, lambda x: 200 + 10 * x) == pytest.approx(3)
    assert power_page.limit(0, 10, lambda x: 300) is None
    assert power_page.limit(0, 10, lambda x: 100 + x) == 10


def test_recording_without_rest_costs_what_the_page_says():
    total = power_page.always_recording(S3, DSOX)["total"]
    assert total == pytest.approx(72.7, abs=0.6) and f"{total:.1f} mAh" in MADE["POWER.md"]


def test_a_day_that_the_virtual_band_kept_is_priced():
    rows = {
        "all_s": 86400.0,
        "awake_s": 900.0,
        "light_sleep_s": 31500.0,
        "deep_sleep_s": 54000.0,
        "radio_idle_s": 100.0,
        "radio_connected_s": 20.0,
        "imu_on_s": 32400.0,
        "flash_writes": 540,
        "starts": 3,
        "light_sleeps": 13800,
    }
    text = power_page.band_day({"what": "One night of 9 h.", "rows": rows})
    busy_s = 13800 * 0.01055 + 32400 * 104 * 10.375e-6
    awake_mah = (900 - 120 + busy_s) * 46 * 0.8 / 3600
    assert f"| awake, radio off | {awake_mah:.2f} |" in text and "One night of 9 h." in text
    total = float(text.split("| total | ")[1].split(" |")[0])
    assert total == pytest.approx(28.3, abs=0.3)
    assert f"| radio on, connected | {30 * 90 / 3600:.2f} |" in text, "a real air is slower"
    assert f"**{total * 7 / 0.8:.0f}**" in text
    sleepless = power_page.band_day({"what": "", "rows": rows, "unfetched": rows})
    assert f"nobody fetches the night costs {total:.1f} mAh" in sleepless
    assert power_page.band_day(None) == "" and "$band_day" not in MADE["POWER.md"]


def test_the_kept_day_reaches_the_goal_with_typical_figures():
    kept = data.read(power_page.DAY)
    for rows in (kept["rows"], kept["unfetched"]):
        assert rows["all_s"] == 86400.0
        parts_s = rows["awake_s"] + rows["light_sleep_s"] + rows["deep_sleep_s"]
        assert parts_s == pytest.approx(86400, abs=0.1)
    typical, worst = (power_page.kept_day(kept["rows"], which) for which in ("value", "high"))
    assert 200 < power_page.needed(typical) <= power_page.GOAL_MAH < power_page.needed(worst)
    assert power_page.kept_day(kept["unfetched"], "value")["total"] > typical["total"] + 2
    assert f"**{power_page.needed(typical):.0f}**" in MADE["POWER.md"]


def test_a_board_whose_button_ends_no_deep_sleep_rests_in_light_sleep():
    light = {n for n, board in data.BOARDS.items() if not power_page.rests_deep(board)}
    assert light == {"xiao_esp32c3", "m5capsule"}
    c3 = data.BOARDS["xiao_esp32c3"]
    lines = power_page.day(c3, DSOX)
    assert lines["deep sleep"] == 0 and lines["light sleep"] == pytest.approx(47.5, abs=0.2)
    assert lines["total"] == pytest.approx(60.1, abs=0.2)
    assert build_page.nights(c3, DSOX, 400) == (5, 1)  # 0.8 of 400 mAh; the worst that was found
    for name in ("r2_m5capsule.md", "r1_xiao.md"):
        assert "it rests in light sleep by day" in " ".join(MADE[name].split())
