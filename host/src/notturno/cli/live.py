"""The command `live`: what the band finds, while it finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from notturno.cli.options import HELP_NAMES, Number, data_dir_option, json_option
from notturno.cli.which_band import radio_options
from notturno.cli.words import clock_text, print_json
from notturno.words import _, counted, duration_text

if TYPE_CHECKING:
    from notturno.live import Recording, Row

SCHEMA = "live-1"


@click.command(context_settings=HELP_NAMES)
@radio_options
@click.option(
    "--for",
    "seconds",
    type=Number(0, min_open=True),
    metavar="S",
    help="Stop by itself after so many seconds (otherwise Ctrl-C ends it).",
)
@json_option
@data_dir_option
def command(
    virtual: str | None,
    band: str,
    timeout_s: float,
    seconds: float,
    as_json: bool,
    folder: str | None,
) -> None:
    """Watch what a band finds: each movement at once, and again when its name is final.

    Each row says how long after the movement it came, once the band has said where its samples
    are (at the beginning of a recording, or with the next minute).

    Nothing is stored and nothing is confirmed: notturno sync does that.
    """
    import asyncio

    from notturno.keys import KeyRing
    from notturno.link import open_radio
    from notturno.live import follow
    from notturno.nights.calendar import local_zone_name
    from notturno.paths import data_dir

    keys = KeyRing(data_dir(folder, create=False)).all()
    said = Said(as_json, local_zone_name())

    async def whole() -> None:
        async with open_radio(virtual) as radio:
            await follow(radio, said.tell, said.begun, keys, band, timeout_s, seconds)

    try:
        asyncio.run(whole())
    except KeyboardInterrupt:
        if not said.listening:
            raise  # stopped while it looked for a band: nothing was watched
    said.end()


class Said:
    """Prints what comes, as lines for people or as one JSON document a line."""

    def __init__(self, as_json: bool, zone: str) -> None:
        self._as_json = as_json
        self._zone = zone
        self._rows = self._revised = 0
        self.listening = False

    def begun(self, name: str, info: dict) -> None:
        """Say which band is watched, and whether it records."""
        from notturno_core import wire

        self.listening = True
        recording = bool(info["state"] & wire.STATE_RECORDING)
        device = info["device_id"].hex()
        if self._as_json:
            self._json("band", band=name, device=device, recording=recording)
            return
        click.echo(
            _("Watching the band {name} ({device}); Ctrl-C ends it.").format(
                name=name, device=device
            )
        )
        if not recording:
            click.echo(_("It does not record: take it off its charger and rows will come."))

    def tell(self, told: Recording | Row, utc_ms: int) -> None:
        """Print one `live.Row` or `live.Recording` that came at an instant."""
        from notturno.live import PROVISIONAL, REVISED, Row

        if not isinstance(told, Row):
            self._recording(told, utc_ms)
            return
        self._rows += told.state != PROVISIONAL
        self._revised += told.state == REVISED
        if self._as_json:
            self._json("event", utc_ms=utc_ms, **row_of(told))
        else:
            click.echo(f"{clock_text(utc_ms, self._zone)}  {row_text(told)}")

    def _recording(self, told: Recording, utc_ms: int) -> None:
        from notturno.store.queries import END_NAMES

        why = None if told.reason is None else END_NAMES.get(told.reason, str(told.reason))
        if self._as_json:
            self._json("recording", utc_ms=utc_ms, state=told.state, reason=why)
        else:
            because = "" if why is None else f" ({_(why)})"
            click.echo(
                _("{time}  the recording {state}{because}").format(
                    time=clock_text(utc_ms, self._zone), state=_(told.state), because=because
                )
            )

    def end(self) -> None:
        """Say what was seen in all."""
        if not self._as_json:
            click.echo(
                _(
                    "\nStopped after {rows}, {revised} of them revised; "
                    "notturno sync fetches and stores them."
                ).format(rows=counted(self._rows, "final row"), revised=self._revised)
            )

    def _json(self, type_: str, **values) -> None:
        print_json({"schema": SCHEMA, "type": type_} | values)


def row_of(row: Row) -> dict:
    """Return a `live.Row` as the JSON of its line: keys of events are the wire's names."""
    from notturno_core import wire

    from notturno.live import kind_name, left_out

    values = row.values
    flags = [name for bit, name in wire.FLAG_NAMES.items() if values["flags"] & bit]
    was = None
    if row.was is not None:
        was = {"kind": kind_name(row.was), "left_out": left_out(row.was)}
    return values | {
        "state": row.state,
        "kind": kind_name(values),
        "flag_names": flags,
        "left_out": left_out(values),
        "source": wire.SOURCE_NAMES.get(values["source"]),
        "duration_s": row.duration_s,
        "late_s": row.late_s,
        "was": was,
    }


def _change(row: Row) -> str:
    """Return what a revised row was and is, in words."""
    from notturno.nights.counts import WORDS

    told = []
    for text in row.change.split(" -> "):
        kind, _space, words = text.partition(" ")
        whole = text in WORDS.values()
        told.append(_(text) if whole else f"{_(kind)} {_(words)}".strip())
    return " -> ".join(told)


def row_text(row: Row) -> str:
    """Return a `live.Row` as one line: number, kind, length, strength, and what became of it."""
    from notturno.live import REVISED, kind_name, left_out
    from notturno.nights.counts import WORDS

    values = row.values
    number = "" if values["number"] is None else f"#{values['number']}"
    lasts = "" if row.duration_s is None else duration_text(row.duration_s)
    state = (
        _("revised: {change}").format(change=_change(row))
        if row.state == REVISED
        else _(row.state)
    )
    reason = left_out(values)
    if row.state != REVISED and reason is not None:
        state += _(", not counted: {words}").format(words=_(WORDS[reason]))
    late = "" if row.late_s is None else _(", {late} late").format(late=duration_text(row.late_s))
    what = f"{number:>6}  {_(kind_name(values)):<8}  {lasts:>8}  {values['peak_mg']:>5} mg"
    return f"{what}  {state}{late}"
