"""What a home's hub is told, message by message, as Home Assistant's MQTT discovery asks."""

import json
import plistlib

import pytest
from notturno.homes import mqtt, service
from notturno.refusals import Refusal

ROW = {
    "device_id": "00112233aabbccdd",
    "band": "calf",
    "firmware": "0.9",
    "night": "2026-01-12",
    "state": "complete",
    "simulated": False,
    "refusal": None,
    "end_utc_ms": 1_768_284_000_999,
    "jerks": 12,
    "jerks_per_h": 1.5,
    "lms_per_h": 3.0,
    "plms_per_h_wasm2016": None,
    "countable_h": 7.5,
    "battery_pct": 80,
}
# key -> (unit, device class, whether it is a measurement), of Home Assistant's own lists
SENSORS = {
    "jerks": (None, None, True),
    "jerks_per_h": ("1/h", None, True),
    "lms_per_h": ("1/h", None, True),
    "plms_per_h_wasm2016": ("1/h", None, True),
    "countable_h": ("h", "duration", True),
    "battery_pct": ("%", "battery", True),
    "night_end": (None, "timestamp", False),
}


def test_each_sensor_is_announced_once_and_kept_and_the_state_comes_last():
    *configs, (topic, payload, kept) = mqtt.messages(ROW, "1.2")
    assert topic == "notturno/00112233aabbccdd/night" and kept is True
    assert [topic for topic, *_ in configs] == [
        f"homeassistant/sensor/notturno_00112233aabbccdd/{key}/config" for key in SENSORS
    ]
    assert all(kept is True for *_, kept in configs)
    for (key, (unit, kind, measured)), (_, text, _) in zip(SENSORS.items(), configs, strict=True):
        found = json.loads(text)
        assert found["unique_id"] == found["object_id"] == f"notturno_00112233aabbccdd_{key}"
        assert found["state_topic"] == found["json_attributes_topic"] == topic
        assert found["value_template"] == "{{ value_json." + key + " }}"
        assert (found.get("unit_of_measurement"), found.get("device_class")) == (unit, kind)
        assert found.get("state_class") == ("measurement" if measured else None)
        assert None not in found.values() and found["name"]
        assert found["device"] == {
            "identifiers": ["notturno_00112233aabbccdd"],
            "name": "notturno calf",
            "manufacturer": "notturno",
            "sw_version": "0.9",
        }
        assert found["origin"] == {"name": "notturno", "sw_version": "1.2"}
    state = json.loads(payload)
    assert state.pop("night_end") == "2026-01-13T06:00:00+00:00"
    assert state.pop("refused") is None
    assert state == {key: ROW[key] for key in state} and set(state) >= set(mqtt.KEYS)


def test_what_is_not_known_is_null_and_its_reason_stands_beside():
    row = ROW | {"end_utc_ms": None, "refusal": Refusal("Too short.", "too_short")}
    state = json.loads(mqtt.messages(row, "1")[-1][1])
    assert state["night_end"] is None and state["refused"] == "Too short."


def test_a_band_is_taken_away_by_empty_messages_on_the_same_topics():
    gone = mqtt.gone(ROW["device_id"])
    assert gone == [(topic, "", True) for topic, *_ in mqtt.messages(ROW, "1")]


def test_the_agent_of_a_mac_runs_at_its_minute_and_writes_one_log():
    found = plistlib.loads(service.launchd_agent(["a", "b"], (6, 45), "/l"))
    assert found["StartCalendarInterval"] == {"Hour": 6, "Minute": 45}
    assert found["StandardOutPath"] == found["StandardErrorPath"] == "/l"
    assert found["ProcessType"] == "Background" and found["ProgramArguments"] == ["a", "b"]


@pytest.mark.parametrize("at", [(0, 5), (23, 59), (7, 0)])
def test_the_timer_is_of_two_digits_each(at):
    timer = service.systemd_units(["a"], at)[service.TIMER]
    assert f"OnCalendar=*-*-* {at[0]:02}:{at[1]:02}:00\n" in timer


@pytest.mark.parametrize(
    ("argument", "written"),
    [("a-b_c@d+e=f:g,h./i", "a-b_c@d+e=f:g,h./i"), ("50%", "50%%"), ("$x", "$$x")]
    + [("a b", '"a b"'), ("", '""'), ('"', '"\\""'), ("\\", '"\\\\"'), ("é", '"é"')],
)
def test_an_argument_is_written_as_systemd_reads_it(argument, written):
    assert service._quoted(argument) == written
