"""An export as FHIR R4: a Bundle of a night's figures as Observations, for a clinic's system.

By the rules of HL7's Personal Health Device guide (2.0.1) for devices outside IEEE 11073: an
Observation has its device, its patient, the period, the guide's category, an identifier by which
it is known again, and the gateway (this program). Codes are of a CodeSystem of our own that comes
along: no LOINC code for these figures is known, and none is made up. Units are UCUM. A refused
figure has no value but the reason why. Pure.

A band's figures of a night are a set of Observations of its side; of both legs there is one more,
derived from the two. One Observation without a value, the night, names all of them (hasMember).
Sides are told in words and as SNOMED CT's qualifiers, by HL7's extension for laterality.
"""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING

from notturno import __version__
from notturno.files.chosen import Chosen, iso
from notturno.nights.columns import BY_KEY, COLUMNS

if TYPE_CHECKING:
    from notturno.store import Store

SYSTEM = "urn:uuid:6e6f7474-7572-6e6f-8000-636f64657300"  # "notturno codes", in hexadecimal
PHD = "http://hl7.org/fhir/uv/phd"
CATEGORY = f"{PHD}/CodeSystem/PhdObservationCategories"
GATEWAY = "http://hl7.org/fhir/StructureDefinition/observation-gatewayDevice"
UCUM = "http://unitsofmeasure.org"
EUI_64 = "urn:oid:1.2.840.10004.1.1.1.0.0.1680"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
NIGHT = "night"  # the code of the Observation that holds a night together
LATERALITY = "http://hl7.org/fhir/StructureDefinition/observation-structureLaterality"
SNOMED = "http://snomed.info/sct"
SIDES = {
    "L": ("7771000", "Left", "left"),
    "R": ("24028007", "Right", "right"),
    "LR": ("51440002", "Right and left", "left and right"),
}
UNITS = {"1/h": "/h", "h": "h", "mg": "mg", "%": "%", "": "{events}", "0 to 1": "1"}
# `mg` in UCUM is a milligram; acceleration is told in thousandths of standard gravity.
UNITS["mg"] = "m[g]"
FIGURES = tuple(
    column.key
    for column in COLUMNS
    if column.key in ("jerks", "lms", "recorded_h", "countable_h", "asleep_h", "largest_mg")
    or column.key.startswith("periodicity_index")
    or column.kind == "rate"
)


def bundle(store: Store, which: Chosen, now_utc_ms: int) -> dict:
    """Return the Bundle (a collection) of the chosen nights, ready for json."""
    rows = [row for night in which.nights for row in store.nights(night=night)]
    # An Observation of no time says nothing to a doctor: undated nights stay out.
    rows = [
        row
        for row in rows
        if which.device_id in (None, row["device_id"]) and row["start_utc_ms"] is not None
    ]
    patient = {
        "resourceType": "Patient",
        "id": _id("patient"),
        "text": _text("A person whose name was not given."),
    }
    gateway = _gateway()
    bands = {row["device_id"]: _band(row) for row in rows}
    resources = [code_system(), patient, gateway, *bands.values()]
    persons = {
        row["night"]: row
        for row in ([] if which.device_id else store.person_nights(which.nights))
        if row["start_utc_ms"] is not None
    }
    for night in dict.fromkeys(row["night"] for row in rows):
        of_night = [row for row in rows if row["night"] == night]
        members = [_observation(row, key) for row in of_night for key in FIGURES]
        if night in persons:
            legs = [row["device_id"] for row in of_night]
            members += [_of_both(persons[night], legs, key) for key in FIGURES]
        resources += [_panel(night, of_night, members), *members]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": iso(now_utc_ms, "UTC"),
        "entry": [
            {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}
            for resource in resources
        ],
    }


def code_system() -> dict:
    """Return the CodeSystem of the figures: the columns of a night, with their meaning."""
    return {
        "resourceType": "CodeSystem",
        "id": _id("codes"),
        "url": SYSTEM,
        "version": __version__,
        "name": "NotturnoFigures",
        "title": "Figures of a night of notturno",
        "status": "draft",
        "experimental": True,
        "content": "complete",
        "caseSensitive": True,
        "text": _text("The figures that notturno gives of a night."),
        "concept": [
            {"code": key, "display": BY_KEY[key].words, "definition": BY_KEY[key].meaning}
            for key in FIGURES
        ]
        + [
            {
                "code": NIGHT,
                "display": "a night",
                "definition": "What all bands say of one night: the members of this Observation.",
            }
        ],
    }


def _id(*names: str) -> str:
    """Return the same UUID for the same names, so that a server knows a resource again."""
    digest = hashlib.sha256("\n".join(("notturno", *names)).encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


def _text(sentence: str) -> dict[str, str]:
    escaped = sentence.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{escaped}</div>',
    }


def _gateway() -> dict:
    return {
        "resourceType": "Device",
        "id": _id("gateway", __version__),
        "text": _text(f"notturno {__version__}, the program that made these figures."),
        "manufacturer": "notturno",
        "deviceName": [{"name": "notturno", "type": "model-name"}],
        "type": {"text": "program"},
        "version": [{"value": __version__}],
    }


