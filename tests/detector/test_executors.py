"""Every executor of the one source gives the same rows and the same state, bit by bit."""

from array import array

import numpy as np
import pytest
from executors import NAMES, Run, chunks_of, executor, new_out, reference_of, runnable, told
from hypothesis import given, settings
from hypothesis import strategies as st
from notturno.detect import engines, mpyfile, source, viper, vm, xtensa
from notturno_core import segments
from streams import RATES_HZ, STREAMS, eventful, sparse_jerks, words_of


@pytest.fixture(params=NAMES)
def module(request):
    if not runnable(request.param):
        pytest.skip(xtensa.MISSING)
    return executor(request.param)


def assert_same_after_every_chunk(module, words, odr_mhz, sizes, gap_every=0):
    """Feed both, chunk by chunk; compare rows, the whole row buffer and the whole state."""
    reference, said = reference_of(words, odr_mhz, sizes, gap_every)
    other = Run(module, odr_mhz)
    for expected, found in zip(said, told(other, words, sizes, gap_every), strict=True):
        where, got, state, out = found
        assert (where, got, state.tobytes(), out.tobytes()) == expected, where
    assert reference.rows == other.rows
    return reference


@pytest.mark.parametrize("odr_hz", RATES_HZ)
@pytest.mark.parametrize("stream", STREAMS, ids=lambda f: f.__name__)
def test_streams_give_the_same_on_every_executor(module, stream, odr_hz):
    raw = stream(np.random.default_rng(odr_hz), 4000)
    assert_same_after_every_chunk(module, words_of(raw), odr_hz * 1000, [64, 1, 26, 63, 64])


@pytest.mark.parametrize("odr_hz", RATES_HZ)
def test_minutes_with_every_kind_of_event_give_the_same_on_every_executor(module, odr_hz):
    run = assert_same_after_every_chunk(module, words_of(eventful(odr_hz)), odr_hz * 1000, [52])
    kinds = set(run.rows[segments.OUT_KIND :: segments.OUT_WORDS])
    assert kinds == {1, 2, 3, 4, 5}, "the stream is meant to give every kind of row"


def test_gaps_give_the_same_on_every_executor(module):
    raw = sparse_jerks(np.random.default_rng(3), 12000)
    assert_same_after_every_chunk(module, words_of(raw), 104000, [37], gap_every=29)


def test_half_an_hour_at_rest_gives_the_same_on_every_executor(module):
    raw = np.tile(np.array([[3, -5, 8196], [4, -5, 8195]], np.int16), (94000, 1))
    run = assert_same_after_every_chunk(module, words_of(raw), 104000, [64])
    assert len(run.rows) > 0


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32 - 1),
    stream=st.sampled_from(STREAMS),
    odr_mhz=st.integers(segments.MIN_ODR_MHZ, segments.MAX_ODR_MHZ),
    sizes=st.lists(st.integers(1, segments.MAX_CHUNK), min_size=1, max_size=40),
)
def test_any_rate_and_any_stream_give_the_same_on_every_executor(seed, stream, odr_mhz, sizes):
    words = words_of(stream(np.random.default_rng(seed), 1200))
    for name in filter(runnable, NAMES):
        assert_same_after_every_chunk(executor(name), words, odr_mhz, sizes)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32 - 1),
    stream=st.sampled_from(STREAMS),
    sizes=st.lists(st.integers(1, segments.MAX_CHUNK), min_size=1, max_size=60),
)
def test_however_a_recording_is_cut_the_rows_are_the_same(seed, stream, sizes):
    words = words_of(stream(np.random.default_rng(seed), 3000))
    whole, cut = Run(segments), Run(segments)
    for part, n in chunks_of(words, [segments.MAX_CHUNK]):
        whole.feed(part, n)
    for part, n in chunks_of(words, sizes):
        cut.feed(part, n)
    whole.cut()
    cut.cut()
    assert whole.in_order() == cut.in_order()


