"""When something was done to the sleeper: sounds, lights, touches. Touches one connection.

A stimulus lies at utc_ms, or at onset_us from the night's start where the clock is not known.
"""


def replace(db, night: str, kind: str, source: str, stimuli: list[dict], utc_ms: int) -> None:
    """Keep the stimuli (utc_ms, onset_us; one of them None) of a file, instead of those that the
    same file gave this night before."""
    db.execute(
        "delete from stimuli where night = ? and kind = ? and source = ?", (night, kind, source)
    )
    db.executemany(
        "insert into stimuli (night, kind, source, utc_ms, onset_us, made_utc_ms)"
        " values (?, ?, ?, ?, ?, ?)",
        [(night, kind, source, each["utc_ms"], each["onset_us"], utc_ms) for each in stimuli],
    )


def stimuli(db, night: str | None = None) -> list[dict]:
    """Return night, kind, source, utc_ms and onset_us of a night (all for None), in order."""
    return [
        dict(row)
        for row in db.execute(
            "select night, kind, source, utc_ms, onset_us from stimuli"
            " where ?1 is null or night = ?1 order by night, utc_ms, onset_us, stimulus_id",
            (night,),
        )
    ]
