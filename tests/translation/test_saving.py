"""A translator comes back from its file as it was, also elsewhere; other files are refused."""

import io
import json
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest

from rnncourse.translation import saving
from rnncourse.translation.batches import vocabularies
from rnncourse.translation.decoding import greedy
from rnncourse.translation.models import EncoderDecoder, Seq2Seq
from rnncourse.translation.saving import TranslatorFileError, load, save
from rnncourse.translation.translator import Translator, neighbours
from tools.imports import ROOT

PAIRS = [("i drink milk", "je bois du lait"), ("i am tired", "je suis fatigué")]
WORDS = vocabularies(PAIRS)


def translator(cell="gru", **settings):
    keras.utils.set_random_seed(3)
    model = EncoderDecoder.for_vocabularies(*WORDS, units=16, embedding=8, cell=cell, dropout=0.1)
    for variable in model.weights:
        if variable.dtype == "float32":
            variable.assign(4 * variable)
    met = [pair for english, _ in PAIRS for pair in neighbours(english.split())]
    return Translator(model, *WORDS, **{"max_length": 9, "met": met} | settings)


def numbers(made):
    """Logits and translations of everything it can be asked with three words."""
    size = made.model.source_size
    ids = np.stack(np.meshgrid(*[np.arange(size)] * 3), axis=-1).reshape(-1, 3).astype(np.int32)
    state, _ = made.model.encode(ids)
    return greedy(made.model, ids, 9), [s.numpy() for s in state]


def rewritten(path, name, content):
    """The same zip with another member `name`, or without it if `content` is `None`."""
    with zipfile.ZipFile(path) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    members[name] = content
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in members.items():
            if data is not None:
                archive.writestr(member, data)


def about(path, **changes):
    with zipfile.ZipFile(path) as archive:
        return json.dumps(json.loads(archive.read(saving.ABOUT)) | changes)


@pytest.fixture
def path(tmp_path):
    save(tmp_path / "mine.translator", translator())
    return tmp_path / "mine.translator"


@pytest.mark.parametrize(
    "settings", [{}, {"cell": "lstm", "reverse": False, "met": None}], ids=["gru", "lstm"]
)
def test_what_comes_back_is_the_same_bit_for_bit(tmp_path, settings):
    made = translator(**settings)
    save(tmp_path / "t", made)
    back = load(tmp_path / "t")
    (said, states), (other, others) = numbers(made), numbers(back)
    assert np.array_equal(said, other)
    assert all(np.array_equal(a, b) for a, b in zip(states, others))
    assert back.model.settings == made.model.settings
    assert back.source_vocabulary.words == made.source_vocabulary.words
    assert back.target_vocabulary.words == made.target_vocabulary.words
    for name in ("reverse", "max_length", "met"):
        assert getattr(back, name) == getattr(made, name)
    assert back.translate("milk am").notes == made.translate("milk am").notes


def test_another_process_says_the_same_bit_for_bit(path):
    code = (
        "import sys, numpy as np; sys.path.insert(0, 'tests/translation')\n"
        "from test_saving import load, numbers\n"
        "said, states = numbers(load(sys.argv[1]))\n"
        "sys.stdout.write(repr((said.tobytes(), [s.tobytes() for s in states])))"
    )
    command = [sys.executable, "-c", code, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said, states = numbers(load(path))
    assert done.stdout == repr((said.tobytes(), [s.tobytes() for s in states]))


def test_a_file_is_there_whole_or_not_at_all(path, monkeypatch):
    before = path.read_bytes()

    def full(*_, **__):
        raise OSError(28, "no space left")

    monkeypatch.setattr(saving.np, "save", full)
    with pytest.raises(OSError, match="no space"):
        save(path, translator("lstm"))
    assert path.read_bytes() == before and len(list(path.parent.iterdir())) == 1


def test_a_file_cut_short_anywhere_is_refused(path):
    whole = path.read_bytes()
    for end in np.linspace(0, len(whole) - 1, 40).astype(int):
        path.write_bytes(whole[:end])
        with pytest.raises(TranslatorFileError, match=r"mine\.translator"):
            load(path)


def test_a_changed_byte_never_passes_for_another_translator(path):
    whole, expected = path.read_bytes(), numbers(load(path))[1]
    for place in np.linspace(0, len(whole) - 1, 60).astype(int):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
        try:
            states = numbers(load(path))[1]
        except TranslatorFileError:
            continue
        assert all(np.array_equal(a, b) for a, b in zip(states, expected))  # a byte of no matter


@pytest.mark.parametrize(
    ("member", "content", "message"),
    [
        (saving.ABOUT, None, "another kind of zip"),
        (saving.ABOUT, "not json", "damaged"),
        (saving.ABOUT, "[]", "must hold a translator"),
        (saving.ABOUT, '{"what": "cake"}', "must hold a translator, got 'cake'"),
        (saving.ABOUT, {"format": 99}, "format 1, got format 99 of rnncourse"),
        (saving.ABOUT, {"model": "elsewhere>Model"}, "elsewhere>Model, which is not known here"),
        (saving.ABOUT, {"settings": {"units": 3}}, "damaged"),
        (saving.ABOUT, {"source": {"words": ["a"], "unknown": None}}, "damaged"),
        (saving.ABOUT, {"max_length": "long"}, "damaged"),
        (saving.WEIGHTS.format(0), None, "damaged"),
        (saving.WEIGHTS.format(0), b"\x80\x04.", "damaged"),
    ],
)
def test_what_is_no_such_translator_is_named(path, member, content, message):
    if isinstance(content, dict):
        content = about(path, **content)
    rewritten(path, member, content)
    with pytest.raises(TranslatorFileError, match=message):
        load(path)


def test_weights_of_other_shapes_or_not_finite_are_refused(path):
    for array, message in (
        (np.zeros((2, 2), np.float32), "weights of shapes"),
        (np.full((5, 8), np.nan, np.float32), "finite"),
        (np.array([object()]), "damaged"),
    ):
        buffer = io.BytesIO()
        np.save(buffer, array, allow_pickle=True)
        rewritten(path, saving.WEIGHTS.format(0), buffer.getvalue())
        with pytest.raises(TranslatorFileError, match=message):
            load(path)


def test_no_file_is_the_system_s_own_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nothing")
    (tmp_path / "zip").write_bytes(b"PK")
    with pytest.raises(TranslatorFileError, match="another kind of file"):
        load(tmp_path / "zip")


def test_what_cannot_be_saved_is_named(tmp_path):
    with pytest.raises(TypeError, match="must be a Translator"):
        save(tmp_path / "t", "translator")

    class Nameless(Seq2Seq):
        def __init__(self):
            super().__init__()
            sizes = {"source_size": len(WORDS[0]), "target_size": len(WORDS[1])}
            go, eos = WORDS[1].encode(["<go>", "<eos>"])
            self.keep(**sizes, go=int(go), eos=int(eos))

    with pytest.raises(ValueError, match="must be registered, got Nameless"):
        save(tmp_path / "t", Translator(Nameless(), *WORDS))
    broken = translator()
    broken.model.head.bias.assign(np.full(len(WORDS[1]), np.nan))
    with pytest.raises(ValueError, match="finite weights"):
        save(tmp_path / "t", broken)
    assert not list(tmp_path.iterdir())
