"""What a band may say at most, and what a host waits for at most: each bound by its own number."""

import asyncio
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from air import DEVICE_ID
from notturno.link import LinkLost, Refused, ble
from notturno.store import Store
from notturno.sync import asking, conversation
from notturno.sync.frames import FrameCutter, Garbled, split_frames
from notturno.sync.report import Stream, report
from notturno_core import protocol, wire


def frame(seq, n=20, kind=wire.REC_MARK):
    buf = bytearray(wire.MAX_FRAME_LEN)
    return bytes(buf[: wire.pack_frame_into(buf, 0, seq, kind, bytes(n))])


class Says:
    """A proven link over which a band says these messages, and then nothing."""

    device_id = DEVICE_ID.hex()

    def __init__(self, *messages):
        self.messages = list(messages)
        self.waits_s = []

    async def say(self, plain):
        pass

    async def next_message(self, timeout_s=None):
        self.waits_s.append(timeout_s)
        if not self.messages:
            raise LinkLost("silent")
        return self.messages.pop(0)


def reply(op, **values):
    return protocol.CONTROL, wire.pack(protocol.REPLY_FIELDS, {"op": op} | values)


def data(*frames):
    return protocol.DATA, b"".join(frames)


def reported(stream, *messages):
    kept = []
    link = Says(*messages)
    try:
        asyncio.run(report(link, stream, 9, kept.extend))
    except LinkLost as error:
        return kept, error
    return kept, None


# --- the stream of a report ----------------------------------------------------------------------


@pytest.mark.parametrize("cut", [1, 3, 9, 29, 30, 31, 400])
def test_frames_are_found_wherever_the_stream_is_cut(cut):
    frames = [frame(seq, n) for seq, n in ((1, 20), (2, 0), (3, 200), (7, 1))]
    whole = b"".join(frames)
    cutter = FrameCutter()
    found = []
    for at in range(0, len(whole), cut):
        found += cutter.take(whole[at : at + cut])
    assert found == frames and cutter.rest == b""


def test_a_frame_that_the_band_itself_has_damaged_is_passed_over_and_named():
    bad = bytearray(frame(2))
    bad[8] ^= 1
    cutter = FrameCutter()
    assert cutter.take(frame(1) + bytes(bad) + frame(3)) == [frame(1), frame(3)]
    assert cutter.damaged == [2]
    with pytest.raises(Garbled):
        split_frames(bytes(bad))


def test_a_length_that_no_record_has_ends_it():
    with pytest.raises(Garbled, match="201"):
        FrameCutter().take(b"\1\0\0\0\x08\xc9" + bytes(300))


@pytest.mark.parametrize("wrong", [[5, 5], [5, 4], [4], [10], [0xFFFFFFFF]])
def test_numbers_ascend_within_what_was_asked_for(wrong):
    stream = Stream(5, 9)
    with pytest.raises(Garbled, match="came where"):
        for seq in wrong:
            stream.take(frame(seq))
    Stream(5, 9).take(frame(5) + frame(9))


def test_a_message_of_nothing_ends_it():
    kept, error = reported(Stream(1, 9), data(frame(1)), data())
    assert kept == [frame(1)] and "without records" in str(error)


def test_a_checkpoint_follows_data():
    checkpoint = reply(protocol.OP_CHECKPOINT)
    kept, error = reported(Stream(1, 9), data(frame(1)), checkpoint, checkpoint)
    assert kept == [frame(1)] and "out of turn" in str(error)


def test_what_no_checkpoint_ends_is_kept_all_the_same_and_not_in_memory():
    stream = Stream(1, 5000)
    messages = [data(*(frame(seq, 0) for seq in range(at, at + 64))) for at in range(1, 2000, 64)]
    seen = []
    asyncio.run(_lost(Says(*messages), stream, seen))
    assert sum(seen) == 2048 and max(seen) == 1024


async def _lost(link, stream, seen):
    with pytest.raises(LinkLost):
        await report(link, stream, 5000, lambda frames: frames and seen.append(len(frames)))


def test_data_may_come_behind_the_reply_that_ends_them_but_not_for_ever():
    import zlib

    crc = zlib.crc32(frame(2), zlib.crc32(frame(1)))
    ends = reply(protocol.OP_REPORT, crc32=crc, next_seq=3)
    kept, error = reported(Stream(1, 9), data(frame(1)), ends, data(frame(2)))
    assert error is None and kept == [frame(1), frame(2)]
    link = Says(data(frame(1)), ends)
    with pytest.raises(LinkLost):
        asyncio.run(report(link, Stream(1, 9), 9, lambda frames: None))
    assert link.waits_s[-1] == 2.0


@pytest.mark.parametrize("status", [1, 2, 3, 4, 5, 99])
def test_a_report_that_ends_badly_is_said_in_words(status):
    _, error = reported(Stream(1, 9), reply(protocol.OP_REPORT, status=status))
    assert "broke its report off" in str(error)


# --- questions -----------------------------------------------------------------------------------


def test_another_answer_is_not_waited_for_for_ever(monkeypatch):
    class Chatters(Says):
        async def next_message(self, timeout_s=None):
            await asyncio.sleep(0)
            return reply(protocol.OP_COMMIT)

    monkeypatch.setattr(asking, "ANSWER_TIMEOUT_S", 0.05)
    with pytest.raises(LinkLost, match="did not answer"):
        asyncio.run(asking.ask_info(Chatters()))


