"""Form 8 of the database: strap checks, and the zone that a person chose to be told times in.

Written by people (a check is what they did and what came of it), never derived. All times UTC in
ms.
"""

MIGRATION = (
    "strap checks, and the zone to tell times in",
    (
        """create table if not exists strap_checks (
            check_id integer primary key autoincrement, device_id text not null,
            begun_utc_ms integer not null, ended_utc_ms integer not null,
            limb text not null, side text not null,
            cues integer not null, found integer not null, found_low real not null,
            found_high real not null, false_rows integer not null, still_s real not null,
            latency_median_s real, latency_p95_s real, peak_low_mg integer, peak_high_mg integer,
            firmware text not null, version text not null, figures text not null,
            made_utc_ms integer not null
        ) strict""",
        "create index if not exists strap_checks_by_band"
        " on strap_checks (device_id, begun_utc_ms)",
        """create table if not exists home (
            key text primary key, value text not null, made_utc_ms integer not null
        ) strict, without rowid""",
    ),
)
