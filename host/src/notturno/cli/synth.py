"""`notturno synth`: make a synthetic night, raw, and write down what the limb did.

Calls the sleeper and the recording's format; holds no logic of its own.
"""

import csv
import io
from pathlib import Path

import click

from notturno.cli.options import HELP_NAMES, Number
from notturno.cli.progress import progress_bar
from notturno.words import _

TRUTH_COLUMNS = ("kind", "onset_s", "duration_s", "peak_mg", "rhythm_hz")


@click.command(context_settings=HELP_NAMES)
@click.option("--profile", required=True, metavar="NAME", help="Who sleeps (see below).")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--model", metavar="NAME", help="Another limb, bed and sensor (see below).")
@click.option("--hours", type=Number(0.1, 24), default=8.0, show_default=True)
@click.option("--out", required=True, metavar="REC.npz", help="The raw recording.")
@click.option("--truth", metavar="TRUTH.csv", help="What the limb did, one movement a row.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def command(
    profile: str,
    seed: int,
    model: str | None,
    hours: float,
    out: str,
    truth: str | None,
    force: bool,
) -> None:
    """Make a synthetic night: raw counts as the motion sensor gives them, and the truth.

    Profiles: quiet, sleep_starts, fragmentary, plm, foot_tremor, restless, partner, pump, lorry,
    loose_strap, table, awake_tremor, cat, off_wrist, plm_short, plm_long, isolated_lm,
    long_rhythms, tone_on, noise_on, snore, phone, pulse_strong, mixed. Models: wrist_a, ankle_a,
    calf_a, wrist_b, ankle_b, calf_b for tuning; wrist_c, ankle_c, calf_c, wrist_d, ankle_d,
    calf_d held out. The same profile, seed, model and hours give the same files. The limb is a
    model: nothing in it was fitted to recorded sleep myoclonus.
    """
    from notturno.detect import recording
    from notturno.files.written import must_be_free, whole_file
    from notturno.sleeper import night_world, sensor

    night = night_world(profile, seed, hours, model)
    for path in filter(None, (out, truth)):  # said before minutes are spent
        must_be_free(Path(path), force)
    with progress_bar(f"{profile}, {hours:g} h") as progress:
        acc, odr_hz = sensor.record(night, seed, progress, night.model)
    mg_per_lsb = sensor.Sensor(night, seed, night.model).mg_per_lsb
    with whole_file(Path(out), force, make_folder=False) as stream:
        recording.save(stream, recording.Recording(acc, mg_per_lsb, odr_hz))
    if truth:
        with whole_file(Path(truth), force, make_folder=False) as stream:
            stream.write(_truth_text(night.truth).encode())
    kinds = {}
    for row in night.truth:
        kinds[row["kind"]] = kinds.get(row["kind"], 0) + 1
    found = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items())) or _("no movement")
    click.echo(
        _("{out}: {hours:g} h at {odr_hz:.2f} Hz, synthetic; {found}.").format(
            out=out, hours=hours, odr_hz=odr_hz, found=found
        )
    )


def _truth_text(rows: list[dict]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(TRUTH_COLUMNS)
    for row in rows:
        writer.writerow(
            [
                row["kind"],
                f"{row['onset_s']:.4f}",
                f"{row['duration_s']:.4f}",
                f"{row['peak_mg']:.2f}",
                "" if row["rhythm_hz"] is None else f"{row['rhythm_hz']:.4f}",
            ]
        )
    return text.getvalue()
