"""Form 10 of the database: how much of a movement's energy came after its first half second.

Events of a layout before the third do not say it; those that an older notturno stored get it from
their records when they are named.
"""

FACTS = ("later_pct",)

MIGRATION = (
    "how much of a movement came late",
    tuple(f"alter table events add column {fact} integer" for fact in FACTS),
)