def test_a_cut_answer_is_garbled():
    with pytest.raises(Garbled, match="cut off"):
        asyncio.run(asking.ask_info(Says((protocol.CONTROL, b"\5\0"))))


# --- what a band says of itself ------------------------------------------------------------------


def talk(tmp_path, **info):
    said = {"op": protocol.OP_INFO, "device_id": DEVICE_ID, "first_seq": 1, "next_seq": 1}
    link = Says((protocol.CONTROL, wire.pack(protocol.INFO_FIELDS, said | info)))

    async def whole(store):
        async def now_ms():
            return 1_768_290_000_000

        from notturno.sync import Result

        result = Result()
        await conversation.Conversation(link, now_ms, store, "UTC", result, 1).run()

    with Store.open(tmp_path) as store:
        asyncio.run(whole(store))


@pytest.mark.parametrize(
    "info",
    [
        {"first_seq": 1, "next_seq": 4_000_002},
        {"first_seq": 9, "next_seq": 8},
        {"first_seq": 0, "next_seq": 0xFFFFFFFF},
    ],
)
def test_a_band_that_claims_more_than_a_flash_holds_is_refused(tmp_path, info):
    with pytest.raises(Refused, match="that cannot be"):
        talk(tmp_path, **info)
    with pytest.raises(LinkLost):  # this one can be, and is silent afterwards
        talk(tmp_path, first_seq=1, next_seq=4_000_001)


def test_a_band_that_claims_another_ones_id_is_refused(tmp_path):
    with pytest.raises(Refused, match="proves the key of 56.* and says that it is 34"):
        talk(tmp_path, device_id=b"4" + bytes(7))
    with Store.open(tmp_path) as store:
        assert store.bands() == []


def test_values_that_nobody_reads_end_the_link(monkeypatch):
    monkeypatch.setattr(ble, "VALUES_MOST", 3)

    class Client:
        async def start_notify(self, uuid, came):
            self.came = came

    async def whole():
        client, values = Client(), asyncio.Queue()
        connection = ble.Connection(client, values)
        await connection.subscribe_live()
        for i in range(100):
            client.came(None, bytes([i]))
        assert values.qsize() == 4
        for _ in range(3):
            await connection.next_value(1)
        with pytest.raises(LinkLost):
            await connection.next_value(1)

    asyncio.run(whole())


def talked(tmp_path, *messages, set_next_seq=3, **info):
    """Let a band say of itself, take the time, and say these messages; return the result."""
    from notturno.sync import Result

    said = {"op": protocol.OP_INFO, "device_id": DEVICE_ID, "first_seq": 1, "next_seq": 2}
    about = protocol.CONTROL, wire.pack(protocol.INFO_FIELDS, said | info)
    link = Says(about, about, reply(protocol.OP_SET_TIME, next_seq=set_next_seq), *messages)
    result = Result()

    async def now_ms():
        return 1_768_290_000_000

    with Store.open(tmp_path) as store:
        talk = conversation.Conversation(link, now_ms, store, "UTC", result, 1)
        try:
            asyncio.run(talk.run())
        except LinkLost as error:
            return result, str(error)
    return result, None


@pytest.mark.parametrize(("last", "says"), [(3 + 4096, "silent"), (3 + 4097, "came where")])
def test_a_band_may_log_some_records_while_it_is_read_and_not_any_number(tmp_path, last, says):
    result, error = talked(tmp_path, data(frame(1), frame(last)))
    assert says in error
    assert result.new_records == (2 if says == "silent" else 1)


@pytest.mark.parametrize(
    ("last", "says"), [(2 + 2 * 4096, "silent"), (3 + 2 * 4096, "came where")]
)
def test_a_band_cannot_claim_more_by_its_answer_to_the_time(tmp_path, last, says):
    """It said 2 of itself: what it may have logged since counts twice, and no claim of its own."""
    _, error = talked(tmp_path, data(frame(1), frame(last)), set_next_seq=0xFFFFFFFF)
    assert says in error


@pytest.mark.parametrize(("strangers", "told"), [(10, False), (11, True)])
def test_many_strangers_are_told_of(tmp_path, strangers, told):
    result, _ = talked(tmp_path, strangers=strangers)
    assert any("proved no key" in warning for warning in result.warnings) is told


def test_a_band_that_answers_no_hello_is_waited_for_as_long_as_it_would_wait(monkeypatch):
    from notturno.link import proof

    asked_s = []
    real = asyncio.timeout

    def noted(seconds):
        asked_s.append(seconds)
        return real(0.01)

    class Silent:
        room = 20

        async def read_version(self):
            return bytes((protocol.VERSION,))

        async def write_control(self, value):
            pass

        async def next_value(self, timeout_s):
            await asyncio.sleep(10)

    monkeypatch.setattr(proof, "ANSWER_TIMEOUT_S", 15.0)
    monkeypatch.setattr(proof.asyncio, "timeout", noted)
    with pytest.raises(LinkLost, match="stopped answering"):
        asyncio.run(proof.prove(Silent(), {"56" * 8: bytes(32)}))
    assert asked_s == [protocol.UNPROVEN_MS / 1000]


def test_a_visit_begins_with_nothing_brought():
    from notturno.sync import Result

    counts = "new_records new_events total_records committed_seq first_new_seq"
    begun = Result("56" * 8, "calf")
    assert {getattr(begun, name) for name in counts.split()} == {0}
    assert (begun.nights, begun.warnings, begun.failed) == ([], [], None)
