"""Whatever is typed gets a translation, or an answer that says what to do."""

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.data.prompts import PromptError
from rnncourse.translation.batches import prepare, vocabularies
from rnncourse.translation.fitting import fit
from rnncourse.translation.models import EncoderDecoder
from rnncourse.translation.translator import MOST_WORDS, Translation, Translator, neighbours

PAIRS = [
    ("i drink milk", ["je", "bois", "du", "lait"]),
    ("i do not drink milk", ["je", "ne", "bois", "pas", "de", "lait"]),
    ("i like milk", ["j'", "aime", "le", "lait"]),
    ("the child is tired", ["l'", "enfant", "est", "fatigué"]),
    ("you drink", ["tu", "bois"]),
    ("i am tired", ["je", "suis", "fatigué"]),
]


@pytest.fixture(scope="module")
def translator():
    words = vocabularies(PAIRS)
    keras.utils.set_random_seed(0)
    model = EncoderDecoder.for_vocabularies(*words, units=32, embedding=16)
    fit(model, prepare(PAIRS, *words), 120, batch_size=6, rate=0.03, jit=False)
    met = {pair for english, _ in PAIRS for pair in neighbours(english.split())}
    return Translator(model, *words, met=met, max_length=12)


@pytest.mark.parametrize(
    ("text", "french"),
    [
        ("I drink milk", "je bois du lait"),
        ("I DRINK MILK.", "je bois du lait."),
        ("  i \n drink\tmilk ", "je bois du lait"),
        ("I like milk", "j'aime le lait"),
        ("the child is tired", "l'enfant est fatigué"),
        ("You drink? I drink milk!", "tu bois? je bois du lait!"),
        ("I don’t drink milk", "je ne bois pas de lait"),
        ("i'm tired", "je suis fatigué"),
        ("\u201cI drink milk\u201d", "je bois du lait"),
        ("I drink, milk", "je bois du lait"),
        ("... I drink milk...", "je bois du lait."),
        ("I drink mi\x1b[Alk".replace("mi\x1b[A", "\x1b[Ami"), "je bois du lait"),
    ],
)
def test_small_sentences_come_out_in_french(translator, text, french):
    translation = translator.translate(text)
    assert translation.text == str(translation) == french
    assert all(translation.ended)


def test_french_comes_out_in_composed_letters(translator):
    text = translator.translate("i am tired").text
    assert "\u00e9" in text and "e\u0301" not in text


def test_many_sentences_are_one_call_and_do_not_change_each_other(translator):
    together = translator.translate("I drink milk. You drink. I am tired.")
    alone = [translator.translate(s).words[0] for s in ("i drink milk", "you drink", "i am tired")]
    assert list(together.words) == alone
    assert translator.translate_words([["i", "drink", "milk"], ["you", "drink"]]) == [
        ["je", "bois", "du", "lait"],
        ["tu", "bois"],
    ]


def test_a_source_in_the_wrong_order_is_seen(translator):
    """The likely mistake: trained on reversed sources, asked with others."""
    forgot = Translator(
        translator.model, translator.source_vocabulary, translator.target_vocabulary, reverse=False
    )
    with pytest.raises(AssertionError):
        for english, french in PAIRS:
            assert forgot.translate_words([english.split()]) == [french]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("", "no words in this"),
        (" ?! ", "no words in this"),
        ("\x1b[A", "no words in this"),
        ("I drikn milk", "'drikn' is not among its words, the nearest is 'drink'"),
        ("I drink 7 milks", "'milks' is not among its words, the nearest is 'milk'"),
        ("🐄", "'🐄' is not among its words, and none of them is near it"),
        ("a b c d e f", "and 3 more are not"),
        ("x" * 100_000, "is not among its words"),
        ("milk " * (MOST_WORDS + 1), "a sentence of 61 words is too long, 60 are the most"),
    ],
)
def test_what_it_cannot_read_is_answered(translator, text, answer):
    with pytest.raises(PromptError, match=answer) as error:
        translator.translate(text)
    assert len(str(error.value)) < 400


def test_words_never_met_side_by_side_are_said_to_be(translator):
    assert translator.translate("I drink milk").notes == ()
    (note,) = translator.translate("milk drink milk").notes
    assert "never met in training: 'milk' as the first word, 'milk drink'" in note
    (note,) = translator.translate("milk tired am is the").notes
    assert "'the' as the last word" not in note and "and 3 more" in note
    assert "'child' as the last word" in translator.translate("the child").notes[0]


def test_without_a_record_of_the_training_it_says_nothing_of_it(translator):
    silent = Translator(
        translator.model, translator.source_vocabulary, translator.target_vocabulary
    )
    assert silent.translate("milk drink milk").notes == ()


def test_what_was_done_to_the_text_is_noted(translator):
    notes = translator.translate("I don't drink, milk. I don't drink milk.").notes
    assert notes == ("commas are left out", "\"don't\" is read as 'do not'")


def test_a_sentence_without_end_is_cut_off_and_said_to_be(translator):
    short = Translator(
        translator.model, translator.source_vocabulary, translator.target_vocabulary, max_length=3
    )
    translation = short.translate("I do not drink milk. You drink.")
    assert translation.ended == (False, True)
    assert translation.text == "je ne bois … tu bois."
    assert translation.notes == ("no end came within 3 words: cut off at …",)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30))
def test_any_text_gets_an_answer(translator, text):
    try:
        assert isinstance(translator.translate(text), Translation)
    except PromptError as error:
        assert str(error)


def test_a_model_of_other_words_is_refused(translator):
    other = vocabularies([("a", "b")])
    with pytest.raises(ValueError, match="made for these vocabularies"):
        Translator(translator.model, *other)
    with pytest.raises(TypeError, match="must be a Seq2Seq"):
        Translator("model", *other)
    with pytest.raises(TypeError, match="`text` must be a text"):
        translator.translate(["i", "drink"])
    with pytest.raises(ValueError, match="max_length"):
        Translator(
            translator.model,
            translator.source_vocabulary,
            translator.target_vocabulary,
            max_length=0,
        )
