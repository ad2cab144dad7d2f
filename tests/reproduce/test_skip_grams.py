import numpy as np
import pytest

from rnncourse.reproduce import records, skip_grams
from rnncourse.reproduce.skip_grams import SWEEPS, TEXT8, planted, purity, rank_correlation

PURITY, SPEED, REAL = (records.load(sweep.name) for sweep in SWEEPS)
CASE = SWEEPS[0].config["cases"][-1]


def test_neighbours_are_as_good_as_gensims_unless_no_word_is_frequent():
    """In the fourth text all words are rare alike: three epochs bring gensim farther there."""
    ours, gensim, chance = (PURITY.values(name) for name in ("ours", "gensim", "chance"))
    behind = ours.mean(0) < gensim.mean(0) - 0.02
    assert behind.tolist() == [False, False, False, True, False]
    assert np.all(gensim.mean(0) > 5 * chance[0])


def test_a_start_as_near_to_zero_as_gensims_learns_later():
    near_zero = PURITY.values("ours_from_gensims_start").mean(0)
    assert np.all(near_zero <= PURITY.values("ours").mean(0) + 0.01)


def test_our_tokens_per_second_are_well_above_gensims():
    ratios = SPEED.values("ours") / SPEED.values("gensim")
    assert len(ratios) == 5 and np.median(ratios) >= 1.3
    assert np.all(SPEED.values("ours_purity") >= SPEED.values("gensim_purity") - 0.02)


def test_on_real_text_neither_analogies_nor_likeness_are_worse():
    for task in ("analogies", "likeness"):
        ours, gensim = (REAL.values(f"{name}_{task}") for name in ("ours", "gensim"))
        assert ours[:, 0].mean() >= gensim[:, 0].mean() - 0.02
        for value, low, high in [*ours, *gensim]:
            assert low < value < high
    assert np.median(REAL.values("ours_speed") / REAL.values("gensim_speed")) > 1.3


def test_planted_words_meet_those_of_their_topic():
    sentences, topics = planted(CASE, np.random.default_rng(0))
    lengths = np.array(list(map(len, sentences)))
    assert lengths.sum() == CASE["tokens"] and lengths.max() == CASE["lengths"][1]
    assert np.bincount(topics).tolist() == [CASE["size"] // CASE["topics"]] * CASE["topics"]
    same = [np.mean(topics[s[:-1]] == topics[s[1:]]) for s in sentences if len(s) > 1]
    # Both words of the topic, a quarter; otherwise by chance.
    assert np.mean(same) == pytest.approx(0.25 + 0.75 / CASE["topics"], abs=0.03)
    assert np.all(np.diff(np.bincount(np.concatenate(sentences))[:200:40]) < 0)


def test_purity_is_one_for_vectors_of_topics_and_chance_for_any():
    rng = np.random.default_rng(0)
    topics, counts = np.arange(400) % 20, np.full(400, 20)
    assert purity(np.eye(20)[topics] + 0.01 * rng.normal(size=(400, 20)), topics, counts, 5) == 1
    assert purity(rng.normal(size=(400, 20)), topics, counts, 5) == pytest.approx(0.05, abs=0.02)
    counts[:200] = 19  # too rare to be asked
    torn = np.where(counts[:, None] < 20, 0.5, np.eye(20)[topics] + 0.01)
    assert purity(torn, topics, counts, 5) == 1


def test_ranks_ignore_scale_and_share_places():
    rng = np.random.default_rng(0)
    a = rng.normal(size=50)
    assert rank_correlation(a, np.exp(3 * a)) == pytest.approx(1)
    assert rank_correlation(a, -a) == pytest.approx(-1)
    stats = pytest.importorskip("scipy.stats")
    b = rng.integers(0, 5, 50)
    assert rank_correlation(a, b) == pytest.approx(stats.spearmanr(a, b).statistic)


def test_real_text_is_read_in_pieces_and_rare_words_left_out(tmp_path, monkeypatch):
    monkeypatch.setenv("RNNCOURSE_DATA", str(tmp_path))
    (tmp_path / TEXT8).parent.mkdir()
    (tmp_path / TEXT8).write_text(" the cat the dog the cat sat the")
    sentences, words = skip_grams.read_text8(2, 4)
    assert words == ["the", "cat"]
    assert [s.tolist() for s in sentences] == [[0, 1, 0, 0], [1, 0]]


def test_questions_of_unknown_words_are_left_out():
    words = "king queen man woman tiger cat paris france".split()
    questions, pairs, judgements, asked = skip_grams.known_questions(words)
    assert asked == [19_544, 353]
    assert {frozenset(q) for q in questions.tolist()} == {frozenset({0, 1, 2, 3})}
    assert [[4, 5], 7.35] in [[p, j] for p, j in zip(pairs.tolist(), judgements.tolist())]
