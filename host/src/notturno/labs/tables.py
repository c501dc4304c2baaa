"""The tables of many nights, column by column: `score` and `replay` write, `cohort` reads them.

Pure. Names, units and meanings of a night's measures are those of `nights.columns`; what only a
laboratory's list has is added here. `python -m notturno.labs.tables` prints TABLES.md. A figure
that cannot be given is empty in its column, and its reason's code stands in `refusals`.
"""

from notturno.files.columns import BOOL, INT, REAL, TEXT, Field
from notturno.nights.columns import BY_KEY, RULES, index_suffix

WHO = (
    Field("person", TEXT, "", "the person, as the file, its folder or its column says"),
    Field("night", TEXT, "", "the night, unique for the person"),
)
SIDES = "L, R, LR for both, or empty where the list names no leg"


def _measure(key: str) -> Field:
    column = BY_KEY[key]
    kind = INT if column.kind == "count" else TEXT if column.kind == "made" else REAL
    return Field(key, kind, column.unit, f"{column.words}: {column.meaning}")


def _by_rules(r: str, title: str) -> tuple[Field, ...]:
    suffix = index_suffix(r)
    return (
        Field(f"lm_{r}", INT, "", f"LM, {title}: after both legs were joined"),
        *(
            _measure(f"{key}_{r}")
            for key in ("clm", "plm", "plms", "plmw", "short_imi", "isolated")
        ),
        *(_measure(f"{key}_per_h_{r}") for key in ("plm", "plms", "plmw")),
        Field(f"plms_nrem_per_h_{r}", REAL, "1/h", f"PLMS in NREM an hour of it, {title}"),
        Field(f"plms_rem_per_h_{r}", REAL, "1/h", f"PLMS in REM an hour of it, {title}"),
        Field(f"plm_nonresp_{r}", INT, "", f"PLM without respiratory events, {title}"),
        Field(f"plms_nonresp_per_h_{r}", REAL, "1/h", f"those in sleep / asleep_h, {title}"),
        Field(f"plms_arousal_per_h_{r}", REAL, "1/h", f"PLMS with arousal / asleep_h, {title}"),
        Field(f"series_{r}", INT, "", f"series of PLM, {title}"),
        *(
            _measure(f"{key}{suffix}")
            for key in ("periodicity_index", "log_imi_mean", "log_imi_sd")
        ),
    )


NIGHTS = (
    *WHO,
    Field("side", TEXT, "", SIDES),
    Field("source", TEXT, "", "the file or files, from the folder or name that was given"),
    Field("format", TEXT, "", "what the file was read as"),
    Field("start_local", TEXT, "ISO 8601", "time 0 by the clock on the wall; empty if not known"),
    Field("movements_sha256", TEXT, "", "hash of the movements that were scored"),
    Field("rows", INT, "", "movements in the list, also those under 0.5 s"),
    _measure("lms"),
    _measure("lms_per_h"),
    _measure("recorded_h"),
    _measure("countable_h"),
    _measure("asleep_h"),
    _measure("awake_in_bed_h"),
    Field("nrem_h", REAL, "h", "NREM sleep: N1, N2, N3 and N"),
    Field("rem_h", REAL, "h", "REM sleep"),
    _measure("gap_h"),
    _measure("gaps"),
    _measure("sleep_rule"),
    Field("unknown_stages", INT, "", "labels that name no stage: unscored time, told in qc.csv"),
    *(field for r, title, *_ in RULES for field in _by_rules(r, title)),
    Field("refusals", TEXT, "JSON", "{column: code} of the figures that cannot be given"),
    _measure("rules_version"),
)
# A movement of one leg, as the list has it after overlapping rows of one leg were joined.
EVENTS = (
    *WHO,
    Field("kind", TEXT, "", "lm; what a band's detector finds has more kinds"),
    Field("side", TEXT, "", "L, R or empty"),
    Field("onset_s", REAL, "s", "its onset, from time 0 of the night"),
    Field("duration_s", REAL, "s", "how long it lasts"),
    Field("stage", TEXT, "", "W, N1, N2, N3, N, R, S, ? at its onset; empty without stages"),
    *(
        field
        for r, title, *_ in RULES
        for field in (
            Field(f"movement_{r}", INT, "", f"number of the movement it is part of, {title}"),
            Field(f"clm_{r}", BOOL, "", f"whether that movement is a candidate, {title}"),
            Field(f"plm_{r}", BOOL, "", f"whether it is in a series, {title}"),
        )
    ),
)
TABLES = {"nights": NIGHTS, "events": EVENTS}
# Beside what a laboratory's list has: the measures of a band's night, by their own names.
_OF_A_BAND = ("not_worn_h", "awake_h", "jerks", "jerks_all", "jerks_per_h", "lms_all")
_OF_A_BAND += ("largest_mg", "rhythms", "postures", "detector_version")
REPLAYED_NIGHTS = (
    *NIGHTS,
    *(_measure(key) for key in _OF_A_BAND),
    Field("sleep_start_s", REAL, "s", "begin of the estimated sleep window, from time 0"),
    Field("sleep_end_s", REAL, "s", "its end"),
    Field("odr_hz", REAL, "1/s", "true mean rate of the samples"),
)
REPLAYED_EVENTS = (
    *EVENTS,
    Field("left_out", TEXT, "", "why it does not count; empty where it does"),
    Field("peak_mg", INT, "mg", "peak of the high-passed acceleration"),
    Field("peak_jerk_mg_per_s", INT, "mg/s", "largest change of acceleration"),
    Field("rhythm_hz", REAL, "1/s", "pace of a rhythm"),
    Field("beats", INT, "", "beats of a rhythm"),
    Field("confidence", REAL, "", "0 to 1, of its name"),
)
REPLAYED = {"nights": REPLAYED_NIGHTS, "events": REPLAYED_EVENTS}

INTRO = """# The tables of many nights

`notturno score PATH... --out DIR` writes `DIR/nights.parquet` (one row a person and night),
`DIR/events.parquet` (one row a movement of one leg), `DIR/qc.csv` (what was refused or is to be
known, and why) and `DIR/settings.json` (every setting and version; its presence says that the run
was finished). `notturno replay --out` writes the same folder; columns that only it has stand in
tables of their own below. Rows stand in order of person and
night. Units stand also in the metadata of each column. A laboratory's list knows no time not worn
and none awake but by its stages: `countable_h` is `recorded_h` there, `asleep_h` is by the stages.

Without `--out`, `score PATH... --json` prints `{schema, nights: [row], qc: [row], ...}` with the
rows of these tables; `refusals` is an object there.

This page is made from `tables.py`: `python -m notturno.labs.tables`.
"""


def page() -> str:
    """Return the columns of all tables as Markdown."""
    from notturno.labs.outfolder import QC_FIELDS

    lines = [INTRO.rstrip()]
    more = {f"{name}, what replay adds": REPLAYED[name][len(TABLES[name]) :] for name in TABLES}
    for name, fields in (*TABLES.items(), *more.items(), ("qc", QC_FIELDS)):
        lines += ["", f"## {name}", "", "| column | type | unit | meaning |", "|---|---|---|---|"]
        lines += [f"| `{f.name}` | {f.type} | {f.unit or '-'} | {f.meaning} |" for f in fields]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
