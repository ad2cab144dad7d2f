import itertools
import re
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncourse.data.grammars import french, french_words
from rnncourse.data.grammars.french import combinations, pairs, sample, split
from rnncourse.data.grammars.french_clauses import Writer
from rnncourse.data.grammars.french_words import (
    ADJECTIVES,
    NOUNS,
    VERBS,
    join_french,
)

# Checked by hand, a pattern of the grammar each.
KNOWN = """
i drink milk | je bois du lait
i do not drink milk | je ne bois pas de lait
you drink water | tu bois de l'eau
he never drinks water | il ne boit jamais d'eau
we do not like milk | nous n'aimons pas le lait
i like coffee | j'aime le café
they often drink tea | ils boivent souvent du thé
she has an orange | elle a une orange
i do not have a cat | je n'ai pas de chat
he does not have cats | il n'a pas de chats
we have small cats | nous avons de petits chats
i have my orange | j'ai mon orange
i see her | je la vois
i see her cat | je vois son chat
he does not hear us | il ne nous entend pas
you never hear me | tu ne m'entends jamais
she hears him | elle l'entend
i hear you | je t'entends
i am young | je suis jeune
we are sick | nous sommes malades
she is not happy | elle n'est pas heureuse
an old man sleeps | un vieil homme dort
the beautiful bird sings | le bel oiseau chante
the birds are beautiful | les oiseaux sont beaux
this tree is old | cet arbre est vieux
my mice sleep | mes souris dorment
a white mouse sleeps | une souris blanche dort
the men work | les hommes travaillent
he works near the garden | il travaille près du jardin
he works near the gardens | il travaille près des jardins
she works at the market | elle travaille au marché
we sleep at home | nous dormons à la maison
i write a letter | j'écris une lettre
he arrives | il arrive
he is tired today | il est fatigué aujourd'hui
"""
MASCULINE = "le un ce cet mon ton son".split()
FEMININE = "la une cette ma ta sa".split()
SUBJECTS = {"je": 0, "j'": 0, "tu": 1, "il": 2, "elle": 2, "nous": 3, "ils": 4, "elles": 4}


def writers(count, rooms, seed):
    """Sentences as they are drawn, doubles and all."""
    rng = np.random.default_rng(seed)
    for k in range(count):
        yield Writer(iter(rng.random(400).tolist()).__next__, rooms[k % len(rooms)]).sentence()


@pytest.fixture(scope="module")
def short():
    found = defaultdict(set)
    for sentence in writers(40_000, (2, 3, 4, 4, 4, 5), seed=1):
        found[" ".join(sentence.english)].add(join_french(sentence.french))
    return found


@pytest.fixture(scope="module")
def long():
    return sample(3_000, 2, max_words=20)


def test_every_english_sentence_has_exactly_one_french(short):
    assert max(len(said) for said in short.values()) == 1
    again = defaultdict(set)
    for sentence in writers(6_000, (7, 8), seed=3):
        again[sentence.english].add(sentence.french)
    assert max(len(said) for said in again.values()) == 1


def test_sentences_that_were_translated_by_hand(short):
    known = [line.split(" | ") for line in KNOWN.strip().split("\n")]
    found = [(english, french) for english, french in known if english in short]
    assert len(found) >= 20
    assert {english: short[english] for english, _ in found} == {e: {f} for e, f in found}


def test_words_lean_on_each_other_exactly_where_a_vowel_follows(long):
    for _, words, _ in long:
        for word, after in itertools.pairwise(words):
            vowel = after[0] in "aeiouhàâéèêîôœ"
            if word in {"le", "la", "je", "me", "te", "ne", "de", "que", "ce", "ma", "ta", "sa"}:
                assert not vowel, words
            if word.endswith("'") or word in ("cet", "bel", "vieil"):
                assert vowel, words
            assert (word, after) not in {("de", "le"), ("de", "les"), ("à", "le"), ("à", "les")}
        assert not words[-1].endswith("'")