def _band(row: dict) -> dict:
    simulated = " (simulated: no hardware)" if row["simulated"] else ""
    eui_64 = "-".join(row["device_id"][i : i + 2].upper() for i in range(0, 16, 2))
    return {
        "resourceType": "Device",
        "id": _id("band", row["device_id"]),
        "text": _text(f"A band with a motion sensor, no medical device{simulated}."),
        "identifier": [{"system": EUI_64, "value": eui_64}],
        "manufacturer": "notturno",
        "serialNumber": row["device_id"],
        "deviceName": [{"name": f"notturno band{simulated}", "type": "user-friendly-name"}],
        "type": {"text": "motion sensor worn on a limb"},
        "version": [{"value": str(row["firmware"] or "unknown")}],
    }


def _observation(row: dict, key: str) -> dict:
    column = BY_KEY[key]
    value = row[key]
    period = {name: iso(row[f"{name}_utc_ms"], row["zone"]) for name in ("start", "end")}
    resource = {
        "resourceType": "Observation",
        "id": _id(row["device_id"], row["night"], key),
        "meta": {"profile": [f"{PHD}/StructureDefinition/PhdNumericObservation"]},
        "extension": [
            {
                "url": GATEWAY,
                "valueReference": {"reference": f"urn:uuid:{_id('gateway', __version__)}"},
            }
        ],
        "text": _text(f"{column.words}, night {row['night']}: {_said(value)} {column.unit}"),
        "identifier": [
            {"system": SYSTEM, "value": f"{row['device_id']}-{row['start_utc_ms']}-{key}"}
        ],
        "status": "final" if row["state"] == "complete" else "preliminary",
        "category": [{"coding": [{"system": CATEGORY, "code": "phd"}]}],
        "code": {"coding": [{"system": SYSTEM, "code": key, "display": column.words}]},
        "subject": {"reference": f"urn:uuid:{_id('patient')}"},
        "performer": [{"reference": f"urn:uuid:{_id('patient')}"}],
        "effectivePeriod": period,
        "device": {"reference": f"urn:uuid:{_id('band', row['device_id'])}"},
    }
    if row["person_side"] in SIDES:
        resource["bodySite"] = _site(row["person_side"], row["limb"] or "limb")
    if value is None:
        refusal = row["refusals"].get(key) or row["refusal"] or {}
        why = refusal.get("refused", "not known")
        resource["dataAbsentReason"] = {
            "coding": [{"system": ABSENT, "code": "not-applicable"}],
            "text": why,
        }
    else:
        unit = UNITS[column.unit]
        resource["valueQuantity"] = {
            "value": value,
            "unit": column.unit or "events",
            "system": UCUM,
            "code": unit,
        }
    if row["excluded"]:
        resource["note"] = [{"text": f"The person left this night out: {row['excluded']}"}]
    return resource


def _of_both(row: dict, device_ids: list[str], key: str) -> dict:
    """Return an Observation of a person's night, derived from those of its two bands.

    It is not of one device, so it does not claim the guide's profile: the program made it.
    """
    resource = _observation(row, key)
    del resource["meta"]
    resource["device"] = {"reference": f"urn:uuid:{_id('gateway', __version__)}"}
    resource["derivedFrom"] = [
        {"reference": f"urn:uuid:{_id(device_id, row['night'], key)}"} for device_id in device_ids
    ]
    return resource


def _panel(night: str, rows: list[dict], members: list[dict]) -> dict:
    """Return the Observation of a whole night, which has no value but its members."""
    first = min(rows, key=lambda row: row["start_utc_ms"])
    last = max(rows, key=lambda row: row["end_utc_ms"])
    whole = all(row["state"] == "complete" for row in rows)
    # Its name is of the bands too: an export of one band alone is another panel.
    names = sorted(row["device_id"] for row in rows)
    return {
        "resourceType": "Observation",
        "id": _id(NIGHT, night, *names),
        "text": _text(f"The night {night}: {len(members)} figures of {len(rows)} bands."),
        "identifier": [
            {"system": SYSTEM, "value": f"{'+'.join(names)}-{first['start_utc_ms']}-{NIGHT}"}
        ],
        "status": "final" if whole else "preliminary",
        "category": [{"coding": [{"system": CATEGORY, "code": "phd"}]}],
        "code": {"coding": [{"system": SYSTEM, "code": NIGHT, "display": "a night"}]},
        "subject": {"reference": f"urn:uuid:{_id('patient')}"},
        "performer": [{"reference": f"urn:uuid:{_id('patient')}"}],
        "effectivePeriod": {
            "start": iso(first["start_utc_ms"], first["zone"]),
            "end": iso(last["end_utc_ms"], last["zone"]),
        },
        "device": {"reference": f"urn:uuid:{_id('gateway', __version__)}"},
        "hasMember": [{"reference": f"urn:uuid:{member['id']}"} for member in members],
    }


def _site(side: str, limb: str) -> dict:
    code, display, words = SIDES[side]
    coding = {"system": SNOMED, "code": code, "display": display}
    return {
        "text": f"{words} {limb}",
        "extension": [{"url": LATERALITY, "valueCodeableConcept": {"coding": [coding]}}],
    }


def _said(value: float | None) -> str:
    return "refused" if value is None else f"{value:g}"
