"""What a sync says in words, and what it looks for, at the bounds of each."""

import asyncio
from types import SimpleNamespace

import pytest
from notturno.errors import UserError
from notturno.link import Found, LinkLost
from notturno.nights.anchors import Anchor
from notturno.nights.settings import Judgement
from notturno.sync import Result, _told, _Visit, asking, checking, conversation, frames, sentences
from notturno.sync.finding import Search, find
from notturno.sync.holes import Holes
from notturno_core import checks, protocol, wire

DAY_MS, HOUR_MS = 86_400_000, 3_600_000
IDS = ["5642000000000001", "5642000000000002"]
NAMES = [protocol.name_of(bytes.fromhex(one)) for one in IDS]


# --- sentences -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ms", "said"),
    [
        (0, "0 s"),
        (1499, "1 s"),
        (59_999, "60 s"),
        (60_000, "1.0 min"),
        (90_000, "1.5 min"),
        (HOUR_MS - 1, "60.0 min"),
        (HOUR_MS, "1.0 h"),
        (DAY_MS - 1, "24.0 h"),
        (DAY_MS, "1.0 days"),
        (10 * DAY_MS + DAY_MS // 2, "10.5 days"),
    ],
)
def test_a_span_is_told_as_exactly_as_people_ask(ms, said):
    assert sentences.span_text(ms) == said


@pytest.mark.parametrize(
    ("host", "whose"),
    [
        (None, "another setting"),
        (0, "the band's own clock chip"),
        (7, "this computer"),
        (0xABC, "another computer (00000abc)"),
    ],
)
@pytest.mark.parametrize(
    ("off_ms", "where"), [(90_000, "1.5 min ahead"), (-90_000, "1.5 min behind")]
)
def test_a_clock_that_differs_says_from_whose_and_where_it_stands(host, whose, off_ms, where):
    judged = Judgement(off_ms, 2000, Anchor(0, 0, 0, host))
    said = sentences.clock_differs(judged, 7)
    assert f"clock is {where} " in said and f"by {whose}:" in said


# --- frames --------------------------------------------------------------------------------------


def frame(seq, kind, payload=b""):
    buf = bytearray(wire.MAX_FRAME_LEN)
    return bytes(buf[: wire.pack_frame_into(buf, 0, seq, kind, payload)])


def test_a_frame_says_its_number_kind_and_payload():
    one = frame(0x01020304, 7, b"abc")
    assert frames.seq_of(one) == 0x01020304 and frames.record_of(one) == (7, b"abc")
    assert frames.split_frames(one + frame(1, 2)) == [one, frame(1, 2)]
    assert frames.split_frames(b"") == []
    with pytest.raises(frames.Garbled):
        frames.split_frames(one[:-1])


# --- holes ---------------------------------------------------------------------------------------


def test_numbers_that_do_not_come_are_absent_and_damaged_where_no_new_start_tells():
    holes = Holes(5, 0)
    holes.notice([frame(5, 200), frame(8, 200), frame(9, 200)])
    holes.notice([frame(12, 200)])
    holes.end(14)
    assert holes.absent == [(6, 7), (10, 11), (13, 14)]
    assert holes.damaged == [(6, 7), (10, 11), (13, 14)]
    whole = Holes(5, 0)
    whole.notice([frame(5, 200)])
    whole.end(5)
    assert whole.absent == whole.damaged == []
    nothing = Holes(5, 0)
    nothing.end(6)
    assert nothing.absent == nothing.damaged == [(5, 6)]


# --- who is looked for ---------------------------------------------------------------------------


class Radio:
    """Hears these bands; `asked`: how long each scan might last, and whether it may end sooner."""

    def __init__(self, *heard):
        self.heard, self.asked = list(heard), []

    async def scan(self, timeout_s, enough=None):
        self.asked.append((timeout_s, None if enough is None else enough(self.heard)))
        return self.heard


def band(name, address):
    return Found(name, address, None)


MINE, OTHER = band(NAMES[0], "AA"), band(NAMES[1], "BB")
STRANGER = band("notturno-ffff", "CC")


def test_one_band_in_reach_is_it_and_none_or_several_are_said():
    assert asyncio.run(find(Radio(MINE), None, 5)) == MINE
    with pytest.raises(UserError, match="Several bands are near"):
        asyncio.run(find(Radio(MINE, OTHER), None, 5))
    with pytest.raises(UserError, match="No band was found"):
        asyncio.run(find(Radio(), None, 5))
    with pytest.raises(LinkLost, match="does not advertise any more"):
        asyncio.run(find(Radio(), None, 5, again=True))
    radio = Radio(MINE)
    asyncio.run(find(radio, None, 5))
    asyncio.run(find(radio, "AA", 6))
    assert radio.asked == [(5, None), (6, True)]