def test_a_negation_has_two_parts_round_the_verb_and_leaves_de_behind(long):
    denied = 0
    for english, words, _ in long:
        denials = sum(word in ("not", "never") for word in english)
        assert denials == sum(word in ("ne", "n'") for word in words)
        assert denials == sum(word in ("pas", "jamais") for word in words)
        for word, after in itertools.pairwise(words):
            if word in ("pas", "jamais"):
                assert after not in ("du", "des", "un", "une"), words
        denied += denials
    assert denied > 500


def test_verbs_agree_with_the_pronoun_before_them(long):
    columns = defaultdict(set)
    for about in VERBS.values():
        for person, form in enumerate(about.french.split()):
            columns[form].add(person)
    for person, form in enumerate(french_words.ETRE):
        columns[form].add(person)
    starts = {"et", "mais", "quand", "que", "qu'"}
    seen = Counter()
    between = {"ne", "n'", "me", "m'", "te", "t'", "le", "la", "l'", "les"}
    for _, words, _ in long:
        for i, word in enumerate(words[:-1]):
            if word in SUBJECTS and (i == 0 or words[i - 1] in starts):
                j = i + 1
                while words[j] in between or (words[j] == "nous" and words[j + 1] in columns):
                    j += 1
                if words[j] in columns:
                    assert SUBJECTS[word] in columns[words[j]], words
                    seen[word] += 1
    assert min(seen[word] for word in SUBJECTS) >= 10


def test_articles_and_adjectives_have_the_gender_and_number_of_their_noun(long):
    nouns = {about.french: (about.feminine, False) for about in NOUNS.values()}
    plurals = {about.french_many: about.feminine for about in NOUNS.values() if about.french_many}
    checked = 0
    for _, words, _ in long:
        for i, word in enumerate(words):
            before, after = words[max(i - 1, 0)], words[i + 1] if i + 1 < len(words) else ""
            for adjective in ADJECTIVES.values():
                forms = adjective.french.split()
                beside = before if adjective.before else after
                if beside not in {*forms, adjective.vowel} or word not in {*nouns, *plurals}:
                    continue
                if word == "souris":
                    continue
                feminine, many = nouns.get(word) or (plurals[word], True)
                wanted = {forms[feminine + 2 * many]}
                if adjective.vowel and word[0] in "aeiouh" and not feminine and not many:
                    wanted = {adjective.vowel}
                assert beside in wanted, words
                checked += 1
            if word in nouns and word not in plurals and before in MASCULINE + FEMININE:
                euphony = before in ("mon", "ton", "son") and word[0] in "aeiouh"
                assert (before in FEMININE) == nouns[word][0] or euphony, words
                checked += 1
    assert checked > 2_000


def test_they_and_it_take_the_gender_of_what_they_stand_for(long):
    said = Counter()
    for english, words, _ in long:
        if "they" in english[1:]:
            at = english.index("they", 1)
            link = french_words.LINKS[english[at - 1]].split()[-1].replace("que", "qu'")
            k = max(
                i for i, w in enumerate(words) if w == link and words[i + 1] in ("ils", "elles")
            )
            said[words[k + 1]] += 1
    assert min(said["ils"], said["elles"]) > 10
    pattern = re.compile(r"^the (girls|boys|mice|cats) (sleep|sing|dance) and they ")
    for english, words, _ in sample(4_000, 8, max_words=8, min_words=6):
        if match := pattern.match(" ".join(english)):
            wanted = "elles" if match[1] in ("girls", "mice") else "ils"
            assert wanted in words


def test_the_french_of_the_lesson_is_in_the_grammar(short):
    assert short["i drink milk"] == {"je bois du lait"}
    assert short["i do not drink milk"] == {"je ne bois pas de lait"}


@given(st.integers(0, 1000), st.integers(2, 9), st.integers(0, 6))
def test_a_sample_keeps_its_lengths_and_has_no_doubles(seed, least, more):
    found = sample(12, seed, min_words=least, max_words=least + more)
    assert all(least <= len(english) <= least + more for english, _, _ in found)
    assert len({english for english, _, _ in found}) == 12
    assert found == sample(12, np.random.default_rng(seed), min_words=least, max_words=least + more)
    assert found[0][:2] == pairs(1, seed, min_words=least, max_words=least + more)[0]


