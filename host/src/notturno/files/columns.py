"""The tables of an export: every column, its type, its unit and its meaning, once.

Pure. From here come the heads of the CSV files, the types of Parquet and the data dictionary. Of
the nights the list is `nights.columns`. A time that is not known is empty.
"""

from typing import Any, NamedTuple

from notturno.nights.columns import COLUMNS

TEXT, INT, REAL, BOOL = "text", "integer", "real", "boolean"
# What a row's time stands in: ISO 8601 by the clock of the night's zone, with its offset from UTC.
ISO = "ISO 8601"


class Field(NamedTuple):
    """One column: its name, type, unit ("" without) and meaning."""

    name: str
    type: str
    unit: str
    meaning: str


def _time(name: str, what: str) -> tuple[Field, Field]:
    return (
        Field(f"{name}_local", TEXT, ISO, f"{what}, by the clock of the night's zone"),
        Field(f"{name}_utc_ms", INT, "ms", f"{what}, since 1970-01-01 UTC"),
    )


def _xyz(name: str, unit: str, what: str) -> Any:
    return tuple(Field(f"{name}_{a}", REAL, unit, f"{what}, {a} of the sensor") for a in "xyz")


NIGHT = (
    Field("night", TEXT, "", "the night's name: the date of its evening, or undated-N"),
    Field("device_id", TEXT, "", "the band's own id (hex)"),
)
RECORD = (
    *NIGHT,
    Field("log_id", INT, "", "which log of the band"),
    Field("seq", INT, "", "number of the record in its log; with device and log its identity"),
    Field("session_seq", INT, "", "number of the record that began the recording"),
)
MADE = (Field("made_utc_ms", INT, "ms", "when it was written, since 1970-01-01 UTC"),)
FACTS = (
    Field("number", INT, "", "running number of the segment in its recording, mod 65536"),
    Field("source", TEXT, "", "what found it"),
    Field("bursts", INT, "", "bursts in it"),
    Field("cycles", INT, "", "cycles of its largest burst; beats of a rhythm's longest run"),
    Field("uneven_pct", INT, "%", "mean deviation of a run's intervals, of their mean"),
    Field("centre_dhz", INT, "0.1 Hz", "centre frequency of its largest burst"),
    Field("burst_onset_samples", INT, "samples", "its largest burst's onset, from the onset"),
    Field("burst_samples", INT, "samples", "how long that burst lasts"),
    Field("quick_peak_mg", INT, "mg", "peak above 2 Hz"),
    Field("slow_peak_mg", INT, "mg", "peak above 0.5 Hz"),
    Field("move_onset_samples", INT, "samples", "onset of the slow movement, from the onset"),
    Field("move_samples", INT, "samples", "how long the slow movement lasts; 0: there is none"),
    Field("effective_ms", INT, "ms", "energy over squared peak"),
    Field("morph_ms", INT, "ms", "most time above the low threshold in any 0.5 s"),
    Field("later_pct", INT, "%", "share of the slow movement's energy after its first 0.5 s"),
)
EVENTS = (
    *RECORD,
    Field("kind", TEXT, "", "jerk, lm, posture, rhythm, awake, not_worn, gap"),
    Field("counts", BOOL, "", "whether it counts in the night's figures"),
    Field("left_out", TEXT, "", "why it does not count; empty where it does"),
    *_time("onset", "its onset"),
    Field("onset_s", REAL, "s", "its onset, from the start of the recording"),
    Field("duration_s", REAL, "s", "how long it lasts"),
    Field("onset_sample", INT, "samples", "its onset, counted in the recording"),
    Field("duration_samples", INT, "samples", "how long it lasts"),
    Field("peak_mg", INT, "mg", "its largest acceleration"),
    Field("peak_jerk_mg_per_s", INT, "mg/s", "its largest change of acceleration"),
    Field("energy_mg2_s", INT, "mg2.s", "its energy"),
    Field("floor_mg", REAL, "mg", "the noise floor at the time"),
    Field("confidence_pct", INT, "%", "how sure the detector is"),
    Field("rhythm_hz", REAL, "Hz", "of a rhythm: its frequency"),
    Field("beats", INT, "", "of a rhythm: its beats"),
    Field("flag_names", TEXT, "", "what else holds of it; words with a space between"),
    Field("label", TEXT, "", "what the person said of it: me, not_me, awake"),
    *_xyz("direction", "", "unit vector of the largest acceleration"),
    *_xyz("posture_before", "", "unit vector of gravity before"),
    *_xyz("posture_after", "", "unit vector of gravity after"),
    Field("kind_band", TEXT, "", "what the band itself called it"),
    Field("layout", INT, "", "layout of its record; 1 has no facts, 2 no later_pct"),
    *FACTS,
)
MINUTES = (
    *RECORD,
    *_time("end", "the end of the minute"),
    Field("end_sample", INT, "samples", "samples seen in the recording at its end"),
    Field("activity_mg", REAL, "mg", "mean of the movement envelope"),
    Field("floor_jerk_mg", REAL, "mg", "noise floor of quick movement"),
    Field("floor_move_mg", REAL, "mg", "noise floor of slow movement"),
    *_xyz("gravity_mg", "mg", "mean gravity"),
    Field("tilt_max_deg", INT, "deg", "largest change of direction between means of 5 s"),
    Field("flag_names", TEXT, "", "what holds of it; words with a space between"),
    Field("jerks", INT, "", "jerks in it, as the band counted"),
    Field("lms", INT, "", "limb movements in it, as the band counted"),
    Field("clipped", INT, "", "samples at full scale"),
    Field("temperature_c", REAL, "Cel", "of the chip, where it has a thermometer"),
    Field("battery_mv", INT, "mV", "of the battery"),
)
SESSIONS = (
    *NIGHT,
    Field("log_id", INT, "", "which log of the band"),
    Field("seq", INT, "", "number of the record that began it"),
    Field("zone", TEXT, "IANA", "the zone in which its times are said"),
    Field("clock", TEXT, "", "measured, estimated or unknown"),
    Field("clock_error_ms", REAL, "ms", "by how much its times may be off"),
    *_time("start", "its first sample"),
    *_time("end", "its last sample"),
    Field("recorded_s", REAL, "s", "how long samples were taken; gaps are not in it"),
    Field("samples", INT, "samples", "how many"),
    Field("rate_hz", REAL, "Hz", "samples a second in real time"),
    Field("odr_mhz", INT, "0.001 Hz", "the rate that the chip says"),
    Field("ug_per_lsb", INT, "0.001 mg", "scale of a raw count"),
    Field("range_g", INT, "g", "full scale"),
    Field("firmware", TEXT, "", "what recorded it"),
    Field("detector_version", INT, "", "what found its events"),
    Field("names_version", INT, "", "the table that named them; empty: the band's own names"),
    Field("end_reason", TEXT, "", "why it ended"),
    Field("battery_mv", INT, "mV", "at its start"),
    Field("end_battery_mv", INT, "mV", "at its end"),
    Field("simulated", BOOL, "", "recorded by a virtual band"),
)
SETTINGS = (
    *NIGHT,
    Field("log_id", INT, "", "which log of the band"),
    Field("session_seq", INT, "", "number of the record that began the recording"),
    Field("place", INT, "", "place of the value in the recording's settings, from 0"),
    Field("name", TEXT, "", "name of the setting, where this version knows the layout"),
    Field("value", INT, "", "its value, as the band's detector had it"),
)
SNIPPETS = (
    *NIGHT,
    Field("log_id", INT, "", "which log of the band"),
    Field("session_seq", INT, "", "number of the record that began the recording"),
    Field("number", INT, "", "number of the event that it belongs to, in its recording"),
    Field("event_seq", INT, "", "number of that event's record; empty where it is not stored"),
    Field("sample", INT, "samples", "number of the sample in the recording"),
    Field("from_onset_s", REAL, "s", "when it was taken, from the event's onset"),
    *_xyz("acceleration_mg", "mg", "acceleration; empty where the sample is lost"),
)
SPAN = (*_time("start", "its start"), *_time("end", "its end"))
GAPS = (
    *NIGHT,
    *SPAN,
    Field("duration_s", REAL, "s", "how long there are no samples"),
    Field("reason", TEXT, "", "why"),
)
MARKS = (
    *NIGHT,
    Field("seq", INT, "", "number of the record in its log"),
    Field("sample", INT, "samples", "when the button was pressed, counted in the recording"),
    *_time("at", "when the button was pressed"),
)
HOURS = (
    *NIGHT,
    Field("kind", TEXT, "", "jerk or lm"),
    Field("hour", INT, "h", "of the clock, from 24 on behind midnight; of the night without one"),
    Field("events", INT, "", "events of the kind in it that count"),
    Field("countable_h", REAL, "h", "how much of it was countable"),
    Field("per_countable_h", REAL, "1/h", "the one by the other; empty where that would mislead"),
    Field("whole", BOOL, "", "all of it was countable"),
)
TAGS = (
    Field("name", TEXT, "", "of a span of nights"),
    Field("first_night", TEXT, "ISO date", "its first night"),
    Field("last_night", TEXT, "ISO date", "its last night; empty: it is going on"),
)
DIARY = (
    Field("night", TEXT, "ISO date", "the night it belongs to"),
    Field("what", TEXT, "", "what was taken, drunk, felt or noted"),
    Field("amount", REAL, "", "how much of it"),
    Field("unit", TEXT, "", "the unit of the amount"),
    Field("at", TEXT, "HH:MM", "the local time of day"),
    Field("note", TEXT, "", "in the person's own words"),
    *MADE,
)
LABELS = (
    *NIGHT,
    Field("log_id", INT, "", "which log of the band"),
    Field("seq", INT, "", "number of the event's record"),
    Field("said", TEXT, "", "me, not_me or awake"),
    *MADE,
)
STIMULI = (
    Field("night", TEXT, "", "the night's name"),
    Field("kind", TEXT, "", "what was done to the sleeper"),
    Field("source", TEXT, "", "the file it comes from"),
    *_time("at", "when"),
    Field("onset_s", REAL, "s", "when, from the night's start"),
    *MADE,
)
EDITS = (
    *NIGHT,
    Field("log_id", INT, "", "which log of the band"),
    Field("session_seq", INT, "", "number of the record that began the night's first recording"),
    Field("zone", TEXT, "IANA", "the zone that the person said; empty: nothing said"),
    Field("bed", TEXT, "HH:MM", "when the person lay down"),
    Field("wake", TEXT, "HH:MM", "when the person rose"),
    Field("exclude", TEXT, "", "why the night is to be left out"),
    *MADE,
    Field("removed_utc_ms", INT, "ms", "when it was taken back; empty: it holds"),
)
BANDS = (
    Field("device_id", TEXT, "", "the band's own id (hex)"),
    Field("name", TEXT, "", "the name that the person gave it"),
    Field("limb", TEXT, "", "where it is worn now"),
    Field("side", TEXT, "L, R or empty", "on which side"),
    Field("note", TEXT, "", "in the person's own words"),
    Field("firmware", TEXT, "", "what it last said it runs"),
    Field("simulated", BOOL, "", "a virtual band"),
)
SLEEPS = (
    Field("source", TEXT, "", "the tracker"),
    Field("file", TEXT, "", "the file's name"),
    Field("zone", TEXT, "IANA", "the zone it was said in"),
    *SPAN,
    *MADE,
)
LAB = (
    Field("night", TEXT, "", "the night's name"),
    Field("kind", TEXT, "", "stages or events"),
    Field("source", TEXT, "", "the file's name"),
    Field("format", TEXT, "", "remlogic, edf+, nsrr or csv"),
    Field("start_local", TEXT, "ISO 8601", "the file's own start, local; empty: without a date"),
    Field("onset_s", REAL, "s", "from the file's start"),
    Field("duration_s", REAL, "s", "of an event"),
    Field("text", TEXT, "", "the stage, or what the laboratory called the event"),
    Field("location", TEXT, "", "where it was seen"),
)
_NIGHT_TYPES = {"left_out": TEXT, "rate": REAL, "value": REAL, "hours": REAL, "count": INT}
_OF_NIGHTS = {
    "start_utc_ms": INT,
    "end_utc_ms": INT,
    "clock_error_ms": REAL,
    "age_of_newest_s": INT,
    "sessions": INT,
    "simulated": BOOL,
}
NIGHTS = tuple(
    Field(
        column.key,
        _OF_NIGHTS.get(column.key, _NIGHT_TYPES.get(column.kind, TEXT)),
        column.unit.replace("°C", "Cel"),
        column.meaning,
    )
    for column in COLUMNS
    if column.key != "age_of_newest_s"  # of the moment of asking, and no fact of the night
)
TABLES = {
    "nights": NIGHTS,
    "person_nights": NIGHTS,  # of both sides together
    "events": EVENTS,
    "minutes": MINUTES,
    "sessions": SESSIONS,
    "settings": SETTINGS,
    "snippets": SNIPPETS,
    "gaps": GAPS,
    "hours": HOURS,
    "marks": MARKS,
    "tags": TAGS,
    "diary": DIARY,
    "labels": LABELS,
    "stimuli": STIMULI,
    "edits": EDITS,
    "bands": BANDS,
    "imported_sleeps": SLEEPS,
    "lab": LAB,
}
