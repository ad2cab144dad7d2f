import io
import tarfile

import numpy as np
import pytest

from rnncourse.reproduce import borrowing, polarity, records

RECORD = records.load("polarity")
CASES = RECORD.config["cases"]
RIGHT = RECORD.values("right")


def test_rates_and_strengths_are_those_that_did_best_on_the_validation_part():
    found = borrowing.best(records.load("polarity-rates"))
    assert not set(records.load("polarity-rates").results) & set(RECORD.results)
    for case in CASES:
        key = tuple(case.get(name) for name in ("reader", "lender", "tuned", "labelled"))
        assert {name: case[name] for name in found[key]} == found[key], case


@pytest.fixture
def films(tmp_path, monkeypatch):
    """A corpus in which one word tells the verdict, and no vectors of Wikipedia but three."""
    (tmp_path / "sentence_polarity").mkdir()
    path = tmp_path / "sentence_polarity" / "rt-polaritydata.tar.gz"
    rng = np.random.default_rng(0)
    filler = ["film", "plot", "cast", "scene"]
    with tarfile.open(path, "w:gz") as archive:
        for name, word in (("pos", "lovely"), ("neg", "dreary")):
            lines = [f"{word} {' '.join(rng.choice(filler, 3))} {k} . \n" for k in range(100)]
            content = "".join(lines).encode("cp1252")
            info = tarfile.TarInfo(f"rt-polaritydata/rt-polarity.{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    monkeypatch.setenv("RNNCOURSE_DATA", str(tmp_path))
    lent = (["lovely", "dreary", "never"], rng.normal(size=(3, 6)))
    monkeypatch.setattr(polarity, "wikipedia", lambda: lent)
    for cached in (polarity.parts, polarity.words):
        cached.cache_clear()
    yield
    for cached in (polarity.parts, polarity.words):
        cached.cache_clear()


SMALL = polarity.SETTINGS | {
    "units": 4,
    "updates": 60,
    "every": 30,
    "longest": 6,
    "lending": {"dimensions": 6, "window": 2, "epochs": 1},
}


def test_a_lenders_words_are_known_though_no_sentence_has_them(films):
    mine, lent = polarity.words(None), polarity.words("Wikipedia")
    assert mine[0] == "<unk>" and set(lent) - set(mine) == {"never"}
    ids, lengths = polarity.encode(SMALL, None, [["lovely", "nonsense"]])
    assert ids[0, :2].tolist() == [mine.index("lovely"), 0] and lengths.tolist() == [2]


@pytest.mark.parametrize("part", [1, 2])
def test_what_one_word_tells_is_learned_with_any_vectors(films, part):
    regressions = [
        {"reader": "counts", "labelled": None, "C": 1.0},
        {"reader": "mean", "lender": "Wikipedia", "labelled": None, "C": 10.0},
    ]
    readers = [
        {"reader": "gru", "lender": lender, "tuned": tuned, "labelled": 40, "rate": 0.05}
        for lender, tuned in ((None, True), ("Wikipedia", False), ("sentences", True))
    ]
    score = polarity.choose if part == 1 else polarity.read_films
    found = score(SMALL | {"cases": regressions + readers}, (0, 1))
    assert len(found) == 2
    for result in found:
        assert min(result["right"]) > 0.9
        assert [len(course) for course in result["course"]] == [2] * 5


def test_the_test_part_is_asked_by_the_last_sweep_only():
    assert [sweep.run_all for sweep in polarity.SWEEPS] == [polarity.choose, polarity.read_films]
