"""A laboratory's hypnogram on the time axis of a night of our own.

A file counts from its own start, by the clock on the laboratory's wall; a night counts from the
start of the band's recording. I bring the first to the second, or refuse where they cannot be of
one night. Takes plain values, touches nothing but the zone data. Units: microseconds inside.
"""

from datetime import UTC, datetime
from typing import NamedTuple

from notturno.errors import Phrase, UserError
from notturno.nights.calendar import local_text, zone_info
from notturno.nights.spans import to_us
from notturno.scoring.staging import Hypnogram
from notturno.times import DAY_S

MIN_SHARED = 0.5  # ours: of the shorter of hypnogram and night; less is no night in common


class Placed(NamedTuple):
    """rows: (onset_us, stage) on the night's axis; offset_s: of the file's start from the
    night's, positive where the file began later; how: one sentence, where that comes from."""

    rows: list
    offset_s: float
    how: str


def place_stages(
    stages: list[tuple[int, str]],
    file_start_local: datetime | None,
    night_start_utc_ms: int | None,
    night_length_us: int,
    zone: str,
    offset_s: float | str = 0,
    no_start: str | None = None,
) -> Placed:
    """Return the stages moved to the night's axis, as Placed.

    stages: rows (onset_us, stage) from the file's start; file_start_local: naive datetime of
    that start in `zone` (IANA), or None, then `no_start` says why; night_start_utc_ms: of instant
    0 of the night, None where its clock is unknown; night_length_us: how long the night lasts;
    offset_s: what the person adds, in seconds (number or decimal text).

    Without a date in the file, or a clock of the night, the file is taken to begin with the
    recording. Where the file's local time comes twice, in the hour that autumn repeats, the one
    that shares more with the night is taken. Raises UserError where hypnogram and night share
    less than half of the shorter of the two, and where the offset is no number.
    """
    try:
        asked_us = to_us(offset_s)
    except ValueError as error:
        raise UserError(
            "--stages-offset is {offset_s!r}, {why_said}; give seconds.",
            offset_s=offset_s,
            why_said=error,
        ) from None
    hypnogram = Hypnogram(stages)
    span = (hypnogram.starts_us[0], hypnogram.end_us)
    if file_start_local is None or night_start_utc_ms is None:
        why = Phrase("the clock of the night is unknown")
        if file_start_local is None:
            why = no_start or Phrase("the file has no date")
        offset_us = 0
        how = Phrase("taken to begin with the recording ({why_said})", why_said=why)
    else:
        offset_us = max(
            _starts_us(file_start_local, zone, night_start_utc_ms),
            key=lambda at_us: _shared_us(span, at_us + asked_us, night_length_us),
        )
        how = Phrase(
            "by the file's own start, {start} ({zone})",
            start=f"{file_start_local:%Y-%m-%d %H:%M:%S}",
            zone=zone,
        )
    if asked_us:
        how = Phrase(
            "{how_said}, moved by {moved_s:+g} s as asked", how_said=how, moved_s=asked_us / 1e6
        )
    offset_us += asked_us
    shared_us = _shared_us(span, offset_us, night_length_us)
    shorter_us = min(span[1] - span[0], night_length_us)
    if shared_us < MIN_SHARED * shorter_us or shared_us == 0:
        raise UserError(
            "This hypnogram cannot be of this night: {how_said}, it shares "
            "{shared_min:.0f} min with it{when_said}; give another file or night, or "
            "move it with --stages-offset.",
            how_said=how,
            shared_min=shared_us / 6e7,
            when_said=_when(span, offset_us, night_start_utc_ms, night_length_us, zone),
        )
    return Placed([(at + offset_us, stage) for at, stage in stages], offset_us / 1e6, how)


def _starts_us(start_local: datetime, zone: str, night_start_utc_ms: int) -> list[int]:
    """Return where on the night's axis a local time lies: one instant, in autumn's hour two."""
    info = zone_info(zone)
    found = []
    for fold in (0, 1):
        utc = start_local.replace(tzinfo=info, fold=fold).astimezone(UTC)
        since = utc - datetime.fromtimestamp(0, UTC)
        at_us = (since.days * DAY_S + since.seconds) * 1_000_000 + since.microseconds
        found.append(at_us - night_start_utc_ms * 1000)
    return sorted(set(found))


def _shared_us(span: tuple[int, int], offset_us: int, night_length_us: int) -> int:
    return max(0, min(span[1] + offset_us, night_length_us) - max(span[0] + offset_us, 0))


def _when(
    span: tuple[int, int],
    offset_us: int,
    night_start_utc_ms: int | None,
    night_length_us: int,
    zone: str,
) -> Phrase | str:
    """Return both spans in words, where they have dates."""
    if night_start_utc_ms is None:
        return ""

    def said(start_us: int, end_us: int) -> str:
        return " to ".join(
            local_text(night_start_utc_ms + at_us / 1000, zone) for at_us in (start_us, end_us)
        )

    theirs = said(span[0] + offset_us, span[1] + offset_us)
    return Phrase(
        " (it runs {theirs}, the night {ours})", theirs=theirs, ours=said(0, night_length_us)
    )
