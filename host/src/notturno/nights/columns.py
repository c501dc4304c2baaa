"""The columns of a night: every key that `nights --json` prints, its unit and its meaning.

The one list from which come the nightly table, `--measure`, and the data dictionary. Pure; imports
nothing, so that commands start fast. A figure that cannot be given is null in its column, and its
reason stands under `refusals` by the same key.
"""

from typing import NamedTuple

SCHEMA = "nights-1"


class RuleSet(NamedTuple):
    """A rule set for limb movements.

    key: of its columns, and its file in `scoring/movements`; title: for people; version: raised
    when the meaning of a figure changes; series_min: how many movements make a series.
    """

    key: str
    title: str
    version: str
    series_min: int = 4


RULES = (  # the first names the plain indices
    RuleSet("wasm2016", "WASM 2016", "wasm2016-2"),  # four or more: 3.3.5
    RuleSet("aasm3", "AASM v3", "aasm3-2"),  # four or more: VII.1
)
IN_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class Column(NamedTuple):
    """One key of a night's row.

    kind: "who", "state", "hours", "count", "left_out", "rate", "value" or "made"; events, hours:
    for a rate, the columns it is the quotient of; words: how a table or an axis names it.
    """

    key: str
    kind: str
    unit: str
    words: str
    meaning: str
    events: str = ""
    hours: str = ""


def _rate(key: str, events: str, hours: str, words: str, meaning: str) -> Column:
    per = {"countable_h": "hour", "asleep_h": "hour of sleep", "awake_in_bed_h": "hour awake"}
    return Column(key, "rate", "1/h", f"{words} per {per[hours]}", meaning, events, hours)


def _by_rules(rule_set: RuleSet) -> tuple[Column, ...]:
    """Columns of one rule set; the movements are the counted ones (lms), sleep is `sleep_rule`."""
    r, title = rule_set.key, rule_set.title
    many = IN_WORDS[rule_set.series_min]
    return (
        Column(f"clm_{r}", "count", "", f"CLM, {title}", "candidates for a series"),
        Column(f"plm_{r}", "count", "", f"PLM, {title}", f"in series of {many} or more"),
        Column(f"plms_{r}", "count", "", f"PLMS, {title}", "PLM in sleep"),
        Column(f"plmw_{r}", "count", "", f"PLMW, {title}", "PLM in wake"),
        Column(f"short_imi_{r}", "count", "", f"short IMI, {title}", "CLM after a short interval"),
        Column(
            f"isolated_{r}", "count", "", f"isolated, {title}", "CLM neither PLM nor short IMI"
        ),
        _rate(f"plm_per_h_{r}", f"plm_{r}", "countable_h", f"PLM ({title})", "PLM / countable_h"),
        _rate(f"plms_per_h_{r}", f"plms_{r}", "asleep_h", f"PLMS ({title})", "PLMS / asleep_h"),
        _rate(
            f"plmw_per_h_{r}",
            f"plmw_{r}",
            "awake_in_bed_h",
            f"PLMW ({title})",
            "PLMW / those hours",
        ),
    )


def _indices(title: str, suffix: str) -> tuple[Column, Column, Column]:
    return (
        Column(
            f"periodicity_index{suffix}",
            "value",
            "0 to 1",
            f"periodicity index, {title}",
            "intervals in rows of three or more of 10 to 90 s, over all intervals (Ferri 2006)",
        ),
        Column(
            f"log_imi_mean{suffix}",
            "value",
            "ln(s)",
            f"log-IMI mean, {title}",
            "mean of ln of the intervals of 10 to 90 s",
        ),
        Column(
            f"log_imi_sd{suffix}",
            "value",
            "ln(s)",
            f"log-IMI SD, {title}",
            "their standard deviation (n - 1)",
        ),
    )


def index_suffix(rules: str) -> str:
    """Return what stands behind the keys of the indices of a rule set."""
    return "" if rules == RULES[0].key else f"_{rules}"


def _of_rules(rule_set: RuleSet) -> tuple[Column, ...]:
    return _by_rules(rule_set) + _indices(rule_set.title, index_suffix(rule_set.key))


