"""The goals beside what was measured.

Pure. In: the result of bench.run; out: rows that say on which nights something was measured, what
the best baseline reached there, and whether the goal is met.
"""

from dataclasses import dataclass

from notturno.bench.run import OURS

LEAST_FOUND = 0.5
NUISANCES = ("partner", "pump", "table")


@dataclass(frozen=True)
class Row:
    """One goal: `met` is None where nothing was measured; ahead: yes, tied, no or -."""

    what: str
    goal: str
    measured: str
    met: bool | None
    best: str
    ahead: str


def rows(result) -> list[Row]:
    """Return the goals' rows in the order of the plan."""
    nights = result["synthetic"]
    return [*_jerk_rows(nights), *_movement_rows(nights), *_kind_rows(nights)] + _other(result)


def _row(nights, what, goal, profile, get, unit="", least=None, most=None, digits=3, finds=None):
    """A row of figures: `least` or `most` is the goal.

    finds: a kind; only baselines that find at least LEAST_FOUND of it, over all profiles, are
    compared, for a rule that finds nothing is never false and never late.
    """
    values = {
        name: get(by_profile[profile])
        for name, by_profile in nights.items()
        if name == OURS or not finds or able(by_profile["all"], finds)
    }
    return _compare(what, goal, values, unit, least, most, digits)


def able(figures, kind):
    """Say whether a system finds enough of a kind to be compared on its errors."""
    found = figures["sensitivity"][kind]
    return found is not None and found >= LEAST_FOUND


def _compare(what, goal, values, unit, least=None, most=None, digits=3):
    def text(value):
        return "none" if value is None else f"{value:.{digits}f}{unit}"

    ours = values[OURS]
    others = {name: value for name, value in values.items() if name != OURS and value is not None}
    met, ahead = None, "-"
    best = "none has one"
    if others:
        sign = 1 if most is None else -1
        name = max(others, key=lambda key: sign * others[key])
        best = f"{text(others[name])} ({name})"
        ahead = "no"
        if ours is not None and sign * ours >= sign * others[name]:
            ahead = "tied" if ours == others[name] else "yes"
    if ours is not None:
        met = ours >= least if most is None else ours <= most
    return Row(what, goal, text(ours), met, best, ahead)


def _jerk_rows(nights):
    def band(name):
        return lambda f: f["band_sensitivity"][name]

    def false(f):
        return f["false_per_h"]["jerk"]

    out = [
        _row(nights, "jerks >= 20 mg found, quiet", ">= 0.98", "quiet", band("20+"), least=0.98),
        _row(
            nights,
            "false jerks, quiet",
            "<= 0.1/h",
            "quiet",
            false,
            "/h",
            most=0.1,
            digits=2,
            finds="jerk",
        ),
        _row(nights, "jerks 8-20 mg found, quiet", ">= 0.90", "quiet", band("8-20"), least=0.9),
        _row(nights, "jerks >= 20 mg found, all profiles", "(none)", "all", band("20+"), least=0),
        _row(
            nights, "jerks 8-20 mg found, all profiles", ">= 0.90", "all", band("8-20"), least=0.9
        ),
        _row(
            nights,
            "false jerks, all profiles",
            "<= 1/h",
            "all",
            false,
            "/h",
            most=1,
            digits=2,
            finds="jerk",
        ),
    ]
    for profile in NUISANCES:
        what = f"false jerks, {profile}"
        out.append(
            _row(nights, what, "<= 0.5/h", profile, false, "/h", most=0.5, digits=2, finds="jerk")
        )
    out.append(
        _row(
            nights, "jerks' F1, all profiles", "(none)", "all", lambda f: f["f1"]["jerk"], least=0
        )
    )
    return out


def _movement_rows(nights):
    out = []
    for profile, place in (("plm", "plm"), ("all", "all profiles")):
        for field, name, least in (("sensitivity", "found", 0.95), ("ppv", "PPV", 0.97)):
            out.append(
                _row(
                    nights,
                    f"LM {name}, {place}",
                    f">= {least}",
                    profile,
                    lambda f, field=field: f[field]["lm"],
                    least=least,
                )
            )
    rate = lambda f: f["lm_rate_error_pct"]  # noqa: E731
    onset = lambda f: f["onset_error_all_ms"]  # noqa: E731
    lasts = lambda f: f["lm_duration_error_ms"]  # noqa: E731
    return out + [
        _row(nights, "LM/h error, plm", "<= 5 %", "plm", rate, " %", most=5, digits=1),
        _row(
            nights, "onset error, jerks and LM", "<= 20 ms", "all", onset, " ms", most=20, digits=0
        ),
        _row(
            nights,
            "LM duration error",
            "<= 100 ms",
            "all",
            lasts,
            " ms",
            most=100,
            digits=0,
            finds="lm",
        ),
    ]


def _kind_rows(nights):
    macro = lambda f: f["macro_f1"]  # noqa: E731
    hz = lambda f: f["rhythm_error_hz"]  # noqa: E731
    return [
        _row(nights, "macro-F1 of four kinds", ">= 0.92", "all", macro, least=0.92),
        _row(nights, "rhythm frequency error", "<= 0.2 Hz", "all", hz, " Hz", most=0.2, digits=2),
    ]


def _other(result):
    nights = result["synthetic"]
    real = [*_awake_rows(result["awake"], nights), *_mixed_rows(result["mixed"], nights)]
    return real + _cost_rows(result)


def _awake_rows(awake, nights):
    totals = {}
    for row in awake:
        if row["system"] != OURS and not able(nights[row["system"]]["all"], "jerk"):
            continue
        part = totals.setdefault(row["system"], [0, 0.0, 0.0])
        for i, field in enumerate(("jerks", "hours", "outside_h")):
            part[i] += row[field]
    jerks, hours, outside_h = totals[OURS]
    rates = {name: part[0] / part[1] for name, part in totals.items()}
    row = _compare("jerks counted, awake recordings", "<= 2/h", rates, "/h", most=2, digits=2)
    text = f"{row.measured} of recording ({jerks} in {hours:.2f} h)"
    text += f"; {outside_h:.2f} h lie outside the spans called awake"
    return [Row(row.what, row.goal, text, row.met, row.best, row.ahead)]


def _mixed_rows(mixed, nights):
    found = {name: f["band_sensitivity"]["20+"] for name, f in mixed.items()}
    alone = {
        name: f["alone_per_h"]
        for name, f in mixed.items()
        if name == OURS or able(nights[name]["all"], "jerk")
    }
    rest = "jerks counted in that rest alone"
    return [
        _compare("jerks >= 20 mg found, mixed into real rest", "(none)", found, "", least=0),
        _compare(rest, "(none)", alone, "/h", most=float("inf"), digits=1),
    ]


def _cost_rows(result):
    out = []
    for arch, count in result["instructions"].items():
        what = f"instructions a sample, {arch}, quiet"
        measured = "not measured: no emulator" if count is None else f"{count:.0f}"
        met = None if count is None else count <= 300
        out.append(Row(what, "<= 300", measured, met, "-", "-"))
    for arch, (hot, whole) in result["code_bytes"].items():
        for name, n in (("both paths", hot), ("all three stages", whole)):
            out.append(Row(f"code, {arch}, {name}", "<= 4096 B", f"{n} B", n <= 4096, "-", "-"))
    ratio = result["replay"]["ratio"]
    what = "replay of 8 h over one copy"
    return out + [Row(what, "<= 10", f"{ratio:.1f}", ratio <= 10, "-", "-")]
