import numpy as np

from rnncourse.reproduce import freezing, records

RECORD = records.load("freezing-time")


def test_a_trained_table_costs_more_the_more_words_it_has():
    ratios = np.median(RECORD.values("tuned") / RECORD.values("frozen"), axis=0)
    assert ratios[0] < 2 < ratios[-1]
    assert np.all(np.diff(ratios) > 0)


def test_both_are_timed_for_every_size():
    config = RECORD.config | {"vocabularies": [20, 30], "updates": 2, "rounds": 1, "batch": 2}
    found = freezing.time_updates(config, 0)
    assert {name: len(times) for name, times in found.items()} == {"tuned": 2, "frozen": 2}
    assert min(found["tuned"] + found["frozen"]) > 0
