"""Form 4 of the database: the facts of each event, and its name given again by today's rules.

All of it is derived from the records. Events that a band wrote in the first layout have no facts;
those in a newer one that an older notturno stored get theirs when they are named.
"""

FACTS = (
    *("number", "source", "bursts", "cycles", "uneven_pct", "centre_dhz", "burst_onset_samples"),
    *("burst_samples", "quick_peak_mg", "slow_peak_mg", "move_onset_samples", "move_samples"),
    *("effective_ms", "morph_ms"),
)

MIGRATION = (
    "the facts of an event, and its name given again",
    (
        "alter table events add column layout integer not null default 1",
        *(f"alter table events add column {fact} integer" for fact in FACTS),
        # What the band itself called it; `kind` and `flags` are what the rules of today say.
        "alter table events add column kind_band integer not null default 0",
        "alter table events add column flags_band integer not null default 0",
        "update events set kind_band = kind, flags_band = flags",
        # The version of the table of names; null where the band's own names stand.
        "alter table sessions add column names_version integer",
        "update sessions set name_rule = null",  # all of them are to be gone through again
    ),
)
