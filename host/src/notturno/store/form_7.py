"""Form 7 of the database: what people say of single events.

`labels`: written by people, never derived. An event is known by its log and the number of its
record, so that a label stays with it when it is named again.
"""

MIGRATION = (
    "what people say of single events",
    (
        """create table if not exists labels (
            log_key integer not null, seq integer not null,
            said text not null check (said in ('me', 'not_me', 'awake')),
            made_utc_ms integer not null,
            primary key (log_key, seq)
        ) strict, without rowid""",
    ),
)
