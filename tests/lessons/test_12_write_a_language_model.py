"""What lesson 12 says, for other texts, sizes and seeds than the page's."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.data.corpora import lee_news
from rnncourse.data.grammars import sentences
from rnncourse.data.text import Vocabulary, batch_producer
from rnncourse.evaluation import perplexity
from rnncourse.networks.language_models import LanguageModel, score, stream_loss
from rnncourse.ngrams import Interpolated, KneserNey, Unigram
from rnncourse.reproduce import records
from rnncourse.training.loop import train

treebank = records.load("penn-treebank").results["0"]


def test_targets_are_the_stream_one_step_ahead():
    stream = np.random.default_rng(4).permutation(200)
    x, y = batch_producer(stream, batch_size=4, steps=6)
    place = {word: at for at, word in enumerate(stream)}
    assert all(place[b] == place[a] + 1 for a, b in zip(x.ravel(), y.ravel(), strict=True))


@pytest.mark.parametrize(("words", "row", "windows"), [(20, 6, 2), (21, 7, 3)])
def test_the_worked_example_needs_the_integers_from_1_to_20(words, row, windows):
    x, _ = batch_producer(np.arange(words), batch_size=3, steps=2)
    assert words // 3 == row
    assert len(x) == windows


def test_some_targets_of_the_treebank_are_never_used():
    tokens = treebank["tokens"][0]
    rows, windows = tokens // 20, (tokens // 20 - 1) // 35
    assert (rows, windows) == (treebank["row"], treebank["batches"])
    assert tokens - 1 - windows * 20 * 35 == treebank["unused"] == 688


def test_no_window_of_35_steps_has_the_number_1850():
    assert treebank["batches"] == 1327
    assert (treebank["row"] - 1) // 24 > 1900 >= (treebank["row"] - 1) // 25


def test_a_trigram_comes_within_six_points_of_the_printed_accuracy():
    trigram = treebank["scored_accuracy"][2]
    assert 0.22 < trigram < 0.283 < trigram + 0.06


@pytest.mark.parametrize("seed", range(3))
def test_the_mean_of_perplexities_is_never_below_the_perplexity_of_the_mean(seed):
    losses = np.random.default_rng(seed).gamma(4, 1, 50)
    assert np.exp(losses).mean() > perplexity(losses.mean())
    assert perplexity(np.log(17)) == pytest.approx(17)


# Floors.


def test_each_word_of_memory_lowers_the_floor_and_none_reaches_the_last():
    floors = [sentences.entropy_after(back) for back in range(5)] + [sentences.entropy_rate()]
    assert floors == sorted(floors, reverse=True)
    assert perplexity(floors[2]) > 1.3 * perplexity(floors[-1])


def test_counting_comes_to_what_two_words_can_tell_and_not_below():
    tokens = sentences.sample(200_000, seed=31)
    vocabulary = Vocabulary(tokens)
    new = vocabulary.encode(sentences.sample(30_000, seed=32))
    held_out = vocabulary.encode(sentences.sample(10_000, seed=33))
    table = Interpolated(len(vocabulary), order=3).fit(vocabulary.encode(tokens), held_out)
    loss = -table.log_probabilities(new)[1:].mean()
    assert loss == pytest.approx(sentences.entropy_after(2), abs=0.03)


def test_most_of_twenty_networks_come_within_three_percent_of_the_floor_and_all_within_five():
    above = records.load("grammar-words").values("new")[:, 0]
    assert len(above) == 20
    assert np.all((above > 0.98) & (above < 1.05))
    assert np.sum(above < 1.03) >= 15


def test_nearly_all_networks_with_more_text_come_within_three_percent_of_the_floor():
    above = records.load("grammar-floor").values("new")[:, 0]
    assert len(above) == 20
    assert np.all(above > 0.98)
    assert np.sum(above < 1.03) >= 18


def test_a_small_network_learns_what_no_trigram_can_say():
    tokens = sentences.sample(200_000, seed=41)
    vocabulary = Vocabulary(tokens)
    keras.utils.set_random_seed(41)
    model = LanguageModel(len(vocabulary), units=40, layers=1)
    x, y = batch_producer(vocabulary.encode(tokens), batch_size=50, steps=10)
    loss, state = stream_loss(model, x, y)
    rate = keras.optimizers.schedules.CosineDecay(0.03, len(x))
    train(loss, [model], keras.optimizers.Adam(rate), len(x), carry=[state], clip=1.0)
    new = vocabulary.encode(sentences.sample(10_000, seed=42))
    cost = -score(model, new).log_probability.mean()
    assert cost < sentences.entropy_after(2) - 0.05


# The state.


def test_carrying_the_state_in_training_lowers_the_perplexity():
    carried, reset = np.moveaxis(records.load("grammar-words").values("new"), 1, 0)
    assert np.sum(carried < reset) >= 18
    carried, reset = np.moveaxis(records.load("news-words").values("test")[:, :2], 1, 0)
    assert np.median(reset) > np.median(carried)


def test_only_the_first_few_words_need_warming_up():
    cold = records.load("news-words").values("cold")[:, 0]  # (networks, 20)
    assert np.all(cold[:, 0] > 0.1)
    assert np.all(np.abs(cold[:, 5:].mean(axis=1)) < 0.02)


@pytest.mark.parametrize("rows", [1, 7])
def test_rows_and_steps_need_not_match_to_restore(rows):
    trained = LanguageModel(20, 5)
    trained.build((None, None))
    other = LanguageModel(20, 5)
    other(tf.zeros((rows, 3), tf.int32))
    other.set_weights(trained.get_weights())
    words = np.random.default_rng(0).integers(20, size=(rows, 11))
    assert np.array_equal(other(words)[0], trained(words)[0])


# News.


def test_a_smaller_vocabulary_lowers_the_perplexity_of_the_same_trigram():
    parts, found = lee_news(), []
    for size in (50, 500, 1500):
        kept = Vocabulary(parts[0], size=size, unknown="<unk>")
        a, b, c = map(kept.encode, parts)
        model = Interpolated(size, order=3).fit(a, b)
        found.append(perplexity(-model.log_probabilities(c)[1:].mean()))
    assert found == sorted(found)
    assert found[0] < 20


@functools.cache
def tables():
    """Perplexity of tables on validation and test, `(2,)` each."""
    parts = lee_news()
    known = Vocabulary(parts[0], size=2000, unknown="<unk>")
    train_on, *asked = map(known.encode, parts)
    models = {
        "unigram": Unigram(2000).fit(train_on),
        "trigram": Interpolated(2000, order=3).fit(train_on, asked[0]),
        "Kneser-Ney": KneserNey(2000, order=3).fit(train_on),
    }
    p = {n: [np.exp(m.log_probabilities(ids)) for ids in asked] for n, m in models.items()}
    heard = [fading_cache(ids, 0.99) for ids in asked]
    p["cache"] = [0.88 * a + 0.12 * b for a, b in zip(p["Kneser-Ney"], heard, strict=True)]
    return {name: [perplexity(-np.log(part[1:]).mean()) for part in of] for name, of in p.items()}


def fading_cache(ids, keep):
    weights = keep ** np.arange(1000)
    return np.array(
        [
            weights[: min(t, 1000)]
            @ (ids[max(t - 1000, 0) : t][::-1] == ids[t])
            / max(weights[:t].sum(), 1)
            for t in range(len(ids))
        ]
    )


def test_every_network_on_news_is_below_the_trigram_and_the_mixture_below_both():
    record = records.load("news-words")
    network, mixed = record.values("test")[:, 0], record.values("mixed")[:, 0]
    assert np.all(network < tables()["trigram"][1])
    assert np.all(mixed < 0.95 * network)
    assert tables()["trigram"][1] < tables()["unigram"][1]


def test_beside_the_stronger_table_one_part_says_one_thing_and_the_other_another():
    record, (check_on, test) = records.load("news-words"), tables()["Kneser-Ney"]
    assert np.all(record.values("test")[:, 0] < test)
    assert np.all(record.values("validation")[:, 0, -1] > check_on)


def test_a_table_with_a_cache_is_below_every_network():
    record, (check_on, test) = records.load("news-words"), tables()["cache"]
    assert np.all(record.values("test")[:, 0] > test)
    assert np.all(record.values("validation")[:, 0, -1] > check_on)


def test_the_sources_recipe_needs_more_passes_than_ours():
    ours, source = np.moveaxis(records.load("news-words").values("test")[:, [0, 2]], 1, 0)
    assert np.all(source > ours)


def test_predicted_words_are_in_their_line_more_often_than_in_another_but_seldom():
    own, other = np.moveaxis(records.load("news-words").values("shared")[:, 0], 1, 0)
    assert np.all(own > other)
    assert np.all(own < 0.5)


# Recipes.


def recipes():
    return {name: records.load("grammar-descent").values(name) for name in ("new", "old")}


def longer():
    return {name: records.load("grammar-longer").values(name) for name in ("new", "old")}


def test_a_falling_rate_helps_gradient_descent():
    new = recipes()["new"]
    assert np.all(new[:, 1] < new[:, 0])


def test_a_mean_over_steps_is_a_smaller_rate_and_a_looser_clip():
    new = recipes()["new"]
    assert np.all(new[:, 2] > new[:, 0])
    assert np.median(new[:, 3]) == pytest.approx(np.median(new[:, 0]), abs=0.02)
    assert np.median(longer()["new"][:, 2]) == pytest.approx(np.median(new[:, 0]), abs=0.02)


def test_large_batches_are_not_stuck_but_get_fewer_updates():
    new, old = recipes()["new"], recipes()["old"]
    assert np.all(new[:, 4] > new[:, 0])  # as many passes
    assert np.all(old[:, 5] < old[:, 0])  # as many updates
    assert np.median(longer()["new"][:, 0]) < np.median(new[:, 0])  # stopped in time


def test_more_passes_and_more_units_learn_a_small_text_by_heart():
    new, old = recipes()["new"], recipes()["old"]
    assert np.all(old[:, 5] < old[:, 4] - 0.1)
    assert abs(np.median(new[:, 5]) - np.median(new[:, 4])) < 0.02
    assert np.all(longer()["new"][:, 0] < new[:, [4, 5]].min(axis=1))
    assert np.all(longer()["new"][:, 1] > new[:, 0])
    assert np.all(new[:, 6] > new[:, 0])
    assert np.median(old[:, 6]) < np.median(old[:, 0])


@pytest.mark.parametrize("steps", [4, 9])
def test_a_sum_over_steps_makes_gradients_as_many_times_longer(steps):
    keras.utils.set_random_seed(steps)
    model = LanguageModel(12, 5)
    x, y = batch_producer(np.random.default_rng(1).integers(12, size=100), 3, steps)
    loss, _ = stream_loss(model, x, y)
    norms = []
    for factor in (1, steps):
        with tf.GradientTape() as tape:
            value = factor * loss(tf.constant(0))
        gradient = tape.gradient(value, [v.value for v in model.trainable_variables])
        norms.append(float(tf.linalg.global_norm(gradient)))
    assert norms[1] == pytest.approx(steps * norms[0], rel=1e-4)


def test_who_fetches_the_next_window_matters_little():
    times = records.load("text-feeding").values("update")  # (seeds, cases, ways)
    ratios = np.median(times[..., 1:3] / times[..., :1], axis=0)
    assert np.all((ratios > 0.5) & (ratios < 2))
