"""The report's tables below the goals, in Markdown. Pure; in: the result of bench.run."""

from notturno.bench.metrics import BANDS, KINDS, found_in, ratio
from notturno.bench.run import HELD_OUT, OURS, REFERENCE
from notturno.recordings import ASLEEP


def grid(heads: tuple[str, ...], body: list[tuple[str, ...]]) -> str:
    """Return a table in Markdown of rows of texts."""
    lines = [heads, ["---"] * len(heads), *body]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def part(value: float | None, digits: int = 3) -> str:
    """Return a share in words; a dash where there was nothing to measure."""
    return "-" if value is None else f"{value:.{digits}f}"


def profiles(result: dict, group: str) -> str:
    """What the detector found on the nights of a set of models, by profile."""
    heads = ("profile", "jerks", *(f"{name} mg" for name, _, _ in BANDS), "PPV", "false/h")
    heads += ("LM", "found", "PPV", "posture", "rhythm", "called awake")
    body = []
    for profile, f in result["profiles"][group][OURS].items():
        both = [
            f"{part(f['sensitivity'][kind], 2)} / {part(f['ppv'][kind], 2)}"
            for kind in ("posture", "rhythm")
        ]
        body.append(
            (
                profile,
                str(f["truths"]["jerk"]),
                *(part(found_in(f, name), 2) for name, _, _ in BANDS),
                part(f["ppv"]["jerk"], 2),
                f"{f['false_per_h']['jerk']:.2f}",
                str(f["truths"]["lm"]),
                part(f["sensitivity"]["lm"]),
                part(f["ppv"]["lm"]),
                *both,
                f"{100 * f['awake_h'] / f['hours']:.1f} %",
            )
        )
    return grid(heads, body)


def left_out(result: dict) -> str:
    """What the detector found and does not count, by profile, beside what it counts."""
    body = []
    for profile, f in result["profiles"][HELD_OUT][OURS].items():
        counted = ", ".join(f"{f['hits'][k]} of {f['events'][k]} {k}" for k in KINDS)
        out = [
            f"{n} {kind} {reason}"
            for kind, reasons in sorted(f["left_out"].items())
            for reason, n in sorted(reasons.items())
        ]
        body.append((profile, counted, ", ".join(out) or "nothing"))
    return grid(("profile", "right of those counted", "left out"), body)


def confusion(result: dict) -> str:
    """What was taken for what, over all profiles."""
    table = result["profiles"][HELD_OUT][OURS]["all"]["confusion"]
    columns = (*KINDS, "missed")
    return grid(
        ("truth \\ found", *columns),
        [
            (row, *(str(table.get(row, {}).get(column, 0)) for column in columns))
            for row in (*KINDS, "false")
        ],
    )


def sources(result: dict) -> str:
    """What shook the band where something was found that was not."""
    table = result["profiles"][HELD_OUT][OURS]["all"]["false_from"]
    return grid(
        ("what shook it", *KINDS),
        [
            (row, *(str(columns.get(kind, 0)) for kind in KINDS))
            for row, columns in sorted(table.items())
        ],
    )


def systems(result: dict) -> str:
    """All rules on the same nights."""
    heads = ("rule", "jerks found", "PPV", *(f"{kind} F1" for kind in KINDS))
    heads += ("macro-F1", "false jerks/h", "jerk onset", "LM length")
    body = []
    for name, by_profile in result["profiles"][HELD_OUT].items():
        f = by_profile["all"]
        body.append(
            (
                name,
                part(f["sensitivity"]["jerk"]),
                part(f["ppv"]["jerk"]),
                *(part(f["f1"][kind]) for kind in KINDS),
                part(f["macro_f1"]),
                f"{f['false_per_h']['jerk']:.2f}",
                _error(f["onset_error_ms"]["jerk"]),
                _error(f["lm_duration_error_ms"]),
            )
        )
    return grid(heads, body)


def _error(value_ms: float | None) -> str:
    return "-" if value_ms is None else f"{value_ms:.0f} ms"


def cases(result: dict) -> str:
    """The cases in which a detector must not lose the patient."""
    return grid(
        ("case", "model", "system", "right", "what was found"),
        [
            (
                row["case"],
                row["model"],
                row["system"],
                "yes" if row["right"] else "**no**",
                row["said"],
            )
            for row in result["cases"]
        ],
    )


def worn(result: dict) -> str:
    """Minutes rightly called worn or not worn, by the sensor's noise."""
    mine = {name: result["worn"][HELD_OUT][name] for name in (OURS, REFERENCE)}
    return grid(
        ("noise, mg rms", *mine),
        [
            (noise, *(part(ratio(*by_noise[noise])) for by_noise in mine.values()))
            for noise in mine[OURS]
        ],
    )


def refused(result: dict) -> str:
    """What of each real recording the detector refused: time, and rows that do not count."""
    heads = ("recording", "minutes", "called awake", "called not worn", "rows", "left out")
    heads += ("jerks counted outside awake",)
    body = []
    for row in result["refused"]:
        if row["system"] != OURS:
            continue
        name = row["recording"] + (" (asleep)" if row["recording"] == ASLEEP.stem else "")
        awake, off = (100 * row[f"{what}_h"] / row["hours"] for what in ("awake", "not_worn"))
        minutes = f"{60 * row['hours']:.1f}"
        counts = (str(row[field]) for field in ("rows", "left_out", "jerks"))
        body.append((name, minutes, f"{awake:.0f} %", f"{off:.0f} %", *counts))
    return grid(heads, body)


def instructions(result: dict) -> str:
    """Instructions a sample by profile."""
    archs = list(result["instructions"])
    names = list(dict.fromkeys(p for by in result["instructions"].values() for p in by))
    return grid(
        ("profile", *archs),
        [
            (name, *(part(result["instructions"][arch].get(name), 0) for arch in archs))
            for name in names
        ],
    )