def test_a_scan_ends_when_every_known_band_was_heard():
    for heard, enough in (((MINE,), False), ((MINE, OTHER), True), ((MINE, STRANGER), False)):
        radio = Radio(*heard)
        near = asyncio.run(Search(radio, None, IDS, 30).first())
        assert radio.asked == [(30, enough)] and near[0] == MINE
    radio = Radio(STRANGER, OTHER, MINE)
    near = asyncio.run(Search(radio, None, IDS, 30).first())
    assert near == [OTHER, MINE, STRANGER]  # strangers last
    radio = Radio(MINE)
    asyncio.run(Search(radio, None, [], 30).first())
    assert radio.asked == [(30, None)]
    with pytest.raises(UserError, match="No band was found"):
        asyncio.run(Search(Radio(), None, IDS, 30).first())


@pytest.mark.parametrize(
    ("waiting", "proven", "heard", "timeout_s", "enough", "new"),
    [
        ([MINE], True, [MINE], 30, True, []),
        ([MINE], True, [], 30, False, []),
        ([MINE], False, [MINE], 3, False, []),  # who proved nothing: look for others
        ([MINE], False, [MINE, OTHER], 3, True, [OTHER]),
        ([MINE, OTHER], True, [MINE], 30, False, []),
        ([], True, [MINE], 3, True, []),
    ],
)
def test_who_is_new_beside_those_that_are_tried_again(
    waiting, proven, heard, timeout_s, enough, new
):
    radio = Radio(MINE)
    search = Search(radio, None, IDS, 30)
    asyncio.run(search.first())
    radio.heard, radio.asked = heard, []
    assert asyncio.run(search.again(waiting, proven)) == new
    assert radio.asked == [(timeout_s, enough)]
    assert search.silent() == ([] if OTHER in heard else [NAMES[1]])
    short = Search(Radio(MINE), None, IDS, 2)
    asyncio.run(short.again([MINE], False))
    assert short._radio.asked[0][0] == 2


def test_a_search_is_over_when_all_or_the_named_one_is_done():
    every, named = Search(Radio(), None, IDS, 30), Search(Radio(), "calf", IDS, 30)
    assert [every.over(set(done)) for done in ([], IDS[:1], IDS)] == [False, False, True]
    assert [named.over(set(done)) for done in ([], IDS[:1])] == [False, True]
    assert named.silent() == [] and every.silent() == NAMES
    assert named._may_be(band("calf", "X")) and not named._may_be(STRANGER)


# --- what came of it -----------------------------------------------------------------------------


class Counts:
    def count_records(self, device):
        return {"a": 10, "b": 20}[device]


def visit(name):
    return _Visit(band(name, name))


def test_what_was_refused_or_failed_is_said_beside_what_came():
    one, two = Result("a", "one"), Result("b", "two", failed="it broke")
    found = _told([one, two], [(visit("x"), LinkLost("no key"))], Counts(), ["silent"])
    assert found == [one, two] and [r.total_records for r in found] == [10, 20]
    assert one.warnings == ["Another band near, x: no key", "two: it broke"]
    assert two.warnings == []


def test_where_nothing_came_the_reasons_are_said_each_once():
    refused = [(visit("x"), LinkLost("no key")), (visit("y"), LinkLost("no key"))]
    with pytest.raises(UserError) as said:
        _told([], refused, Counts(), [])
    assert str(said.value) == "no key"
    with pytest.raises(UserError) as said:
        _told([Result("", "z", failed="it broke")], refused[:1], Counts(), [])
    assert str(said.value) == "no key  it broke"
    with pytest.raises(UserError) as said:
        _told([], refused[:1], Counts(), ["p", "q"])
    assert str(said.value).startswith("p and q was not heard") and "no key" in str(said.value)
    with pytest.raises(UserError) as said:
        _told([Result("", "z", failed="it broke")], [], Counts(), ["p"])
    assert str(said.value) == "it broke"
    with pytest.raises(UserError) as said:
        _told([Result("a", failed="one"), Result("b", failed="two")], [], Counts(), [])
    assert str(said.value) == "one  two"


# --- a question and its answer -------------------------------------------------------------------


class Says:
    def __init__(self, *messages):
        self.messages = list(messages)

    async def say(self, plain):
        pass

    async def next_message(self, timeout_s=None):
        return self.messages.pop(0)


