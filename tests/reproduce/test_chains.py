"""Chains are distributions, back off as they say, and are asked about what is to come."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.data.tunes import tunes
from rnncourse.reproduce import chains
from rnncourse.reproduce.chains import Chain, Setting

TEXTS = [tune.tokens for tune in tunes()[:8]]
PAIRS = st.lists(
    st.tuples(st.tuples(st.sampled_from("ab"), st.sampled_from("abc")), st.sampled_from("abcd")),
    min_size=1,
    max_size=12,
)


@given(PAIRS, st.sampled_from([0.3, 0.85]), st.tuples(*[st.sampled_from("abx")] * 2))
def test_probabilities_add_up_to_one(pairs, discount, context):
    chain = Chain(4, discount).fit(pairs)
    p = [chain.probability(context, answer) for answer in "abcd"]
    assert min(p) > 0 and sum(p) == pytest.approx(1)


def test_a_case_by_hand():
    """After A came B twice and C once; B came after one pitch, C after two."""
    pairs = [(("A",), "B"), (("A",), "B"), (("A",), "C"), (("D",), "C")]
    chain = Chain(size=4, discount=0.5).fit(pairs)
    no_context = (1 - 0.5 + 0.5 * 2 / 4) / 3  # of B
    assert chain.probability((), "B") == pytest.approx(no_context)
    assert chain.probability(("A",), "B") == pytest.approx((2 - 0.5 + 0.5 * 2 * no_context) / 3)
    assert chain.probability(("Z",), "B") == pytest.approx(no_context)


def test_questions_are_about_what_comes_and_never_tell_it():
    text = ["3/4", "G,2", "|", "C4", "E", "||"]
    assert chains.questions(text, 0, 2) == [
        (("3/4", "3/4"), "2"),
        (("2", "3/4"), "|"),
        (("|", "2"), "4"),
        (("4", "|"), "1"),
        (("1", "4"), "||"),
    ]
    assert chains.questions(text, 1, 1) == [(("3/4",), "G,"), (("G,",), "C"), (("C",), "E")]
    assert [pair[0] for pair in chains.questions(text, 1, 0)] == [()] * 3


def test_who_knows_metre_or_place_has_it_in_the_context():
    text = ["3/4", "G,2", "|", "C4", "E", "||"]
    metre = chains.questions(text, 0, 1, "metre")
    assert metre[2] == (("|", "3/4"), "4")
    place = chains.questions(text, 0, 1, "place")
    assert place[4] == ((("3/4", True, 5), "1"), "||")
    later = list(text)
    later[4] = "E2"
    assert chains.questions(later, 0, 1, "place")[:3] == place[:3]


@pytest.mark.parametrize("side", [0, 1])
def test_the_chosen_setting_is_the_best_of_the_menu(side):
    size = chains.sizes(TEXTS)[side]
    best = chains.choose(TEXTS[:5], TEXTS[5:], side, size)

    def nats(setting):
        chain = chains.train(TEXTS[:5], side, setting, size)
        return sum(chains.cost(chain, text, side, setting.order) for text in TEXTS[5:])

    menu = [Setting(n, d) for n in chains.ORDERS for d in chains.DISCOUNTS]
    assert nats(best) == pytest.approx(min(map(nats, menu)))


def test_what_chains_compose_is_a_text_and_cold_is_always_the_same():
    pair = [chains.train(TEXTS, side, Setting(1, 0.85), n) for side, n in enumerate((11, 20))]
    hot = [
        chains.compose(pair, (1, 1), ["3/4"], 20, np.random.default_rng(seed)) for seed in range(5)
    ]
    assert len({tuple(piece) for piece in hot}) > 1
    for piece in hot:
        assert piece[0] == "3/4" and (len(piece) == 21 or piece[-1] == "||")
        chains.questions(piece, 0, 1)
    cold = [
        chains.compose(pair, (1, 1), ["3/4"], 9, np.random.default_rng(seed), 0) for seed in (1, 2)
    ]
    assert cold[0] == cold[1]


def test_lengths_and_pitches_are_counted():
    assert chains.sizes([["4/4", "C2", "C", "z", "|", "D2", "||"]]) == (4, 3)


def test_a_chain_that_keeps_its_counts_whole_is_seen(monkeypatch):
    """The likely mistake: shorter contexts count tokens, not the contexts they came in."""
    chain = Chain(4, 0.5).fit([(("A",), "B"), (("A",), "B"), (("A",), "C"), (("D",), "C")])
    chain.levels[0][()]["B"] = 2
    with pytest.raises(AssertionError):
        assert chain.probability((), "B") == pytest.approx((1 - 0.5 + 0.5 * 2 / 4) / 3)
