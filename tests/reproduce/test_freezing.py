import numpy as np

from rnncourse.reproduce import freezing, records

RECORD = records.load("freezing-time")


RATIOS = np.median(RECORD.values("tuned") / RECORD.values("frozen"), axis=0)


def test_with_adam_a_trained_table_costs_more_the_more_words_it_has():
    adam = RATIOS[RECORD.config["optimizers"].index("adam")]
    assert adam[0] < 2 and adam[-1] > 5


def test_with_gradient_descent_a_large_table_costs_too_but_less_than_with_adam():
    adam, descent = RATIOS
    assert RECORD.config["optimizers"] == ["adam", "sgd"]
    assert 2 < descent[-1] < adam[-1]


def test_both_are_timed_for_every_optimizer_and_size():
    small = {"optimizers": ["sgd"], "vocabularies": [20, 30], "updates": 2, "rounds": 1}
    found = freezing.time_updates(RECORD.config | small, 0)
    assert {name: np.shape(times) for name, times in found.items()} == {
        "tuned": (1, 2),
        "frozen": (1, 2),
    }
    assert np.min([found["tuned"], found["frozen"]]) > 0
