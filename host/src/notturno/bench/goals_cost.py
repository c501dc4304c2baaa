"""The goals of time, bytes and instructions. Pure; see `goal`."""

from notturno.bench.goal import Goal, Row, alone
from notturno.bench.metrics import ratio
from notturno.bench.run import HELD_OUT, OURS, TUNING

QUIET = "quiet"
CODE_BYTES, STATE_BYTES = 8192, 6144


def rows(result: dict) -> list[Row]:
    """Return the rows of latency, instructions, bytes and replay."""
    return [
        *_latency(result),
        *_instructions(result["instructions"]),
        *_bytes(result),
        *_replay(result["replay"]),
    ]


def _latency(result: dict) -> list[Row]:
    groups = [result["profiles"][group][OURS]["all"] for group in (TUNING, HELD_OUT)]
    out = []
    for what, field, most in (
        ("provisional row after a movement's end, 95th percentile", "provisional_s_p95", 2.0),
        ("final row after a movement's end, 95th percentile", "final_s_p95", 21.0),
    ):
        goal = Goal(what, most=most, unit=" s", digits=1)
        tuning, held_out = (f[field] for f in groups)
        shown = "-" if tuning is None else goal.text(tuning)
        row = alone(goal, held_out)
        out.append(Row(row.what, row.goal, shown, row.held_out, row.met))
    goal = Goal("provisional rows named anew by the final one", most=0.05)
    return [*out, alone(goal, ratio(*groups[1]["revised"]))]


def _instructions(counts: dict[str, dict]) -> list[Row]:
    out = []
    missing = "not measured: no emulator"
    for arch, by_profile in counts.items():
        goal = Goal(f"instructions a sample, {arch}, quiet", most=250, digits=0)
        out.append(alone(goal, by_profile[QUIET], missing))
    for arch, by_profile in counts.items():
        known = {profile: n for profile, n in by_profile.items() if n is not None}
        worst = max(known, key=lambda profile: known[profile], default="")
        goal = Goal(f"instructions a sample, {arch}, worst sleeping profile", most=300, digits=0)
        row = alone(goal, known.get(worst), missing)
        said = f"{row.held_out} ({worst})" if worst else row.held_out
        out.append(Row(row.what, row.goal, row.tuning, said, row.met))
    return out


def _bytes(result: dict) -> list[Row]:
    out = []
    for arch in result["archs"]:
        goal = Goal(f"machine code, {arch}", most=CODE_BYTES, unit=" B", digits=0)
        out.append(alone(goal, result["code_bytes"].get(arch), "not measured: no mpy-cross"))
    goal = Goal("state", most=STATE_BYTES, unit=" B", digits=0)
    out.append(alone(goal, result["state_bytes"]))
    goal = Goal("table of names, bytecode in the heap", unit=" B", digits=0)
    return [*out, alone(goal, result["naming_bytes"], "not measured: no table of names")]


def _replay(replay: dict) -> list[Row]:
    goal = Goal("replay of 8 h over a plain C machine of the same work", most=1.2, digits=2)
    over_copy = Goal("replay of 8 h over one copy", digits=1)
    memory = Goal("memory of a process that replays 8 h", most=120, unit=" MB", digits=0)
    start = Goal("memory of a process that replays a minute", unit=" MB", digits=0)
    return [
        alone(goal, replay["over_plain"], "not measured: no C compiler"),
        alone(over_copy, replay["over_copy"]),
        alone(memory, replay["peak_mb"]),
        alone(start, replay["start_mb"]),
    ]
