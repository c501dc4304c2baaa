"""Last night over MQTT, to a real broker: as Home Assistant discovers it, and away again."""

import asyncio
import json
import socket
import sys
import threading
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from fakes.typed import typed
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.errors import UserError
from notturno.homes import mqtt
from notturno.store import Store

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
amqtt_broker = pytest.importorskip("amqtt.broker")
aiomqtt = pytest.importorskip("aiomqtt")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def broker():
    """A broker in a thread of its own; yields its port."""
    port, loop = free_port(), asyncio.new_event_loop()
    config = {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }

    async def start():
        one = amqtt_broker.Broker(config)
        await one.start()
        return one

    one = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield port
    asyncio.run_coroutine_threadsafe(one.shutdown(), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def retained(port, count, topic="#"):
    """Return {topic: payload} of what the broker keeps."""

    async def listen():
        found = {}
        async with aiomqtt.Client("127.0.0.1", port) as client:
            await client.subscribe(topic, qos=1)
            try:
                async with asyncio.timeout(20 if count else 2):
                    async for message in client.messages:
                        if str(message.topic).split("/")[0] in (mqtt.DISCOVERY, mqtt.BASE):
                            found[str(message.topic)] = message.payload.decode()
                        if count and len(found) == count:
                            break
            except TimeoutError:
                pass
        return found

    return asyncio.run(listen())


@pytest.fixture
def folder(tmp_path):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 240, [(20.5 + k, {}) for k in range(8)])
    with Store.open(tmp_path) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0"), pen.frames)
        store.name_band(DEVICE, "calf-left", limb="calf", side="L")
    return tmp_path


def test_a_night_is_told_and_taken_away_again(broker, folder):
    out = typed("mqtt", "--broker", f"127.0.0.1:{broker}", "--data-dir", folder)
    assert "Sent: calf-left, night 2026-01-12" in out
    found = retained(broker, len(mqtt.SENSORS) + 1)
    state = json.loads(found[f"notturno/{DEVICE}/night"])
    assert (state["night"], state["jerks"], state["jerks_per_h"]) == ("2026-01-12", 8, 2.0)
    assert state["refused"] is None and state["simulated"] is True
    assert state["night_end"] == "2026-01-13T01:30:01+00:00"
    config = json.loads(found[f"homeassistant/sensor/notturno_{DEVICE}/jerks_per_h/config"])
    assert config["state_topic"] == f"notturno/{DEVICE}/night"
    assert config["value_template"] == "{{ value_json.jerks_per_h }}"
    assert (config["unit_of_measurement"], config["state_class"]) == ("1/h", "measurement")
    units = {
        key: json.loads(found[f"homeassistant/sensor/notturno_{DEVICE}/{key}/config"]).get(
            "unit_of_measurement"
        )
        for key in ("jerks", "battery_pct", "countable_h", "plms_per_h_wasm2016")
    }
    assert units == {
        "jerks": None,
        "battery_pct": "%",
        "countable_h": "h",
        "plms_per_h_wasm2016": "1/h",
    }
    uniques = {json.loads(v)["unique_id"] for k, v in found.items() if k.endswith("config")}
    assert len(uniques) == len(mqtt.SENSORS)
    typed("mqtt", "--broker", f"127.0.0.1:{broker}", "--data-dir", folder, "--remove")
    assert {k: v for k, v in retained(broker, 0).items() if v} == {}


def test_a_refused_night_has_no_rate_and_says_why(folder):
    with Store.open(folder) as store:
        store.edit("2026-01-12", None, {"exclude": "flu"})
        (row,) = store.nights()
    state = json.loads(
        dict((t, p) for t, p, _ in mqtt.messages(row, "1"))[f"notturno/{DEVICE}/night"]
    )
    assert state["jerks_per_h"] is None and "flu" in state["refused"]


def test_what_cannot_be_sent_is_said(folder, tmp_path):
    with pytest.raises(UserError, match="did not take it"):
        typed("mqtt", "--broker", f"127.0.0.1:{free_port()}", "--data-dir", folder)
    with pytest.raises(UserError, match="no address"):
        typed("mqtt", "--broker", "host:many", "--data-dir", folder)
    with pytest.raises(UserError, match="password file"):
        typed("mqtt", "--broker", "h", "--password-file", tmp_path / "no", "--data-dir", folder)
    with pytest.raises(UserError, match="Nothing is stored"):
        typed("mqtt", "--broker", "h", "--data-dir", tmp_path / "empty")
