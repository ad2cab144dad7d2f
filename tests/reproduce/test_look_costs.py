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
    """Ratios of one run each; that of the longest is at least half as large again."""
    record = records.load("look-back-seconds")
    seconds = np.median(record.values("seconds"), axis=0)  # (lengths, kinds)
    additive, dot = seconds[:, 1] / seconds[:, 0], seconds[:, 2] / seconds[:, 0]
    assert additive[-1] > 1.5 * additive[0]
    assert np.all(dot < additive)
