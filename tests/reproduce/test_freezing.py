import numpy as np

from rnncourse.reproduce import freezing, records

RECORD = records.load("freezing-time")


RATIOS = np.median(RECORD.values("tuned") / RECORD.values("frozen"), axis=0)


def test_with_adam_a_trained_table_costs_more_the_more_words_it_has():
    adam = RATIOS[RECORD.config["optimizers"].index("adam")]
    assert adam[0] < 2 and adam[-1] > 5


def test_with_gradient_descent_a_large_table_costs_little():
    descent = RATIOS[RECORD.config["optimizers"].index("sgd")]
    assert descent[-1] < 2


def test_both_are_timed_for_every_optimizer_and_size():
    small = {"vocabularies": [20, 30, 40], "updates": 2, "rounds": 1, "batch": 2}
    found = freezing.time_updates(RECORD.config | small, 0)
    assert {name: np.shape(times) for name, times in found.items()} == {
        "tuned": (2, 3),
        "frozen": (2, 3),
    }
    assert np.min([found["tuned"], found["frozen"]]) > 0
