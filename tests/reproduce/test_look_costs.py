import numpy as np

from rnncourse.reproduce import look_costs, records


def test_every_kind_is_timed_at_a_length():
    (sweep,) = look_costs.SWEEPS
    quick = {
        "lengths": [3],
        "units": 4,
        "embedding": 3,
        "words": 9,
        "batch_size": 2,
        "rounds": 2,
    }
    (result,) = sweep.run_all(sweep.config | quick, (0,))
    seconds = np.array(result["seconds"])
    assert seconds.shape == (1, 3) and np.all(seconds > 0)


def test_looking_back_costs_more_the_longer_the_sentence():
    """Ratios within each run; the map grows with the square, the walk in proportion."""
    seconds = records.load("look-back-seconds").values("seconds")  # (runs, lengths, kinds)
    additive, dot = np.median(seconds[..., 1:] / seconds[..., :1], axis=0).T
    assert additive[-1] > 1.2 * additive[0]
    assert dot[-1] < additive[-1]
