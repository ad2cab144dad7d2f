"""Series that somebody recorded, read from files that a dependency ships.

Cast: the path of a file comes in, an array comes out. The files are sample data of
Matplotlib; `matplotlib.cbook.get_sample_data(name, asfileobj=False)` and
`sample_path(name)` give their paths. Nothing is fetched.
"""

import importlib.util
from pathlib import Path

import numpy as np

__all__ = ["read_closes", "read_eeg", "sample_path"]

EEG_CHANNELS = 4


def sample_path(name):
    """Where Matplotlib keeps its sample `name`; Matplotlib is found, not imported.

    Raises:
        FileNotFoundError: Matplotlib is not installed, or has no such file.

    >>> sample_path("eeg.dat").name
    'eeg.dat'
    """
    found = importlib.util.find_spec("matplotlib")
    folder = Path(found.origin).parent / "mpl-data" / "sample_data" if found else Path(name)
    if not (folder / name).is_file():
        raise FileNotFoundError(
            f"`name` must be a file among Matplotlib's samples, got {name!r}: "
            "install Matplotlib, or give the file's own path to the reader"
        )
    return folder / name


def read_eeg(path):
    """Voltages at four places of a scalp, in their own standard deviations.

    Args:
        path: Of `eeg.dat`: 800 samples of 4 channels, 10 seconds, in float64.

    Returns:
        `(800, 4)`.

    Raises:
        ValueError: The file does not hold whole samples of four finite numbers.

    >>> read_eeg(sample_path("eeg.dat")).shape
    (800, 4)
    """
    numbers = np.fromfile(path, np.float64)
    if not numbers.size or numbers.size % EEG_CHANNELS or not np.isfinite(numbers).all():
        raise ValueError(
            f"`path` must hold samples of {EEG_CHANNELS} finite numbers, got {numbers.size} "
            f"numbers in {Path(path).name}: is it Matplotlib's eeg.dat?"
        )
    return numbers.reshape(-1, EEG_CHANNELS)


def read_closes(path):
    """Days and closing prices of one share.

    Args:
        path: Of `goog.npz`: Google, August 2004 to October 2008, from Yahoo Finance.

    Returns:
        `(days, closes)`, each `(T,)`, oldest first; the closes adjusted for splits.

    Raises:
        ValueError: The file holds no prices.

    >>> days, closes = read_closes(sample_path("goog.npz"))
    >>> str(days[0]), len(closes)
    ('2004-08-19', 1047)
    """
    with np.load(path) as file:
        if "price_data" not in file:
            raise ValueError(
                f"`path` must hold `price_data`, got {sorted(file)} in {Path(path).name}: "
                "is it Matplotlib's goog.npz?"
            )
        prices = file["price_data"]
    return prices["date"], prices["adj_close"].astype(float)
