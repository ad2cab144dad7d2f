import pytest

from rnncourse.data.grammars.french_words import (
    ADJECTIVES,
    NOUNS,
    VERBS,
    agreed,
    article_for,
    finish,
    join_french,
    split_french,
)


@pytest.mark.parametrize(
    "text",
    ["j'aime l'eau", "je ne l'entends pas aujourd'hui", "parce qu'il n'est pas d'accord", ""],
)
def test_french_is_split_and_joined_again(text):
    assert join_french(split_french(text)) == text
    assert "aujourd'hui" in split_french("aujourd’hui, j’arrive")


def test_elision_and_contraction_by_hand():
    assert finish("je ne aime pas le enfant".split()) == ["je", "n'", "aime", "pas", "l'", "enfant"]
    assert finish("près de le arbre".split()) == ["près", "de", "l'", "arbre"]
    assert finish("près de les arbres".split()) == ["près", "des", "arbres"]
    assert finish("à le marché".split()) == ["au", "marché"]
    assert finish("ce oiseau voit ma orange".split()) == ["cet", "oiseau", "voit", "mon", "orange"]


def test_every_word_has_all_its_forms():
    assert all(len(about.french.split()) == 5 for about in VERBS.values())
    assert all(len(about.french.split()) == 4 for about in ADJECTIVES.values())
    for about in NOUNS.values():
        assert (about.many is None) == (about.french_many is None)
    for about in [*VERBS.values(), *ADJECTIVES.values()]:
        said = about.objects if about in VERBS.values() else about.nouns
        assert set(said.split()) <= NOUNS.keys()


@pytest.mark.parametrize(
    ("noun", "many", "verb", "negated", "adjective", "wanted"),
    [
        ("milk", False, "drink", False, False, "de le"),
        ("milk", False, "drink", True, False, "de"),
        ("milk", False, "like", True, False, "le"),
        ("cat", True, "see", False, False, "des"),
        ("cat", True, "see", False, True, "de"),
        ("cat", True, "like", False, False, "les"),
    ],
)
def test_where_english_has_no_article_french_has_one_or_de(
    noun, many, verb, negated, adjective, wanted
):
    assert article_for("", NOUNS[noun], many, verb, negated, adjective) == wanted.split()


def test_adjectives_agree():
    assert [agreed("happy", f, m) for f in (False, True) for m in (False, True)] == (
        "heureux heureux heureuse heureuses".split()
    )


def test_text_only_is_split():
    with pytest.raises(TypeError, match="text"):
        split_french(3)
