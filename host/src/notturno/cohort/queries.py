"""What a share of the people is asked, in SQL, once: for DuckDB here and in every process.

A share is people with all their nights, so that shares need only be put together. Sums are of
whole numbers alone: their order may not matter. Touches the Parquet of a share, reading.
"""

from typing import NamedTuple

from notturno.cohort.people import BAND, LAB
from notturno.nights.columns import COLUMNS
from notturno.scoring.manynights.profile import PERCENTILES

NUMBERS = ("hours", "count", "rate", "value")
OF_NIGHT = {  # column of a night -> how it is had where a laboratory's table lacks it
    "night": "night",
    "date": "coalesce(try_cast(left(start_local, 10) as date), try_cast(night as date))::varchar",
    "device_id": "''",
    "band": "''",
    "person_side": "side",
    "limb": "''",
    "zone": "null::varchar",
    "start_utc_ms": "null::bigint",
    "end_utc_ms": "null::bigint",
    "state": "null::varchar",
    "excluded": "null::varchar",
    "sleep_rule": "null::varchar",
    "firmware": "null::varchar",
    "detector_version": "null::varchar",
    "names_version": "null::varchar",
    "settings_sha256": "null::varchar",
    "rules_version": "null::varchar",
    "simulated": "false",
}
AS_IT_IS = {  # where the table has it
    "date": "try_cast(date as date)::varchar",
    "device_id": "coalesce(device_id, '')",
    "start_utc_ms": "start_utc_ms",
    "end_utc_ms": "end_utc_ms",
    "simulated": "coalesce(simulated, false)",
}
MAY_BE_NEGATIVE = tuple(column.key for column in COLUMNS if column.kind == "value")
NUMBERED = tuple(column.key for column in COLUMNS if column.kind in NUMBERS)
WHY = "why:"  # before a column's name: the code of the reason why it is empty
ANY = "any"  # of WHY: the reason that holds for the whole night
FILES = "read_parquet($files, filename = true, union_by_name = true)"
ONE_FILE = "read_parquet($files)"  # the file's name as a column costs a quarter of the time


class Share(NamedTuple):
    """People of one kind. names: {path of a table: its person}; of a laboratory one table alone,
    and what stands before its people. between: of a laboratory's, its first and last person."""

    kind: str
    table: str
    names: dict
    between: tuple | None = None


def _person(share: Share) -> str:
    return "names.name" if share.kind == BAND else "$before || person"


def _from(share: Share) -> str:
    if share.kind == BAND:
        return f"{FILES} join names using (filename)"
    within = "" if share.between is None else " where person between $first and $last"
    return ONE_FILE + within


def people(share: Share) -> str:
    """The people of a laboratory's table, in order: `person`."""
    return f"select distinct person from {ONE_FILE} order by all"


def nights(share: Share, there: set[str], whys: tuple[str, ...]) -> str:
    """Every night (no nap): `OF_NIGHT`, all numbers, and WHY of the columns named.

    there: the columns that the files have.
    """
    said = [_of_night(share, name, there) for name in OF_NIGHT]
    said += [_number(name) if name in there else f"null::double as {name}" for name in NUMBERED]
    refused = "null::varchar"
    if "refusal" in there:  # one that cannot be read is one all the same
        code = "coalesce(try_cast(refusal as json) ->> '$.code', 'refused')"
        refused = f"case when refusal is not null then {code} end"
    said.append(f'{refused} as "{WHY}{ANY}"')
    for name in whys:
        found = "null::varchar"
        if "refusals" in there:  # ours name code and sentence, a laboratory's the code alone
            of = f"try_cast(refusals as json) -> '$.\"{name}\"'"
            found = f"coalesce(({of}) ->> '$.code', ({of}) ->> '$')"
        said.append(f'{found} as "{WHY}{name}"')
    no_nap = " where night not like '%-nap%'" if share.kind == BAND else ""
    return (
        f"select {_person(share)} as person, {', '.join(said)} from {_from(share)}{no_nap}"
        " order by person, night, device_id, start_utc_ms"
    )


def _number(name: str) -> str:
    """A number, or null where it can be none: a damaged table must not decide a mean."""
    least = "" if name in MAY_BE_NEGATIVE else f" and {name} >= 0"
    return f"case when isfinite({name}::double){least} then {name}::double end as {name}"


def _of_night(share: Share, name: str, there: set[str]) -> str:
    if name in there:
        return f"{AS_IT_IS.get(name, f'{name}::varchar')} as {name}"
    if share.kind == BAND:
        return f"null as {name}" if name == "date" else f"{OF_NIGHT[name]} as {name}"
    needed = {"date": "start_local", "person_side": "side"}.get(name)
    if name == "date" and needed not in there:
        return "try_cast(night as date)::varchar as date"
    if needed is not None and needed not in there:
        return f"'' as {name}"
    return f"{OF_NIGHT[name]} as {name}"


def counts(share: Share) -> str:
    """What was counted in each night, from the events themselves.

    Columns: `jerks`, `lms`; of a laboratory's, `events`.
    """
    if share.kind == LAB:
        return (
            f"select {_person(share)} as person, night, count(*) as events from {_from(share)}"
            " group by all order by all"
        )
    return (
        "select names.name as person, night, device_id, jerks, lms from (select filename, night,"
        " device_id, count(*) filter (where kind = 'jerk') as jerks,"
        f" count(*) filter (where kind = 'lm') as lms from {FILES}"
        " where counts group by all) join names using (filename) order by all"
    )


def hours(share: Share) -> str:
    """Each person's hours of the clock over the nights in `kept`.

    Columns: `nights`, `events`, and the percentiles of the rates of the nights (as
    `scoring.manynights.profile` has them).
    """
    shares = ", ".join(f"quantile_cont(per_countable_h, {p / 100}) as p{p}" for p in PERCENTILES)
    return (
        "select names.name as person, kind, hour, count(*) as nights,"
        f" sum(events)::bigint as events, {shares} from {FILES} join names using (filename)"
        " join kept on kept.person = names.name and kept.night = hours.night"
        " and kept.device_id = hours.device_id"
        " where per_countable_h is not null group by all order by all"
    ).replace(FILES, f"{FILES} as hours")


def tags(share: Share) -> str:
    """The spans of nights that people named: `person`, `name`, `first_night`, `last_night`."""
    return (
        "select names.name as person, tags.name as name, first_night, last_night"
        f" from {FILES} as tags join names using (filename) order by all"
    )