def test_an_answer_is_of_its_own_question_and_on_its_own_channel():
    def reply(op, **values):
        return wire.pack(protocol.REPLY_FIELDS, {"op": op} | values)

    commit = reply(protocol.OP_COMMIT, next_seq=5)
    link = Says(
        (protocol.DATA, commit),
        (protocol.CONTROL, reply(protocol.OP_CHECK)),
        (protocol.CONTROL, commit),
    )
    asked = asking.ask(link, protocol.OP_COMMIT, protocol.REPLY_FIELDS, through_seq=4, crc32=0)
    assert asyncio.run(asked)["next_seq"] == 5 and link.messages == []


def test_a_status_that_is_not_known_is_told_by_its_number():
    names = protocol.STATUS_NAMES
    last = len(names) - 1
    assert asking.status_name({"status": last}) == names[last]
    assert str(last + 1) in asking.status_name({"status": last + 1})


def test_of_several_tests_of_itself_the_newest_is_told():
    given = dict.fromkeys((name for name, _ in wire.CHECK_FIELDS), 0)
    first, second = (
        frame(seq, wire.REC_CHECK, wire.pack(wire.CHECK_FIELDS, given | {"verdict": verdict}))
        for seq, verdict in ((1, checks.CLOCK_UNSET), (2, checks.PASS))
    )
    found = checking._newest_check([first, second, frame(3, wire.REC_MARK, bytes(4))])
    assert found["verdict"] == checks.PASS
    for nothing in ([], [frame(3, 200)], [first, frame(4, wire.REC_CHECK, b"x")]):
        with pytest.raises(UserError, match="did not say what it found"):
            checking._newest_check(nothing)


# --- when a band's clock is set ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since_ms", "wrong_ms", "is_set"),
    [
        (0, 0, False),
        (HOUR_MS - 1, 1999, False),
        (HOUR_MS - 1, -1999, False),
        (HOUR_MS, 0, True),
        (-1, 0, True),
        (5, 2000, True),
        (5, -2000, True),
    ],
)
def test_a_clock_set_within_the_hour_and_right_to_two_seconds_is_left(since_ms, wrong_ms, is_set):
    now_ms = 1_768_290_000_000
    anchor = {"tick_ms": 1000, "utc_ms": now_ms - since_ms - wrong_ms}
    store = SimpleNamespace(last_anchor=lambda *_: anchor, judge_clock=lambda *_: None)
    info = {"op": protocol.OP_INFO, "tick_ms": 1000 + since_ms, "boot_id": 1, "next_seq": 3}
    asked = []

    class Link(Says):
        async def say(self, plain):
            asked.append(plain[0])

    reply = wire.pack(protocol.REPLY_FIELDS, {"op": protocol.OP_SET_TIME, "next_seq": 9})
    link = Link(
        (protocol.CONTROL, wire.pack(protocol.INFO_FIELDS, info)), (protocol.CONTROL, reply)
    )

    async def now():
        return now_ms

    talk = conversation.Conversation(link, now, store, "UTC", Result(), 1)
    talk._device, talk._log_id, talk._next_seq = IDS[0], 7, 3
    asyncio.run(talk._set_time(info))
    assert asked == ([protocol.OP_INFO, protocol.OP_SET_TIME] if is_set else [])
    assert talk._next_seq == (9 if is_set else 3)


def test_what_is_stored_is_added_up_and_the_nights_are_those_since_the_first():
    from notturno.store.added import Added

    told, asked = [], []
    store = SimpleNamespace(
        begin_sync=lambda *_: "pen",
        add=lambda pen, found: Added(len(found), 1, [(9, "odd")] * 7, [(4, "new")] * 5),
        nights_since_seq=lambda device, log, first: asked.append(first) or [str(first)],
    )
    result = Result()
    talk = conversation.Conversation(
        None, None, store, "UTC", result, 1, lambda *said: told.append(said)
    )
    talk._device, talk._log_id, talk._firmware, talk._expected = IDS[0], 7, "1", 3
    for numbers in ((5, 6), (), (9,), (3,)):
        talk._keep([frame(seq, 200) for seq in numbers])
    assert (result.new_records, result.new_events) == (4, 3)
    assert asked == [5, 5, 3] and (result.first_new_seq, result.nights) == (3, ["3"])
    assert told == [(2, 3), (3, 3), (4, 4)]
    # Of seven kept aside five are numbered; of five unread ones three are told, each once.
    assert len(result.warnings) == 2 and "9, 9, 9, 9, 9" in result.warnings[0]
    assert "9, 9, 9, 9, 9, 9" not in result.warnings[0]