def test_lengths_reach_to_twenty_words():
    lengths = Counter(len(english) for english, _ in pairs(3_000, 4, max_words=20))
    assert min(lengths[n] for n in range(3, 18)) > 30
    assert lengths[20] > 5


@pytest.fixture(scope="module", params=[(0, 2), (0, 3), (7, 3)], ids=str)
def parts(request):
    seed, words = request.param
    return split(seed, words=words, train=3_000, test=300, max_words=7)


def forms(word):
    """All forms of a word of the dictionary."""
    if word in NOUNS:
        return {word, NOUNS[word].many}
    return {word, VERBS[word].third} if word in VERBS else {word}


def stands(english, combination):
    """Do the words stand in this order, close together, with no other clause begun between?"""
    text, places = " ".join(english), [forms(word) - {None} for word in combination]
    between = r"(?: (?!(?:that|and|but|because|when|in|near|behind|with)\b)\w+){0,3}? "
    options = [f"(?:{'|'.join(sorted(place))})" for place in places]
    return re.search(r"\b" + between.join(options) + r"\b", text) is not None


def test_held_out_combinations_never_stand_in_training_and_always_in_the_test(parts):
    close = [c for c in parts.held_out if len(c) == 3 or c[0] in VERBS]
    assert len(close) > 5
    for combination in close:
        assert not any(stands(english, combination) for english, _ in parts.train), combination
    shown = sum(any(stands(english, c) for c in parts.held_out) for english, _ in parts.test)
    assert shown > 0.8 * len(parts.test)


def test_every_form_of_the_test_stands_in_training_and_no_sentence_does(parts):
    for side in (0, 1):
        learnt = {word for pair in parts.train for word in pair[side]}
        assert learnt.issuperset(word for pair in parts.test for word in pair[side])
    assert not {english for english, _ in parts.train} & {english for english, _ in parts.test}
    size = len(next(iter(parts.held_out)))
    for k in range(1, size):
        for places in itertools.combinations(range(size), k):
            had, held = (
                Counter(tuple(c[i] for i in places) for c in some)
                for some in (combinations(size), parts.held_out)
            )
            assert all(2 * held[part] <= had[part] for part in had)
    assert 0.09 < len(parts.held_out) / len(combinations(size)) < 0.11


def test_a_split_comes_again_with_its_seed_and_another_with_another():
    one, again, other = (split(seed, train=300, test=5) for seed in (3, 3, 4))
    assert one == again
    assert one.held_out != other.held_out
    assert ("i", "drink", "milk") in one.held_out & other.held_out
    assert ("drink", "milk") in split(3, words=2, train=300, test=5).held_out
    assert split(3, always=[("i", "see", "cat")], train=300, test=1).held_out > {
        ("i", "see", "cat")
    }


def test_a_leak_would_be_seen(monkeypatch):
    drawn = french.sample
    monkeypatch.setattr(french, "sample", lambda *a, wanted, **more: drawn(*a, **more))
    leaking = split(0, train=3_000, test=10, max_words=7)
    with pytest.raises(AssertionError):
        assert not any(stands(e, c) for e, _ in leaking.train for c in leaking.held_out)


def test_whatever_meets_in_a_sentence_is_a_combination(long):
    possible = set(combinations(2)) | set(combinations(3))
    met = {pair for sentence in long for pair in sentence.combinations}
    assert met <= possible
    assert len(met) > 0.8 * len(possible)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: sample(-1, 0), ValueError, "count"),
        (lambda: sample(1.5, 0), ValueError, "count"),
        (lambda: sample(5, 0, max_words=1), ValueError, "max_words"),
        (lambda: sample(5, 0, min_words=1), ValueError, "min_words"),
        (lambda: sample(31, 0, max_words=2), ValueError, "found 30"),
        (lambda: combinations(4), ValueError, "words"),
        (lambda: split(0, 0.5), ValueError, "held_out"),
        (lambda: split(0, always=[("i", "drink", "shoes")]), ValueError, "shoes"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_bad_input_is_answered(call, error, match):
    with pytest.raises(error, match=match):
        call()
