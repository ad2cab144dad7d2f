"""Recorded series come out whole, and a wrong file is told so."""

import numpy as np
import pytest
from matplotlib.cbook import get_sample_data

from rnncourse.data.recordings import read_closes, read_eeg, sample_path


@pytest.mark.parametrize("name", ["eeg.dat", "goog.npz"])
def test_a_sample_is_found_where_matplotlib_finds_it(name):
    assert str(sample_path(name)) == str(get_sample_data(name, asfileobj=False))


def test_an_unknown_sample_is_told_so():
    with pytest.raises(FileNotFoundError, match=r"'nothing.dat'"):
        sample_path("nothing.dat")


def test_the_eeg_has_four_channels_of_standard_size():
    eeg = read_eeg(sample_path("eeg.dat"))
    assert eeg.shape == (800, 4)
    np.testing.assert_allclose(eeg.std(axis=0), 1, atol=0.01)
    np.testing.assert_allclose(eeg.mean(axis=0), 0, atol=0.01)


def test_prices_are_positive_and_days_ascend():
    days, closes = read_closes(sample_path("goog.npz"))
    assert days.shape == closes.shape == (1047,)
    assert np.all(np.diff(days).astype(int) > 0)
    assert np.all(closes > 50)


@pytest.mark.parametrize("numbers", [[], [1.0, 2.0, 3.0], [1.0, np.nan, 3.0, 4.0]])
def test_a_file_that_is_no_eeg_is_refused(tmp_path, numbers):
    path = tmp_path / "some.dat"
    np.array(numbers, float).tofile(path)
    with pytest.raises(ValueError, match=r"some.dat: is it Matplotlib's eeg.dat\?"):
        read_eeg(path)


def test_a_file_without_prices_is_refused(tmp_path):
    np.savez(tmp_path / "some.npz", other=[1])
    with pytest.raises(ValueError, match=r"\['other'\] in some.npz"):
        read_closes(tmp_path / "some.npz")
