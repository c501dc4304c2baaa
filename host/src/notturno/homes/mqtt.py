"""Last night for a home's own automation: MQTT messages as Home Assistant discovers them.

Pure: rows of nights and bands in, (topic, payload, retain) out. After Home Assistant's MQTT
discovery: homeassistant/sensor/ID/config, retained; a state topic a band; `unique_id` and `device`
tie the sensors together. A figure that is refused is null there, its reason beside it.
"""

import json

from notturno.refusals import to_json

DISCOVERY, BASE = "homeassistant", "notturno"
# key of the state -> (words, unit, icon, device class)
SENSORS = {
    "jerks": ("jerks last night", None, "mdi:pulse", None),
    "jerks_per_h": ("jerks per hour", "1/h", "mdi:pulse", None),
    "lms_per_h": ("limb movements per hour", "1/h", "mdi:shoe-print", None),
    "plms_per_h_wasm2016": ("PLMS per hour of sleep", "1/h", "mdi:shoe-print", None),
    "countable_h": ("hours counted in", "h", "mdi:bed-clock", "duration"),
    "battery_pct": ("battery", "%", None, "battery"),
    "night_end": ("end of last night", None, None, "timestamp"),
}
KEYS = ("jerks", "jerks_per_h", "lms_per_h", "plms_per_h_wasm2016", "countable_h", "battery_pct")


def messages(row: dict, version: str) -> list[tuple[str, str, bool]]:
    """Return (topic, payload, whether retained) of one band's night: each sensor, then the state.

    row: of the nightly table; version: of this program, as the home's hub shows it.
    """
    device_id = row["device_id"]
    topic = f"{BASE}/{device_id}/night"
    found = [
        (
            f"{DISCOVERY}/sensor/{BASE}_{device_id}/{key}/config",
            json.dumps(_config(key, row, topic, version), ensure_ascii=False),
            True,
        )
        for key in SENSORS
    ]
    return [*found, (topic, json.dumps(_state(row), ensure_ascii=False), True)]


def gone(device_id: str) -> list[tuple[str, str, bool]]:
    """Return (topic, "", True) of each message that takes a band's sensors away again."""
    topics = [f"{DISCOVERY}/sensor/{BASE}_{device_id}/{key}/config" for key in SENSORS]
    return [(topic, "", True) for topic in [*topics, f"{BASE}/{device_id}/night"]]


def _config(key: str, row: dict, topic: str, version: str) -> dict:
    words, unit, icon, kind = SENSORS[key]
    found = {
        "name": words,
        "unique_id": f"{BASE}_{row['device_id']}_{key}",
        "object_id": f"{BASE}_{row['device_id']}_{key}",
        "state_topic": topic,
        "value_template": "{{ value_json." + key + " }}",
        "json_attributes_topic": topic,
        "device": {
            "identifiers": [f"{BASE}_{row['device_id']}"],
            "name": f"notturno {row['band']}",
            "manufacturer": "notturno",
            "sw_version": row["firmware"],
        },
        "origin": {"name": "notturno", "sw_version": version},
    }
    more = {"unit_of_measurement": unit, "icon": icon, "device_class": kind}
    if kind != "timestamp":
        more["state_class"] = "measurement"
    return found | {name: value for name, value in more.items() if value is not None}


def _state(row: dict) -> dict:
    from datetime import UTC, datetime

    end = row["end_utc_ms"]
    return {
        "night": row["night"],
        "state": row["state"],
        "simulated": row["simulated"],
        "refused": None if row["refusal"] is None else to_json(row["refusal"])["refused"],
        "night_end": None
        if end is None
        else datetime.fromtimestamp(end / 1000, UTC).isoformat(timespec="seconds"),
        **{key: row[key] for key in KEYS},
    }
