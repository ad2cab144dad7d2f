"""All ways to let a decoder speak say the same, and one compiled call is the fastest."""

import numpy as np

from rnncourse.reproduce.interpreting import SWEEPS, silent, speeds, ways
from rnncourse.reproduce.records import load

SMALL = SWEEPS[0].config | {"batch": 8, "words": 4, "length": 10, "rounds": 3, "units": 16}


def test_all_ways_say_the_same():
    model = silent(SMALL, 0)
    source = np.random.default_rng(0).integers(2, 200, (5, 4)).astype(np.int32)
    said = {name: way(source) for name, way in ways(model, 6).items()}
    assert said["compiled"].shape == (5, 6) and len(np.unique(said["compiled"])) > 2
    for name, words in said.items():
        assert np.array_equal(words, said["compiled"]), name


def test_one_compiled_call_is_ten_times_as_fast_as_a_loop_over_predict():
    found = speeds(SMALL, 0)
    assert found["compiled"] > 10 * found["predict"]


def test_the_record_says_so_too():
    for found in load("decoding-speed").results.values():
        assert found["compiled"] > 10 * found["predict"]
        assert found["compiled"] > found["step"] > found["predict"]
