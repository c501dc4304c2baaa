"""What a morning's conversation tells a person: sentences, each with its values. Pure."""

from notturno_core import wire

from notturno.errors import Phrase
from notturno.sync.logbook import Differs
from notturno.times import DAY_MS, HOUR_MS


def memory_full(lost_records: int) -> Phrase:
    """Return that a band had no room for some records."""
    return Phrase(
        "The band's memory was full: {n} records were not kept; sync more often.", n=lost_records
    )


def newer_firmware(log_version: int) -> Phrase:
    """Return that a band writes records of a later form than is known here."""
    return Phrase(
        "The band's firmware is newer than this notturno (records of version {theirs}, known to "
        "{ours}): all of them are stored whole, and what is new in them is read once notturno is "
        "updated.",
        theirs=log_version,
        ours=wire.LOG_VERSION,
    )


def strangers(connections: int) -> Phrase:
    """Return that somebody without a key came often."""
    return Phrase(
        "{n} connections to the band since its start proved no key: somebody else's phone or "
        "computer tries to reach it. It told them nothing.",
        n=connections,
    )


def clock_differs(judged: Differs, host_id: int | None) -> Phrase:
    """Return that our clock contradicts an earlier setting; judged: of the store's judge_clock."""
    host = judged.against.host_id
    whose = {
        None: Phrase("another setting"),
        0: Phrase("the band's own clock chip"),
        host_id: Phrase("this computer"),
    }.get(host) or Phrase("another computer ({host:08x})", host=host)
    span = span_text(abs(judged.difference_ms))
    if judged.difference_ms > 0:
        return Phrase(
            "This computer's clock is {span_said} ahead of what the band makes of its last "
            "setting "
            "by {whose_said}: one of the two is wrong. Check this computer's date, time and zone; "
            "until more settings agree, times are stated as less sure.",
            span_said=span,
            whose_said=whose,
        )
    return Phrase(
        "This computer's clock is {span_said} behind what the band makes of its last setting by "
        "{whose_said}: one of the two is wrong. Check this computer's date, time and zone; until "
        "more settings agree, times are stated as less sure.",
        span_said=span,
        whose_said=whose,
    )


def span_text(ms: int) -> Phrase:
    """Return a span of time in words, as exact as people ask."""
    if ms >= DAY_MS:
        return Phrase("{days:.1f} days", days=ms / DAY_MS)
    if ms >= HOUR_MS:
        return Phrase("{hours:.1f} h", hours=ms / HOUR_MS)
    if ms >= 60_000:
        return Phrase("{minutes:.1f} min", minutes=ms / 60_000)
    return Phrase("{seconds:.0f} s", seconds=ms / 1000)


def gone(first: int, last: int) -> Phrase:
    """Return that records were confirmed by another computer and are not here."""
    return Phrase(
        "Records {first} to {last} are no longer on the band; another computer had confirmed "
        "them.",
        first=first,
        last=last,
    )


def left_there(number: int) -> Phrase:
    """Return that a record is damaged on the band."""
    return Phrase(
        "Record {number} came damaged from the band itself and was left there.", number=number
    )


def damaged(first: int, last: int) -> Phrase:
    """Return that records are damaged on the band."""
    if first == last:
        return Phrase(
            "Record {first} is damaged on the band and could not be read; the rest is safe.",
            first=first,
        )
    return Phrase(
        "Records {first} to {last} are damaged on the band and could not be read; the rest is "
        "safe.",
        first=first,
        last=last,
    )


def kept_aside(count: int, numbers: str) -> Phrase:
    """Return that records came that contradict the stored ones; numbers: some of theirs."""
    return Phrase(
        "{n} records ({numbers} ...) differ from what is stored under their numbers; the stored "
        "ones stay, the others are kept aside.",
        n=count,
        numbers=numbers,
    )


def unread(seq: int, why: str) -> Phrase:
    """Return that a record is kept, but means nothing to this notturno."""
    return Phrase("Record {seq} is stored, but cannot be read: {why_said}.", seq=seq, why_said=why)
