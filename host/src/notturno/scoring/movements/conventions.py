"""What the published texts leave open: every choice, its options and our reason.

I am the only place where such a choice has a default. `resolve` makes a checked set of choices
from a person's settings; every result carries the choices that made it under `conventions`.
What the texts fix is not here: those bounds stand in the files of the rule sets. Pure.
"""

from types import SimpleNamespace
from typing import NamedTuple

from notturno.errors import UserError

WASM, AASM, ANY = ("wasm2016",), ("aasm3",), ("wasm2016", "aasm3")


class Convention(NamedTuple):
    """One open choice. `options`: texts; the first is the default. `rules`: where it works."""

    options: tuple
    reason: str
    rules: tuple


CONVENTIONS = {
    "bilateral_part_over_10_s": Convention(
        ("not_clm", "allowed"),
        "A bilateral CLM is made of CLM, and a monolateral LM over 10 s is none (MATPLM and SOMAS "
        "read it so too); `allowed` judges the whole by its 15 s and its 4 parts alone.",
        WASM,
    ),
    "bilateral_chain": Convention(
        ("running_end", "linked", "any_leg"),
        "A movement that already holds both legs ends with the later of them, and the next, of "
        "either leg, is measured from that end (MATPLM too takes the running end); `linked` joins "
        "only where a left and a right movement are themselves under 0.5 s apart (pairs, as "
        "SOMAS). Both keep two movements of one leg apart that no movement of the other joins. "
        "They differ only in lists where one leg's movements lie under 0.5 s apart, which the "
        "definition of an LM's end excludes; there `any_leg` joins them too, as MATPLM does.",
        WASM,
    ),
    "bilateral_link": Convention(
        ("under_0_5_s", "up_to_0_5_s"),
        "The standard says less than 0.5 s from the end of one to the onset of the other; MATPLM "
        "joins at 0.5 s too.",
        WASM,
    ),
    "imi_upper": Convention(
        ("included", "excluded"),
        "10 s and 90 s belong to the range of the standard; SOMAS ends a series at 90 s.",
        WASM,
    ),
    "respiratory_window": Convention(
        ("wasm", "end_within_0_5_s"),
        "Some part of the movement from 2.0 s before to 10.25 s after the end of the event; "
        "MATPLM's own settings are 0.5 s before to 0.5 s after that end.",
        WASM,
    ),
    "arousal_link": Convention(
        ("under_0_5_s", "up_to_0_5_s", "end_within_0_5_s"),
        "Both standards say less than 0.5 s between them; SOMAS takes 0.5 s too, and MATPLM what "
        "lies within 0.5 s of the arousal's end, both included.",
        ANY,
    ),
    "unknown_side": Convention(
        ("own_leg",),
        "Rows without a side are one leg of their own: nothing says that they are the left or "
        "the right, and a list without sides is a recording of one leg.",
        ANY,
    ),
    "morphology": Convention(
        ("reported", "required"),
        "Clause 3.2.1-d (0.5 s of median amplitude) binds computer detection only; a list may "
        "come from a human scorer, so it is counted and shown; `required` drops such rows.",
        ANY,
    ),
    "plm_nonresp": Convention(
        ("rebuilt", "not_counted", "rebuilt_without_any"),
        "The standard asks for the rate calculated again without the movements that go with "
        "breathing: the CLM among them are passed over and the series are built anew; "
        "`not_counted` keeps the series and only leaves those movements out of the count; "
        "`rebuilt_without_any` passes over every such LM, CLM or not, as SOMAS does.",
        ANY,
    ),
    "sleep_instant": Convention(
        ("onset", "any_part", "midpoint"),
        "The onset is the instant from which intervals are measured, and it lies in one epoch.",
        WASM,
    ),
    "aasm_sleep_rule": Convention(
        ("asleep_only", "count_only"),
        "AASM v3 asks that a part of each LM lies in an epoch of sleep: with stages, an LM wholly "
        "outside sleep is passed over and forms no series; `count_only` builds the series from "
        "all LM and asks for sleep only when counting.",
        AASM,
    ),
    "aasm_sleep_instant": Convention(
        ("any_part", "onset", "midpoint"),
        "AASM v3: at least a portion of the LM in an epoch of sleep.",
        AASM,
    ),
    "aasm_short_imi": Convention(
        ("skip_later", "ends_series"),
        "The manual is silent on an interval under 5 s; the older WASM 2006 habit passes over the "
        "later movement and measures on from the earlier; `ends_series` breaks as WASM 2016.",
        AASM,
    ),
    "after_short_imi": Convention(
        ("may_begin", "may_not_begin", "not_near_any_lm"),
        "A short interval ends the series; no text at hand says whether the movement behind it "
        "may be the first of the next. MATPLM lets it, and so do we: its own interval to the "
        "next may well be of the range. SOMAS does not, and counts it as a short-interval "
        "movement alone; there none begins either that is under 10 s behind an LM that is no CLM "
        "(`not_near_any_lm`). Under AASM it matters only where `aasm_short_imi` is "
        "`ends_series`, and the last two are one.",
        ANY,
    ),
    "aasm_bilateral": Convention(
        ("onsets_under_5_s", "wasm_0_5_s", "off"),
        "The manual's own note: LM of two legs with onsets less than 5 s apart are one, and the "
        "interval runs from the first onset. Of more than two the note is silent: here all within "
        "5 s of the first onset are one where both legs are among them, and without the other "
        "leg nothing joins.",
        AASM,
    ),
    "aasm_duration": Convention(
        ("before", "after"),
        "The 10 s limit belongs to the LM of one leg, so longer ones are passed over before legs "
        "are joined; `after` judges the joined movement.",
        AASM,
    ),
    "aasm_respiratory": Convention(
        ("excluded", "reported"),
        "An LM from 0.5 s before to 0.5 s after a respiratory event is not scored: with a list of "
        "them it enters no series (bounds included, any part counts, judged after joining "
        "legs); `reported` leaves `plm` alone and shows the effect in `plm_nonresp` only.",
        AASM,
    ),
    "gap_in_series": Convention(
        ("ends_series",),
        "WASM 2016, 3.3.3: no interval is measured for the first LM after a restart, so the "
        "series ends; the same is done for AASM, which is silent. A gap changes nothing else.",
        ANY,
    ),
    "gaps_in_hours": Convention(
        ("subtracted", "kept"),
        "Time in which nothing was recorded could show no movement, so no rate divides by it.",
        ANY,
    ),
    "last_stage": Convention(
        ("auto",),
        "A list of stages has no end. Rows all the same step apart, of 60 s or less, are epochs, "
        "and the last is one step long; else the rows are changes of stage, and the last "
        "lasts 30 s or to the end of the last movement, whichever is later. A row with the stage "
        "END says the end outright.",
        ANY,
    ),
    "index_span": Convention(
        ("sleep_if_staged", "whole"),
        "Periodicity, log-IMI and histograms describe sleep when sleep is known (both movements "
        "of an interval asleep), else the whole list.",
        ANY,
    ),
    "periodicity_form": Convention(
        ("intervals", "movements"),
        "`intervals`, Ferri 2006: the intervals in runs of 3 or more that qualify, over all "
        "intervals measured; `movements`: PLM over CLM, as SOMAS. Both are always reported, "
        "this one under `periodicity_index`.",
        ANY,
    ),
    "periodicity_lower_bound": Convention(
        ("exclusive", "inclusive"),
        "Ferri 2006 prints 10 < i <= 90 s; WASM 2016 itself includes 10 s.",
        ANY,
    ),
    "log_imi_base": Convention(
        ("ln", "log10"),
        "Skeba 2016 and SOMAS use natural logarithms of seconds.",
        ANY,
    ),
    "log_imi_set": Convention(
        ("clm_intervals", "plm_intervals", "lm_before"),
        "All measured intervals between consecutive CLM from 10 to 90 s, both included as in "
        "WASM 2016; `plm_intervals` takes those inside PLM series only. `lm_before` is what SOMAS "
        "takes: for each CLM the interval from the LM before, whatever that is, from 10 s "
        "(included) to 90 s (excluded), in sleep where the CLM itself is. Ours measures no "
        "interval across a gap with any of them.",
        ANY,
    ),
    "log_imi_sd_form": Convention(
        ("sample", "population"),
        "Divided by n - 1, as the statistics programs of the published figures do.",
        ANY,
    ),
}
# Settings that are numbers: name -> (default, reason).
NUMBERS = {
    "periodicity_min_lm_per_h": (
        10.0,
        "The periodicity index is unstable below about 10 LM an hour (Drakatos 2021).",
    ),
    "rate_min_min": (
        5.0,
        "Ours: from under 5 minutes of sleep, wake or recording no rate per hour is given.",
    ),
    "max_gap_share": (
        0.2,
        "Ours: where more than this part of the hours was not recorded, no rate is given.",
    ),
}


