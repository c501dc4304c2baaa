"""The sleeps of Apple Health's export: export.xml, bare or in its zip, whatever it is called.

Pure. Record elements of HKCategoryTypeIdentifierSleepAnalysis: startDate and endDate local with
their offset, value InBed, Awake or one of Asleep. An export is as large as a gigabyte and has a
document type of its own, so its elements are found as text: no entity is ever resolved.
"""

import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from notturno.errors import Phrase, UserError
from notturno.files.sleeps import APPLE, OfDevice, Sleeps, of_devices

MOST_UNPACKED = 1 << 30
HEAD_BYTES = 65_536  # the document type stands before the root
RECORD = re.compile(rb"<Record\b[^>]*\"HKCategoryTypeIdentifierSleepAnalysis\"[^>]*>", re.DOTALL)
FIELD = re.compile(rb"\b(sourceName|startDate|endDate|value)=\"([^\"]*)\"")
FORM = "%Y-%m-%d %H:%M:%S %z"
IN_BED = "HKCategoryValueSleepAnalysisInBed"
ASLEEP = "HKCategoryValueSleepAnalysisAsleep"  # and what it says of a stage behind it
# Ours: pieces of one device with less between them are one time in bed, got up in between or not.
JOIN = timedelta(hours=1)
STAGED, BED_ALONE = 1, 0  # a device that saw sleep is believed before one that knows a schedule


def is_one(data: bytes) -> bool:
    """Say whether these bytes are such a file."""
    return b"<HealthData" in data[:HEAD_BYTES]


def of_zip(archive: zipfile.ZipFile, zone: str, name: str) -> Sleeps | None:
    """Return the sleeps of the one XML file that is such an export; None where there is none.

    Its name is in the phone's language. Raises UserError where it is too large.
    """
    for member in archive.infolist():
        if not member.filename.lower().endswith(".xml"):
            continue
        with archive.open(member) as stream:
            if not is_one(stream.read(HEAD_BYTES)):
                continue
        if member.file_size > MOST_UNPACKED:
            raise UserError("{name} holds a file larger than any that is read here.", name=name)
        return read(archive.read(member), zone)
    return None


def read(data: bytes, zone: str) -> Sleeps:
    """Return the times in bed of the devices that saw sleep, else of those that saw a bed.

    zone: in which the nights are told; the moments have their own offsets.
    """
    pieces: dict[str, list[tuple[datetime, datetime, bool]]] = {}
    refused = []
    for number, said in enumerate(_records(data), 1):
        begun, ended = (_moment(said.get(key, "")) for key in ("startDate", "endDate"))
        value = said.get("value", "")
        if value != IN_BED and not value.startswith(ASLEEP):
            continue  # awake, or a word that is not known
        if begun is None or ended is None:
            where, why = (
                Phrase("entry {number}", number=number),
                Phrase("its times cannot be read"),
            )
            refused.append(Phrase("{where_said}: {why_said}", where_said=where, why_said=why))
            continue
        piece = (begun, ended, value != IN_BED)
        pieces.setdefault(said.get("sourceName", ""), []).append(piece)
    spans = [span for device, of in pieces.items() for span in _joined(device, sorted(of), zone)]
    found = of_devices(APPLE, spans)
    return found._replace(refused=[*refused, *found.refused])


def _records(data: bytes) -> Iterator[dict[str, str]]:
    for record in RECORD.finditer(data):
        yield {
            name.decode(): value.decode("utf-8", "replace")
            for name, value in FIELD.findall(record.group())
        }


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, FORM).astimezone(UTC)
    except ValueError:
        return None


def _joined(
    device: str, pieces: list[tuple[datetime, datetime, bool]], zone: str
) -> Iterator[OfDevice]:
    """Yield the times in bed of one device: its pieces, joined where little lies between."""
    start, end, slept = pieces[0]
    for begun, ended, asleep in pieces[1:]:
        if begun - end > JOIN:
            yield _span(device, start, end, slept, zone)
            start, end, slept = begun, ended, False
        end, slept = max(end, ended), slept or asleep
    yield _span(device, start, end, slept, zone)


def _span(device: str, start: datetime, end: datetime, slept: bool, zone: str) -> OfDevice:
    where = Phrase("the sleep of {moment}", moment=f"{start:%Y-%m-%d %H:%M} UTC")
    return OfDevice(device, STAGED if slept else BED_ALONE, where, start, end, zone)