def test_a_call_without_samples_changes_nothing_that_later_rows_show(module):
    words = words_of(sparse_jerks(np.random.default_rng(8), 3000))
    plain, idle = Run(segments), Run(module)
    for part, n in chunks_of(words, [40]):
        plain.feed(part, n)
        idle.feed(part, n)
        idle.feed(part[:0], 0)
    plain.cut()
    idle.cut()
    assert plain.rows == idle.rows


@pytest.mark.parametrize("odr_hz", RATES_HZ)
def test_the_real_vm_gives_the_same_rows_and_the_same_state_after_every_chunk(odr_hz):
    parts = [stream(np.random.default_rng(9), 1500) for stream in STREAMS]
    words = words_of(np.concatenate([*parts, eventful(odr_hz, minutes=4)]))
    sizes = [64, 1, 26, 63, 50]
    reference = Run(segments, odr_hz * 1000)
    start = array("i", reference.state)
    end, rows, states = vm.run(start, words, sizes, trace=True)
    for number, (part, n) in enumerate(chunks_of(words, sizes)):
        reference.feed(part, n)
        assert reference.state.tobytes() == states[number], f"chunk {number}"
    reference.cut()
    assert number + 1 == len(states)
    assert reference.state == end
    assert reference.rows == rows


def test_a_whole_recording_gives_the_same_events_by_every_engine():
    class Recording:
        acc, odr_hz, mg_per_lsb = eventful(), 104, 0.122

    by_engine = {name: engines.rows_of(Recording, name) for name in engines.ENGINES}
    assert by_engine["native"] == by_engine["python"] == by_engine["vm"]
    assert {e["kind"] for e in engines.run(Recording, "native")} >= {"jerk", "lm", "rhythm"}


def test_the_square_root_of_the_band_is_that_of_the_host():
    by_steps = source.fresh_detector().isqrt
    assert by_steps is not segments.isqrt
    roots = [*range(300), *(2**k for k in range(8, 33))]
    numbers = [max(0, root * root + off) for root in roots for off in (-1, 0, 1)]
    assert [by_steps(n) for n in numbers] == [segments.isqrt(n) for n in numbers]


def test_the_viper_source_is_the_source_with_one_line_more_for_each_stage():
    text = source.TEXT
    marked = viper.marked(text, source.stage_names())
    assert marked.replace(viper.DECORATOR, "") == text
    assert marked.count(viper.DECORATOR) == len(segments.STAGES)


@pytest.mark.parametrize("arch", viper.ARCHS)
def test_every_hot_function_of_the_firmware_compiles_to_machine_code(arch):
    firmware = source.DETECTOR_FILE.parents[2]
    for name, functions in viper.DRIVER_FUNCTIONS.items():
        marked = viper.marked((firmware / name).read_text(), functions)
        assert len(mpyfile.parse(viper.compile_mpy(marked, arch)).viper_code()) == len(functions)
    assert len(viper.stage_code(arch)) == len(segments.STAGES)


def test_a_changed_constant_in_a_stage_does_not_go_unnoticed(module):
    """What the comparisons above are worth: another shift in the reference and they fail."""
    text = source.TEXT
    head, name, body = text.partition(f"def {source.stage_names()[0]}(")
    assert ">> 2" in body
    other = source.fresh_detector()
    exec(compile(head + name + body.replace(">> 2", ">> 3", 1), "changed", "exec"), vars(other))
    words = words_of(eventful(minutes=2))
    changed, run = Run(other), Run(module)
    for part, n in chunks_of(words, [64]):
        changed.feed(part, n)
        run.feed(part, n)
    assert changed.state != run.state


def test_stages_write_nothing_outside_the_rows_they_report(module):
    marker = 0x5A5A5A5A
    run = Run(module)
    run.out[:] = array("i", [marker] * len(run.out))
    for part, n in chunks_of(words_of(eventful(minutes=3)), [64]):
        got = run.feed(part, n)
        assert all(word == marker for word in run.out[got * segments.OUT_WORDS :])
        run.out[:] = array("i", [marker] * len(new_out()))