class Choices(SimpleNamespace):
    """The resolved choices as attributes, by the names of CONVENTIONS and NUMBERS."""


def resolve(settings: dict[str, str] | None = None) -> Choices:
    """Return Choices from a dict name -> text; raises UserError for an unknown name or value."""
    values = {name: convention.options[0] for name, convention in CONVENTIONS.items()}
    values.update({name: default for name, (default, _) in NUMBERS.items()})
    for name, value in (settings or {}).items():
        if name in CONVENTIONS:
            if value not in CONVENTIONS[name].options:
                options = ", ".join(CONVENTIONS[name].options)
                raise UserError(
                    "{name} cannot be {value!r}; choose one of: {options}.",
                    name=name,
                    value=value,
                    options=options,
                )
            values[name] = value
        elif name in NUMBERS:
            try:
                values[name] = float(value)
            except ValueError:
                raise UserError(
                    "{name} must be a number, not {value!r}.", name=name, value=value
                ) from None
            if not 0 <= values[name] < float("inf"):
                raise UserError(
                    "{name} must be 0 or a larger number, not {value!r}.", name=name, value=value
                )
        else:
            names = ", ".join(sorted([*CONVENTIONS, *NUMBERS]))
            raise UserError(
                "There is no setting {name!r}; the settings are: {names}.", name=name, names=names
            )
    return Choices(**values)


def describe(choices: Choices, rules: str) -> dict[str, dict]:
    """Return {name: {value, options, reason}} of the choices that bear on one rule set.

    rules: whose open choices it takes (`base.Base.choices_of`).
    """
    told = {}
    for name, convention in CONVENTIONS.items():
        if rules in convention.rules:
            told[name] = {
                "value": getattr(choices, name),
                "options": list(convention.options),
                "reason": convention.reason,
            }
    for name, (default, reason) in NUMBERS.items():
        told[name] = {"value": getattr(choices, name), "default": default, "reason": reason}
    return told
