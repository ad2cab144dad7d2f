"""A translator for small English sentences, learned once and kept.

Cast: the grammar of `data.grammars.french` makes the lessons; `learn` trains a translator
on them in some seconds; `learned` does so the first time and reads it from the user's cache
folder from then on. The name of the file follows from the version of the package, the
settings and the text of the grammar, so that a translator of another one is never taken. A
file that cannot be read is made anew.
"""

import hashlib
import json
import os
import sys
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np

from rnncourse import __version__
from rnncourse.data.grammars import french
from rnncourse.translation.batches import prepare, vocabularies
from rnncourse.translation.fitting import exact_match, fit
from rnncourse.translation.models import EncoderDecoder
from rnncourse.translation.saving import FORMAT, TranslatorFileError, load, save
from rnncourse.translation.translator import Translator, neighbours

__all__ = ["SETTINGS", "Learned", "cache_folder", "learn", "learned"]

SETTINGS = {
    "sentences": 20_000,
    "max_words": 6,
    "units": 128,
    "embedding": 64,
    "dropout": 0.1,
    "batch_size": 64,
    "updates": 1_800,
    "rate": 0.01,
    "max_length": 30,
}
ASIDE = 500  # sentences that are kept from the training, to see how well it went
GRAMMAR = ("french.py", "french_words.py", "french_clauses.py")


class Learned(NamedTuple):
    """A translator, and where it came from.

    Attributes:
        translator: Ready to use.
        right: Share of sentences, kept from the training, that it gets right word for
            word; `None` if it was read from a file.
        notes: What went wrong with the file, for the reader.
    """

    translator: Translator
    right: float | None
    notes: tuple[str, ...]


def learn(seed=0, settings=None, **options) -> Learned:
    """Train a translator.

    Args:
        seed: Of the sentences drawn and the first weights.
        settings: Any of `SETTINGS`, other than there.
        **options: Of `rnncourse.translation.fitting.fit`, such as `progress`.

    Raises:
        ValueError: A setting that does not exist.
        As `fit`.
    """
    settings = _complete(settings)
    drawn = french.pairs(settings["sentences"] + ASIDE, seed, max_words=settings["max_words"])
    order = np.random.default_rng(seed).permutation(len(drawn))
    lessons, aside = ([drawn[k] for k in part] for part in (order[ASIDE:], order[:ASIDE]))
    words = vocabularies(drawn)
    ready, kept = (prepare(pairs, *words) for pairs in (lessons, aside))
    keras.utils.set_random_seed(seed)
    shape = {name: settings[name] for name in ("units", "embedding", "dropout")}
    model = EncoderDecoder.for_vocabularies(*words, **shape)
    training = {name: settings[name] for name in ("updates", "batch_size", "rate")}
    fit(model, ready, seed=seed, **training, **options)
    met = {pair for source, _ in lessons for pair in neighbours(source)}
    translator = Translator(model, *words, max_length=settings["max_length"], met=met)
    return Learned(translator, float(exact_match(model, kept).mean()), ())


def learned(seed=0, settings=None, *, fresh=False, folder=None, before=None, **options) -> Learned:
    """The translator in the cache folder, trained and put there if there is none.

    Args:
        seed: As for `learn`.
        settings: As for `learn`.
        fresh: Train anew even if there is one.
        folder: Where it is kept; `cache_folder()` if `None`.
        before: Called without arguments before a training begins, if one does.
        **options: As for `learn`.

    Returns:
        `Learned`. A folder that cannot be written to and a file that cannot be read are
        told of in its notes; neither is an error.
    """
    path = Path(folder or cache_folder()) / _name(seed, _complete(settings))
    notes = []
    if not fresh:
        try:
            return Learned(load(path), None, ())
        except FileNotFoundError:
            pass
        except (TranslatorFileError, OSError) as error:
            notes.append(f"trained anew, for the one kept cannot be used: {error}")
    if before is not None:
        before()
    made = learn(seed, settings, **options)
    try:
        save(path, made.translator)
    except OSError as error:
        notes.append(f"not kept for the next time: {error}")
    return made._replace(notes=tuple(notes))


def cache_folder() -> Path:
    """Where a program of this user keeps what it can make again.

    `$RNNCOURSE_CACHE` if that is set; otherwise the folder `rnncourse` in the place that
    the operating system has for it.
    """
    if chosen := os.environ.get("RNNCOURSE_CACHE"):
        return Path(chosen)
    home = Path(os.path.expanduser("~"))
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData/Local") / "rnncourse"
    if sys.platform == "darwin":
        return home / "Library/Caches/rnncourse"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "rnncourse"


def _complete(settings) -> dict:
    strange = [name for name in settings or {} if name not in SETTINGS]
    if strange:
        raise ValueError(
            f"`settings` must be some of {', '.join(SETTINGS)}, got {strange[0]!r}: leave it out"
        )
    return SETTINGS | (settings or {})


def _name(seed, settings) -> str:
    """A file name that follows from all that the translator follows from."""
    digest = hashlib.sha256(json.dumps([settings, FORMAT], sort_keys=True).encode())
    for name in GRAMMAR:
        digest.update(resources.files("rnncourse.data.grammars").joinpath(name).read_bytes())
    return f"french-{__version__}-{seed}-{digest.hexdigest()[:12]}.translator"
