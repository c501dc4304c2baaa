"""The steps of `notturno setup`, each a method that can be run alone and again.

Touches a band by cable and by radio, the data folder, the terminal. Each step does what a command
of its own does, and asks a person only for what is not known.
"""

from dataclasses import dataclass, field

import click

from notturno.cli import check as of_check
from notturno.cli import flash as of_flash
from notturno.cli import sync as of_sync
from notturno.cli.options import open_for_reading, open_for_writing
from notturno.cli.people_words import place_text
from notturno.cli.setup_base import Known
from notturno.cli.strap_words import advice_text, found_text
from notturno.errors import UserError
from notturno.paths import data_dir
from notturno.words import _, counted

AUTO = "auto"
DONE, KNOWN = "done", "known"
CABLE_IN = of_check.CABLES.index("in")
CABLE_UNKNOWN = of_check.CABLES.index("unknown")


@dataclass(frozen=True)
class Outcome:
    """What a step came to. lines: for people; data: for programs."""

    state: str
    lines: list
    data: dict = field(default_factory=dict)


class Evening(Known):
    """One run of the path."""

    # --- the steps ------------------------------------------------------------------------------

    def flash(self) -> Outcome:
        """Put the newest program and a key onto the board, where one is plugged in."""
        said = self._said
        if self._port is None and not said["image"] and "flash" not in self._only:
            from notturno.flashing import ports

            if self._ring().ids() and (self._virtual or not ports.listed()):
                return Outcome(
                    KNOWN, [_("No board is plugged in, and a band's key is here: it was flashed.")]
                )
        port = self._port or AUTO
        done = of_flash.run(
            port, said["image"], None, said["board"], said["yes"], not self._asks, self._folder
        )
        self._device_id, self._port = done.device_id, done.port
        return Outcome(DONE, done.lines(), {"flash": done.document})

    def check(self) -> Outcome:
        """Let the band test itself: by cable where it is plugged in, else by radio."""
        from notturno_core import checks

        if self._port is not None:
            from notturno.flashing import ports

            port = ports.again(self._port, self._port) if self._device_id else self._port
            device, found = of_check.by_cable(port, CABLE_IN)
        else:
            device, found = of_check.by_radio(
                self._folder, self._virtual, self._radio_name(), CABLE_UNKNOWN, self._timeout_s
            )
        self._device_id = device
        said = of_check.document(device, found)
        lines = of_check.lines(said)
        if found["verdict"] == checks.CLOCK_UNSET:
            lines = [
                _("Band {device}: all is well but its date, which the step meet gives it.").format(
                    device=device
                )
            ]
        elif found["verdict"]:
            if not self._asks:
                raise UserError("The band says: {text_said}", text_said=said["text"])
            for line in lines:
                self.say(f"   {line}")
            if not self.agrees(_("Go on all the same?")):
                raise UserError("Mend that first.")
        return Outcome(DONE, lines, {"check": said})

    def zone(self) -> Outcome:
        """Say in which zone nights are told; another than the machine's is kept."""
        from notturno.nights.calendar import local_zone_name, zone_note
        from notturno.store.dates import zone_name

        own, given = local_zone_name(), self._said["zone"]
        with open_for_reading(self._folder) as store:
            zone, kept = self._zone(store), store.zone()
        if given is None and self._asks and (kept is None or "zone" in self._only):
            given = click.prompt("   " + _("Your time zone (Enter: as it is)"), default=zone)
        if given is not None:
            wanted = None if given == AUTO else zone_name(given)
            wanted = None if wanted == own else wanted
            if wanted != kept:
                with open_for_writing(self._folder) as store:
                    store.keep_zone(wanted)
            kept, zone = wanted, wanted or own
        text = _("Nights are told in the zone {zone} (this computer's).")
        if kept:
            text = _("Nights are told in the zone {zone} (kept; this computer's is {own}).")
        lines = [text.format(zone=zone, own=own)]
        if note := zone_note(zone):
            lines.append(note)
        return Outcome(KNOWN if given is None else DONE, lines, {"zone": zone})

    def meet(self) -> Outcome:
        """Sync once: the band gets the time, and the logbook knows it."""
        where = data_dir(self._folder)
        results = of_sync.run(
            where, self._virtual, self._radio_name(), self._timeout_s, quiet=self._quiet
        )
        mine = [result for result in results if result.device == self._device_id]
        result = (mine or results)[0]
        if result.failed:
            raise UserError(str(result.failed))
        self._device_id = result.device
        told = _("The band {device} has the time, and gave {records}.").format(
            device=result.device, records=counted(result.new_records, "new record")
        )
        lines = [told, *result.warnings]
        return Outcome(DONE, lines, {"new_records": result.new_records})

    def name(self) -> Outcome:
        """Name the band and say where it is worn: only what is not known is asked."""
        row = self._row()
        wanted = {
            "name": (self._said["name"], _("Its name"), "--name", None),
            "limb": (
                self._said["limb"],
                _("On which limb (calf, ankle, wrist ...)"),
                "--limb",
                None,
            ),
            "side": (self._said["side"], _("On which side"), "--side", click.Choice(["L", "R"])),
        }
        values, lacking = {}, []
        for key, (given, question, option, kind) in wanted.items():
            known = row[key] and not (self._asks and "name" in self._only)
            if given is not None:
                values[key] = given
            elif not known and self._asks:
                values[key] = click.prompt(f"   {question}", default=row[key] or None, type=kind)
            elif not known:
                lacking.append(option)
        if lacking:
            raise UserError(
                "Nobody can be asked here; give {options}.", options=_(" and ").join(lacking)
            )
        changed = {key: value for key, value in values.items() if value != row[key]}
        if changed:
            with open_for_writing(self._folder) as store:
                store.name_band(
                    row["device_id"],
                    values.get("name", row["name"]),
                    values.get("limb"),
                    values.get("side"),
                )
            row = self._row()
        text = _("It is {name}, worn at: {place}.").format(
            name=row["name"], place=place_text(row["limb"], row["side"])
        )
        return Outcome(DONE if changed else KNOWN, [text])

    def strap(self) -> Outcome:
        """Let the person be still, then move at each cue; keep what the band saw of it."""
        row = self._row()
        before = row["strap_check"]
        if before is not None and "strap" not in self._only:
            if not self.agrees(_("Checked before. Again?")):
                return Outcome(KNOWN, [_before(before)], {"strap_check": before})
        if self._asks:
            radio_on = _(
                "Lay the band on its charger, or hold its button for two seconds, so that its "
                "radio is on."
            )
            self.say(f"   {radio_on}")
            click.prompt(
                "   " + _("Enter goes on"), default="", show_default=False, prompt_suffix=" "
            )
        found = self._checked_strap(row)
        if found["device_id"] != row["device_id"]:
            raise UserError(
                "Another band answered, {device}; choose with --band.", device=found["device_id"]
            )
        with open_for_writing(self._folder) as store:
            store.add_strap_check(found)
        lines = [found_text(found) + "."]
        if found["wearer_simulated"]:
            lines.append(
                _("Simulated: a virtual person heard the cues, and moved a virtual limb.")
            )
        else:
            lines.append(_("Your own reaction, some 0.2 to 0.6 s, is in that time."))
        if advice := advice_text(found):
            lines.append(advice)
        return Outcome(DONE, lines, {"strap_check": self._row()["strap_check"]})

    def tonight(self) -> Outcome:
        """Say how the night begins, and how it comes here."""
        row = self._row()
        called = row["name"] or row["device_id"]
        charge = ""
        if row["battery_pct"] is not None:
            charge = _(" (its cell: ~{percent} %)").format(percent=row["battery_pct"])
        lines = [
            _(
                "Leave {band} on its charger until you go to bed{charge}. Taken off it, it tests "
                "itself and records by itself; its LED blinks when it begins, and is dark all "
                "night."
            ).format(band=called, charge=charge),
            _(
                "Wear it as in the check ({place}). In the morning lay it on its charger, and:  "
                "notturno sync"
            ).format(place=place_text(row["limb"], row["side"])),
        ]
        return Outcome(DONE, lines)

    def _checked_strap(self, row: dict) -> dict:
        import asyncio

        from notturno.link import open_radio
        from notturno.strap import session

        plan = session.Plan(self._said["movements"], self._said["still_s"])
        name, keys = self._radio_name(row["device_id"]), self._ring().all()

        def say(step: str, number: int) -> None:
            self.say(f"   {_(CUES[step]).format(n=number, of=plan.cues)}")

        async def whole() -> dict:
            async with open_radio(self._virtual) as radio:
                return await session.check(radio, keys, say, plan, name, self._timeout_s)

        return asyncio.run(whole())


CUES = {  # by strap.session
    "connect": "Looking for the band ...",
    "put_on": "Put the band on as you will wear it, close its strap, and take it off its charger "
    "(or press its button once): it begins to record. Waiting ...",
    "settle": "It records. Lie down, or sit so that the limb rests ({n:.0f} s).",
    "still": "Keep the limb still for {n:.0f} s ...",
    "ready": 'Now {n} times: at each "now" kick or jerk the limb once, briefly, then rest again. '
    "They come irregularly.",
    "now": "now  ({n} of {of})",
    "wait": "Rest. The last rows are on their way ...",
}


def _before(check: dict) -> str:
    from notturno.nights.calendar import local_text, local_zone_name

    when = local_text(check["begun_utc_ms"], local_zone_name())
    return _("Checked on {when}: {found}. Once more:  notturno setup --only strap").format(
        when=when, found=found_text(check)
    )
