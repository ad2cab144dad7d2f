import numpy as np
import pytest

from rnncourse.data import images
from rnncourse.data.images import Parts, bottom_up, digits


def test_the_parts_hold_all_images_and_none_twice():
    from sklearn.datasets import load_digits

    rows = [tuple(row) for part in digits() for row in part.x.reshape(len(part.x), -1)]
    whole = [tuple(row) for row in (load_digits().data / 16).astype(np.float32)]
    assert sorted(rows) == sorted(whole)


@pytest.mark.parametrize("seed", [0, 1, 17])
def test_each_part_holds_the_ten_digits_in_equal_shares(seed):
    parts = digits(seed)
    whole = np.bincount(np.concatenate([part.y for part in parts]), minlength=10)
    for part, share in zip(parts, (3 / 5, 1 / 5, 1 / 5), strict=True):
        assert np.all(np.abs(np.bincount(part.y, minlength=10) - share * whole) < 2)


def test_an_image_keeps_its_label_and_its_rows():
    from sklearn.datasets import load_digits

    bunch = load_digits()
    labels = {tuple(image.ravel()): label for image, label in zip(bunch.images, bunch.target)}
    for part in digits():
        for x, y in zip(part.x, part.y, strict=True):
            assert labels[tuple(np.round(16 * x).ravel().astype(float))] == y


def test_ink_lies_between_paper_and_black():
    for part in digits():
        assert part.x.dtype == np.float32
        assert (part.x.min(), part.x.max()) == (0, 1)


def test_the_cut_follows_the_seed_and_no_part_is_sorted():
    once, again, other = digits(3), digits(3), digits(4)
    assert np.array_equal(once.test.x, again.test.x)
    assert not np.array_equal(once.test.y, other.test.y)
    assert np.any(np.diff(once.train.y) < 0)


@pytest.mark.parametrize("seed", [-1, 0.5, "0", None, True])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises(ValueError, match="`seed` must be an integer ≥ 0"):
        digits(seed)


def test_bottom_up_turns_the_rows_and_not_the_columns():
    x = np.arange(12).reshape(1, 3, 4)
    assert bottom_up(x)[0, 0].tolist() == [8, 9, 10, 11]
    assert np.array_equal(bottom_up(bottom_up(x)), x)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (np.zeros((8, 8)), ValueError, r"shape \(B, T, F\)"),
        (np.zeros((0, 8, 8)), ValueError, "at least one sequence"),
        ([["a"]], TypeError, "must hold numbers"),
    ],
)
def test_what_is_no_image_is_not_turned(x, error, message):
    with pytest.raises(error, match=message):
        bottom_up(x)


def test_parts_cut_without_regard_to_class_would_be_seen(monkeypatch):
    x, y = (np.concatenate(arrays) for arrays in zip(*digits(), strict=True))

    def careless(seed):
        order = np.argsort(y, kind="stable")
        cuts = np.split(order, [1077, 1437])
        return Parts(*(images.Part(x[cut], y[cut]) for cut in cuts))

    monkeypatch.setitem(globals(), "digits", careless)
    with pytest.raises(AssertionError):
        test_each_part_holds_the_ten_digits_in_equal_shares(0)
