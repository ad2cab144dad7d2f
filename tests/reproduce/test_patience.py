import numpy as np
import pytest

from rnncourse.data.images import Part, Parts
from rnncourse.reproduce import digits, patience
from rnncourse.reproduce.patience import SWEEPS, filled, follow

SMALL = digits.SOURCE | {"units": 12, "epochs": 6, "batch": 20, "rate": 0.03}


def strokes(count=100, seed=0):
    """Images of five rows whose class is the row with ink, 0 to 4."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 5, count)
    x = 0.2 * rng.random((count, 5, 3))
    x[np.arange(count), y] += 0.8
    return Part(x.astype("float32"), y)


@pytest.fixture(autouse=True)
def few_images(monkeypatch):
    part = strokes()
    monkeypatch.setattr(patience, "digits", lambda: Parts(part, part, Part(None, None)))


@pytest.mark.parametrize("rows", [0, 1, 3, 5])
def test_the_first_rows_are_kept_and_the_others_are_those_of_the_mean(rows):
    rng = np.random.default_rng(rows)
    x, mean = rng.random((4, 5, 3)).astype("float32"), rng.random((5, 3))
    page = filled(x, rows, mean)
    assert page.dtype == x.dtype
    assert np.array_equal(page[:, :rows], x[:, :rows])
    assert np.allclose(page[:, rows:], mean[rows:])
    assert page.shape == x.shape


def test_all_ways_to_ask_give_a_curve_and_meet_at_the_end():
    found = follow(SMALL, 1)
    assert [np.shape(found[way]) for way in ("own", "spelled", "finished")] == [(5,)] * 3
    assert found["own"][-1] == found["finished"][-1]
    model = digits.learn(SMALL, 1, strokes())
    assert found["train"] == found["own"][-1] == digits.score(model, strokes())


def test_without_epochs_the_weights_stay_as_drawn():
    found = follow(SMALL | {"epochs": 0}, 1)
    model = digits.network(SMALL, 1, 5, 3)
    assert found["train"] == digits.score(model, strokes())
    assert found["spelled"][-1] > found["own"][-1]


def test_the_patient_ones_get_three_times_as_long_as_the_tutorials():
    epochs = [(sweep.config | case)["epochs"] for sweep in SWEEPS for case in sweep.config["cases"]]
    assert set(epochs) <= {0, 50, 150}
    assert max(epochs) == 3 * digits.SOURCE["epochs"]
