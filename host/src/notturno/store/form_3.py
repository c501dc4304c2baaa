"""Form 3 of the database: sleeps instead of days, and one line a night with every figure.

All of it is derived: `rebuild` makes it again from the records and from what people say.
"""

MIGRATION = (
    "one night, one truth",
    (
        # Which sleep a recording belongs to: `night` names it, a nap's `of_night` the night.
        "alter table sessions add column of_night text",
        "alter table sessions add column name_rule text",
        "alter table sessions add column quiet_min integer not null default 0",
        "create index sessions_by_time on sessions (log_key, start_utc_ms)",
        "create index sessions_unnamed on sessions (log_key, seq) where name_rule is null",
        # Why an event does not count; null where it does.
        "alter table events add column left_out text",
        "alter table events drop column single",
        # Where a gap lies by the band's own tick: what a night without a date goes by.
        "alter table gaps add column start_tick_ms integer",
        "alter table gaps add column end_tick_ms integer",
        "drop table nightly",
        """create table nights (
            night text not null, device_id text not null, of_night text not null,
            date text, start_utc_ms integer, end_utc_ms integer,
            figures text not null, made_by text not null,
            primary key (night, device_id)
        ) strict, without rowid""",
        "create index nights_by_maker on nights (made_by)",
        "create index nights_by_time on nights (device_id, start_utc_ms)",
        "create index naps_by_night on nights (of_night) where night <> of_night",
        """create table person_nights (
            night text primary key, figures text not null, made_by text not null
        ) strict, without rowid""",
        "create index person_nights_by_maker on person_nights (made_by)",
        "insert into sqlite_stat1 values ('sessions', 'sessions_by_time', '4000 4000 1')",
        "insert into sqlite_stat1 values ('nights', 'nights', '4000 2 1')",
        "insert into sqlite_stat1 values ('nights', 'nights_by_time', '4000 4000 1')",
        "analyze sqlite_schema",
    ),
)