@pytest.mark.parametrize(
    ("known_to", "first_seq", "said"),
    [
        (0, 5, None),
        (5, 5, None),
        (4, 5, "Records 4 to 4 "),
        (2, 9, "Records 2 to 8 "),
        (9, 5, None),
    ],
)
def test_records_that_another_computer_confirmed_are_said_to_be_gone(known_to, first_seq, said):
    store = SimpleNamespace(next_seq=lambda *_: known_to, missing=lambda *_, again: [(1, 2)])
    talk = conversation.Conversation(None, None, store, "UTC", Result(), 1)
    talk._device, talk._log_id, talk._next_seq = IDS[0], 7, 20
    assert talk._missing(first_seq) == [(1, 2)]
    assert len(talk._result.warnings) == (said is not None)
    assert said is None or talk._result.warnings[0].startswith(said)


@pytest.mark.parametrize(
    ("trip_s", "later_ms", "error_ms"), [(0.0, 0, 1), (0.4, 200, 201), (200.0, 100_000, 0xFFFF)]
)
def test_the_time_is_given_half_a_round_trip_later_and_so_unsure(
    monkeypatch, trip_s, later_ms, error_ms
):
    now_ms, said = 1_768_290_000_000, []
    clock = iter([50.0, 50.0 + trip_s])
    monkeypatch.setattr(conversation, "time", SimpleNamespace(monotonic=lambda: next(clock)))

    class Link(Says):
        async def say(self, plain):
            said.append(plain)

    info = {"op": protocol.OP_INFO, "tick_ms": 1000, "boot_id": 1, "next_seq": 3}
    reply = {"op": protocol.OP_SET_TIME, "next_seq": 10_000}
    link = Link(
        (protocol.CONTROL, wire.pack(protocol.INFO_FIELDS, info)),
        (protocol.CONTROL, wire.pack(protocol.REPLY_FIELDS, reply)),
    )
    store = SimpleNamespace(last_anchor=lambda *_: None, judge_clock=lambda *_: None)

    async def now():
        return now_ms

    talk = conversation.Conversation(link, now, store, "UTC", Result(), 77)
    talk._device, talk._log_id = IDS[0], 7
    asyncio.run(talk._set_time(info))
    given = wire.unpack(protocol.REQUEST_FIELDS[protocol.OP_SET_TIME], said[1])
    assert (given["utc_ms"], given["error_ms"]) == (now_ms + later_ms, error_ms)
    assert given["host_id"] == 77
    assert talk._next_seq == 3 + 4096  # what it claims is bounded by what it said of itself


def test_a_clock_that_jumped_is_named_and_a_steady_one_is_not():
    for off_ms, warned in ((2001, 1), (2000, 0)):
        judged = Judgement(off_ms, 2000, Anchor(0, 0, 0, 5))
        store = SimpleNamespace(judge_clock=lambda *_, judged=judged: judged)
        talk = conversation.Conversation(None, None, store, "UTC", Result(), 1)
        talk._device, talk._log_id = IDS[0], 7
        talk._name_jump({"boot_id": 1, "tick_ms": 5}, 5)
        assert len(talk._result.warnings) == warned


def test_three_damaged_records_are_named_and_no_sentence_twice():
    talk = conversation.Conversation(None, None, None, "UTC", Result(), 1)
    talk._name_damaged([4, 5, 6, 7])
    talk._name_damaged([5])
    assert [one.split()[1] for one in talk._result.warnings] == ["4", "5", "6"]


@pytest.mark.parametrize(
    ("values", "warned"),
    [
        ({}, 0),
        ({"lost_records": 1}, 1),
        ({"log_version": wire.LOG_VERSION + 1}, 1),
        ({"strangers": 11, "lost_records": 2}, 2),
        ({"strangers": 10}, 0),
    ],
)
def test_what_a_band_says_of_itself_is_warned_of(values, warned):
    noted = []
    store = SimpleNamespace(note_band=lambda *said: noted.append(said))
    talk = conversation.Conversation(None, None, store, "UTC", Result(), 1)
    talk._device, talk._log_id = IDS[0], 7
    info = {"firmware": b"0.1\x1b\0\0", "lost_records": 0, "strangers": 0}
    talk._note(info | {"log_version": wire.LOG_VERSION} | values)
    assert len(talk._result.warnings) == warned and noted[0][3] == "0.1?"


def test_of_odd_records_a_few_are_named():
    said = []
    talk = SimpleNamespace(_warn=lambda phrase: said.append(str(phrase)))
    added = SimpleNamespace(
        quarantined=[(seq, "other") for seq in range(11, 18)],
        unread=[(seq, "torn") for seq in range(21, 26)],
    )
    conversation.Conversation._name_odd(talk, added)
    assert said[0].startswith("7 records (11, 12, 13, 14, 15 ...) differ")
    assert [text.split()[1] for text in said[1:]] == ["21", "22", "23"]
    said.clear()
    conversation.Conversation._name_odd(talk, SimpleNamespace(quarantined=[], unread=[]))
    assert said == []
