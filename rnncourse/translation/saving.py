"""A translator as one file: weights, words and settings.

Cast: `save` writes a `Translator` into a zip of NumPy arrays and one text, under another
name first, so that a file is whole or is not there; `load` makes the same translator of it
in any process. Nothing in the file is code. What is no such file, was written by another
version, or is damaged, is refused with a `TranslatorFileError` that says which.
"""

import io
import json
import os
import zipfile
import zlib
from pathlib import Path

import keras
import numpy as np

from rnncourse import __version__
from rnncourse.data.text import Vocabulary
from rnncourse.translation.models import EncoderDecoder, Seq2Seq
from rnncourse.translation.translator import Translator

__all__ = ["FORMAT", "TranslatorFileError", "load", "save"]

FORMAT = 1
ABOUT = "about.json"
WEIGHTS = "weights/{:02d}.npy"
WHAT = "rnncourse translator"
# A damaged file fails in any of these ways, according to where the damage is.
DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError)


class TranslatorFileError(ValueError):
    """A file that holds no translator that can be used here; the text says why."""


def save(path, translator: Translator) -> None:
    """Write a translator into one file.

    Args:
        path: Where to. A file that is there is replaced, in one go.
        translator: What to save. Its model must be registered with `keras.saving`.

    Raises:
        TypeError: No translator.
        ValueError: A model that is not registered, or with weights that are not finite.
        OSError: The file cannot be written; nothing is left behind.
    """
    if not isinstance(translator, Translator):
        raise TypeError(
            f"`translator` must be a Translator, got {type(translator).__name__}: "
            "Translator(model, source_vocabulary, target_vocabulary) makes one"
        )
    model, path = translator.model, Path(path)
    kind = keras.saving.get_registered_name(type(model))
    if keras.saving.get_registered_object(kind) is not type(model):
        raise ValueError(
            f"`translator.model` must be registered, got {type(model).__name__}: put "
            '@keras.saving.register_keras_serializable(package="...") above the class'
        )
    weights = model.get_weights()
    if not all(np.isfinite(array).all() for array in weights):
        raise ValueError("`translator.model` must have finite weights, got NaN or infinity")
    about = {
        "what": WHAT,
        "format": FORMAT,
        "package": __version__,
        "model": kind,
        "settings": model.settings,
        "source": _as_data(translator.source_vocabulary),
        "target": _as_data(translator.target_vocabulary),
        "reverse": translator.reverse,
        "max_length": translator.max_length,
        "met": None if translator.met is None else sorted(translator.met),
        "weights": len(weights),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(ABOUT, json.dumps(about, ensure_ascii=False))
            for k, array in enumerate(weights):
                buffer = io.BytesIO()
                np.save(buffer, array, allow_pickle=False)
                archive.writestr(WEIGHTS.format(k), buffer.getvalue())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def load(path) -> Translator:
    """The translator in a file.

    Args:
        path: Of a file that `save` wrote. A model of a class that is not in this package
            can be read once the module that registers it has been imported.

    Raises:
        TranslatorFileError: No translator, one in another format, a model that is not
            known, or a damaged file.
        OSError: The file cannot be read.
    """
    path = Path(path)
    with open(path, "rb") as file:
        if not zipfile.is_zipfile(file):
            raise TranslatorFileError(
                f"{path.name} must be a translator that save(...) wrote, got another kind of file, "
                "or one cut short: save it again"
            )
        file.seek(0)
        try:
            with zipfile.ZipFile(file) as archive:
                about = _about(archive, path.name)
                weights = [
                    np.load(io.BytesIO(archive.read(WEIGHTS.format(k))), allow_pickle=False)
                    for k in range(about["weights"])
                ]
        except TranslatorFileError:
            raise
        except (*DAMAGES, ValueError, TypeError) as error:
            raise _damaged(path.name, error) from error
    model = _model(about, weights, path.name)
    try:
        return Translator(
            model,
            _as_vocabulary(about["source"]),
            _as_vocabulary(about["target"]),
            reverse=about["reverse"],
            max_length=about["max_length"],
            met=about["met"],
        )
    except (*DAMAGES, ValueError, TypeError) as error:
        raise _damaged(path.name, error) from error


def _about(archive, name) -> dict:
    if ABOUT not in archive.namelist():
        raise TranslatorFileError(
            f"{name} must be a translator that save(...) wrote, got another kind of zip file: "
            "choose the right one"
        )
    about = json.loads(archive.read(ABOUT))
    about = about if isinstance(about, dict) else {}
    if about.get("what") != WHAT:
        raise TranslatorFileError(
            f"{name} must hold a translator, got {about.get('what')!r}: choose the right file"
        )
    if about.get("format") != FORMAT:
        raise TranslatorFileError(
            f"{name} must be in format {FORMAT}, got format {about.get('format')} of rnncourse "
            f"{about.get('package')}: train and save it again with this version"
        )
    return about


def _model(about, weights, name) -> Seq2Seq:
    kind = keras.saving.get_registered_object(about["model"])
    if kind is None:
        raise TranslatorFileError(
            f"{name} holds a model {about['model']}, which is not known here: import the module "
            f"that registers it; {EncoderDecoder.__name__} always is"
        )
    try:
        model = kind(**about["settings"])
    except (ValueError, TypeError) as error:
        raise _damaged(name, error) from error
    expected, got = ([tuple(a.shape) for a in arrays] for arrays in (model.weights, weights))
    if expected != got:
        raise TranslatorFileError(
            f"{name} must hold weights of shapes {expected}, got {got}: save it again with this "
            "version"
        )
    if not all(np.isfinite(array).all() for array in weights):
        raise TranslatorFileError(
            f"{name} must hold finite weights, got NaN or infinity: save it again"
        )
    model.set_weights(weights)
    return model


def _damaged(name, error) -> TranslatorFileError:
    return TranslatorFileError(
        f"{name} must be a whole translator, got a damaged file ({error}): save it again"
    )


def _as_data(vocabulary: Vocabulary) -> dict:
    return {"words": vocabulary.words, "unknown": vocabulary.unknown}


def _as_vocabulary(data) -> Vocabulary:
    # As often as need be to come in the very same order again.
    words = data["words"]
    tokens = [word for k, word in enumerate(words) for _ in range(len(words) - k)]
    return Vocabulary(tokens, unknown=data["unknown"])