COLUMNS = (
    Column("night", "who", "", "night", "its name: an ISO date, or undated-N (see `name_rule`)"),
    Column("date", "who", "ISO date", "date", "the date of its evening; null where unknown"),
    Column("band", "who", "", "band", "the band's given name, else its device id"),
    Column("device_id", "who", "", "device", "the band's own id (hex)"),
    Column("person_side", "who", "L, R or empty", "side", "the side on which it is worn"),
    Column("limb", "who", "", "limb", "the limb it is worn on, as the person said"),
    Column("zone", "who", "IANA", "zone", "the zone in which its clock times are said"),
    Column("clock", "who", "", "clock", "measured, estimated or unknown"),
    Column("clock_error_ms", "who", "ms", "clock error", "by how much its times may be off"),
    Column("start_utc_ms", "who", "ms", "start", "first sample, UTC; null without a clock"),
    Column("end_utc_ms", "who", "ms", "end", "last sample, UTC; null without a clock"),
    Column("sessions", "who", "", "recordings", "how many recordings it is made of"),
    Column("naps", "who", "", "naps", "the naps named after this date: start, hours, jerks"),
    Column("state", "state", "", "state", "complete, running or partial"),
    Column("state_reason", "state", "", "why", "one sentence on the state"),
    Column("refusal", "state", "", "refusal", "null, or why it may not be read as a rate"),
    Column("refusals", "state", "", "refusals", "by column, why a figure is null"),
    Column("warnings", "state", "", "warnings", "what contradicts physics or the rest"),
    Column("excluded", "state", "", "excluded", "the person's reason for leaving it out, or null"),
    Column("age_of_newest_s", "state", "s", "age", "from its newest record to now"),
    Column("recorded_h", "hours", "h", "recorded", "samples taken: gaps are not in it"),
    Column("countable_h", "hours", "h", "countable", "recorded less not worn, awake and left bed"),
    Column("worn_h", "hours", "h", "worn", "recorded less not worn"),
    Column("asleep_h", "hours", "h", "asleep", "countable and asleep by `sleep_rule`"),
    Column("awake_in_bed_h", "hours", "h", "awake, still", "countable and not asleep"),
    Column("awake_h", "hours", "h", "awake", "recorded, in spans that the band calls awake"),
    Column("not_worn_h", "hours", "h", "not worn", "recorded and not worn"),
    Column("gap_h", "hours", "h", "gaps", "no samples, inside and between recordings"),
    Column("gaps", "count", "", "gaps", "how many gaps"),
    Column("sleep_rule", "made", "", "sleep by", "which rule says when the person slept"),
    Column("jerks", "count", "", "single jerks", "jerks that count"),
    Column("jerks_all", "count", "", "jerks", "every jerk of the log"),
    Column(
        "jerks_left_out", "left_out", "", "jerks left out", "jerks that do not count, by reason"
    ),
    Column("lms", "count", "", "limb movements", "LM that count"),
    Column("lms_all", "count", "", "LM", "every LM of the log"),
    Column("lms_left_out", "left_out", "", "LM left out", "LM that do not count, by reason"),
    Column("largest_mg", "value", "mg", "largest", "peak of the strongest counted jerk"),
    Column("rhythms", "count", "", "rhythms", "rhythmic runs that count"),
    Column("rhythms_left_out", "left_out", "", "rhythms left out", "those that do not, by reason"),
    Column("rhythms_leg", "count", "", "rhythms 0.3-4 Hz", "those of 0.3 to 4 Hz"),
    Column("rhythms_clonic", "count", "", "rhythms 3-8 Hz", "those of 3 to 8 Hz"),
    Column("postures", "count", "", "turns", "changes of posture"),
    Column(
        "sleep_starts", "count", "", "possible sleep starts", "jerks around the first sleep onset"
    ),
    Column(
        "sleep_starts_by_chance", "value", "", "by chance", "how many of them chance would give"
    ),
    _rate("jerks_per_h", "jerks", "countable_h", "single jerks", "jerks / countable_h"),
    _rate("lms_per_h", "lms", "countable_h", "limb movements", "lms / countable_h"),
    *(column for rule_set in RULES for column in _of_rules(rule_set)),
    Column("battery_mv", "value", "mV", "battery", "at the end"),
    Column("battery_pct", "value", "%", "battery", "estimated from the voltage"),
    Column("temperature_c", "value", "°C", "temperature", "mean of the chip's"),
    Column("firmware", "made", "", "firmware", "what recorded the last part"),
    Column("detector_version", "made", "", "detector", "what found the events"),
    Column("names_version", "made", "", "names", "the table that named them, or `band`: its own"),
    Column("settings_sha256", "made", "", "settings", "hash of the detector's settings"),
    Column("rules_version", "made", "", "rules", "the rules that made these figures"),
    Column(
        "strap_check",
        "made",
        "",
        "strap check",
        "the band's last check with timed movements before its end, or null: found of cues, ...",
    ),
    Column("name_rule", "made", "", "named by", "by which rule it got its name"),
    Column("simulated", "made", "", "simulated", "recorded by a virtual band"),
)
BY_KEY = {column.key: column for column in COLUMNS}

# `--measure` takes any number of a night; a bare count is read by the hour, as its rate.
AS_RATE = {column.events: column.key for column in COLUMNS if column.kind == "rate"}
MEASURES = tuple(
    column.key for column in COLUMNS if column.kind in ("rate", "value", "hours", "count")
)
DEFAULT_MEASURES = ("jerks_per_h", "lms_per_h", "plms_per_h_wasm2016", "plms_per_h_aasm3")
