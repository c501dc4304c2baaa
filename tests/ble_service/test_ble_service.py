"""The service on the air: what it advertises, its characteristics, on, off and after a host."""

import ble_service
from fake_ble import FakeBle
from notturno_core import protocol
from proven import until
from served import Band, played


def test_the_advertisement_fits_and_names_the_service():
    data, response = ble_service.advertisement("notturno-with-a-rather-long-name-indeed")
    assert len(data) <= 31 and len(response) <= 31
    assert bytes.fromhex(protocol.SERVICE_UUID.replace("-", ""))[::-1] in data


def test_the_service_is_what_the_protocol_says_and_any_value_fits():
    band = Band()
    band.service.radio(True)
    ((service,),) = [call[1] for call in band.ble.calls if call[0] == "services"]
    uuid, characteristics = service
    assert uuid.text == protocol.SERVICE_UUID
    assert [(c[0].text, c[1]) for c in characteristics] == [
        (protocol.VERSION_UUID, 0x02),
        (protocol.CONTROL_UUID, 0x28),
        (protocol.DATA_UUID, 0x10),
        (protocol.LIVE_UUID, 0x10),
    ]
    assert band.ble.buffers[FakeBle.CONTROL] == 244
    assert ("config", {"mtu": 247, "gap_name": "notturno-0001"}) in band.ble.calls


def test_radio_on_twice_is_once_and_off_lets_go_of_the_host():
    band = Band()

    async def play(host):
        band.service.radio(True)
        assert band.ble.calls.count(("active", True)) == 1
        assert band.service.proven
        band.service.radio(False)
        assert ("disconnect", 0) in band.ble.calls and not band.ble.is_active
        assert not band.service.proven

    played(band, play)


def test_after_a_host_leaves_the_band_advertises_again():
    band = Band()

    async def play(host):
        assert band.ble.advertising is None
        band.ble.host_leaves()
        await until(lambda: band.ble.advertising is not None)

    played(band, play)
