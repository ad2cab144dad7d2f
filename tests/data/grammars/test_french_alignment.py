import itertools

import numpy as np
import pytest

from rnncourse.data.grammars import french_alignment
from rnncourse.data.grammars.french_alignment import (
    ENGLISH,
    FRENCH,
    alignment,
    articles,
    diagonal,
)
from rnncourse.data.grammars.french_words import ADJECTIVES, NOUNS, VERBS

CASES = [
    ("i drink milk", "je bois du lait", [-1, 1, -1, 2]),
    ("the small black cats sleep", "les petits chats noirs dorment", [-1, 1, 3, 2, 4]),
    ("she does not eat soup", "elle ne mange pas de soupe", [-1, -1, 3, 2, -1, 4]),
    (
        "the cat sees the cat that sees her",
        "le chat voit le chat qui la voit",
        [-1, 1, 2, -1, 4, -1, -1, 6],
    ),
    (
        "i am sick because it is cold today",
        "je suis malade parce qu' il est froid aujourd'hui",
        [-1, 1, 2, 3, -1, -1, 5, 6, 7],
    ),
    ("he never writes every day", "il n' écrit jamais tous les jours", [-1, -1, 2, 1, 3, -1, 4]),
]


@pytest.mark.parametrize(("english", "french", "places"), CASES, ids=[case[0] for case in CASES])
def test_a_case_aligned_by_hand_comes_out(english, french, places):
    assert alignment(english.split(), french.split()).tolist() == places


def test_no_form_stands_for_two_words():
    english = [{w, n.many} - {None} for w, n in NOUNS.items()]
    english += [{w, v.third} for w, v in VERBS.items()] + [{w} for w in ADJECTIVES]
    french = [{n.french, n.french_many} - {None} for n in NOUNS.values()]
    french += [set(v.french.split()) for v in VERBS.values()]
    french += [{*a.french.split(), a.vowel} - {None} for a in ADJECTIVES.values()]
    for forms in (english, french):
        assert not any(a & b for a, b in itertools.combinations(forms, 2))
    assert set(FRENCH.values()) <= set(ENGLISH.values())


def test_every_content_word_of_the_grammar_has_its_place():
    for word in [*NOUNS, *VERBS, *ADJECTIVES]:
        assert ENGLISH[word] == word
        assert word in FRENCH.values()


def test_what_is_no_translation_is_refused():
    with pytest.raises(ValueError, match=r"got 'chat' 1 times: English has 'cat' 0 times"):
        alignment(["a", "dog"], ["un", "chat"])
    with pytest.raises(ValueError, match="got 'dors' 2 times"):
        alignment(["i", "sleep"], ["je", "dors", "dors"])


@pytest.mark.parametrize(("source", "target"), [(1, 1), (5, 5), (3, 7), (20, 24), (9, 4)])
def test_the_diagonal_goes_from_the_first_word_to_the_last(source, target):
    places = diagonal(source, target)
    assert places.shape == (target,)
    assert np.all(np.diff(places) >= 0) and places[0] <= source // target
    assert source - 1 - source // target <= places[-1] <= source - 1
    if source == target:
        assert places.tolist() == list(range(source))


def test_words_taken_in_any_order_are_seen(monkeypatch):
    """The likely mistake: a word that comes twice stands for the first place both times."""
    english, french, places = CASES[3]

    def first(english, french):
        found = alignment(english, french)
        return np.array([english.index(english[k]) if k >= 0 else -1 for k in found])

    monkeypatch.setattr(french_alignment, "alignment", first)
    with pytest.raises(AssertionError):
        assert french_alignment.alignment(english.split(), french.split()).tolist() == places


@pytest.mark.parametrize(
    ("english", "french", "both"),
    [
        ("the black cat sleeps", "le chat noir dort", {0: (0, 2)}),
        ("an old woman sees the small mouse", "une vieille femme voit la petite souris", None),
        ("she sees her", "elle la voit", {}),
        ("i drink water in the evening", "je bois de l' eau le soir", {}),
        ("he eats soup at home", "il mange de la soupe à la maison", {}),
        ("this cat likes milk", "ce chat aime le lait", {}),
        ("the cats sleep", "les chats dorment", {}),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_an_article_hangs_on_two_words(english, french, both):
    found = articles(english.split(), french.split())
    both = {0: (0, 2), 4: (4, 6)} if both is None else both
    assert {t: tuple(row) for t, row in enumerate(found.tolist()) if row[0] >= 0} == both
