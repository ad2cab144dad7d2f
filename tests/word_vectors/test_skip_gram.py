import numpy as np
import pytest
import tensorflow as tf

from rnncourse.reproduce.skip_grams import COMMON, gensims, planted, purity
from rnncourse.word_vectors import skip_gram as module
from rnncourse.word_vectors.blocks import lay_out, pair_masks
from rnncourse.word_vectors.objectives import negative_sampling_loss
from rnncourse.word_vectors.skip_gram import (
    cbow_update,
    skip_gram_update,
    train_cbow,
    train_skip_gram,
)

V, D, W, L, K, RATE, NEGATIVES = 15, 4, 2, 6, 5, 0.1, 3
SHARE = NEGATIVES / K
LENGTHS = [5, 1, 9, 2, 4]
TOPICS = {"size": 300, "topics": 15, "tokens": 40_000, "lengths": [1, 30], "zipf": 2.7}


@pytest.fixture(scope="module")
def update():
    """The tables before an update, the blocks, their mask and noise, as a learner has them."""
    rng = np.random.default_rng(0)
    ids, owners = rng.integers(0, V, sum(LENGTHS)), np.repeat(np.arange(5), LENGTHS)
    blocks = lay_out(ids, owners, W, L, rng)
    mask = pair_masks(blocks.before, blocks.after, W)
    tables = rng.normal(size=(2, V, D)).astype(np.float32)
    return tables, blocks.words, mask, rng.integers(0, V, K).astype(np.int32)


def changes(step, update):
    """What an update does to vectors and rows."""
    tables, near, mask, noise = update
    variables = [tf.Variable(table) for table in tables]
    step(*variables, near, noise, tf.cast(mask, tf.float32), RATE, SHARE)
    return [(v.numpy() - table) / -RATE for v, table in zip(variables, tables)]


def gradients(loss, update):
    """Those of a summed loss of vectors, rows."""
    variables = [tf.Variable(table) for table in update[0]]
    with tf.GradientTape() as tape:
        total = loss(*variables)
    return [tf.convert_to_tensor(g).numpy() for g in tape.gradient(total, variables)]


def pair_losses(u, rows, targets, noise, share=SHARE, sign=1):
    """Of given vectors and targets, each noise word weighted by a share."""
    true = negative_sampling_loss(u, rows, None, targets, noise[:0])
    all_of_it = negative_sampling_loss(u, rows, None, targets, noise)
    return tf.reduce_sum(true + sign * share * (all_of_it - true))


def skip_gram_loss(update, swap=False, shift=0, **mistake):
    _, near, mask, noise = update
    block, i, j = np.nonzero(mask)
    centres, contexts = near[block, i + W], near[block, np.minimum(j + shift, L + 2 * W - 1)]
    if swap:
        centres, contexts = contexts, centres
    return lambda v, rows: pair_losses(tf.gather(v, centres), rows, contexts, noise, **mistake)


def cbow_loss(update, summed=False):
    _, near, mask, noise = update
    block, i = np.nonzero(mask.any(-1))
    weights = mask[block, i].astype("f4")
    weights /= 1 if summed else weights.sum(-1, keepdims=True)

    def loss(v, rows):
        means = tf.einsum("nj,njd->nd", weights, tf.gather(v, near[block]))
        return pair_losses(means, rows, near[block, i + W], noise)

    return loss


@pytest.mark.parametrize(
    ("step", "loss"), [(skip_gram_update, skip_gram_loss), (cbow_update, cbow_loss)]
)
def test_an_update_is_the_gradient_of_negative_sampling(step, loss, update, assert_close):
    for found, expected in zip(changes(step, update), gradients(loss(update), update)):
        assert_close(found, expected, "float32")


@pytest.mark.parametrize(
    "mistake",
    [{"swap": True}, {"shift": 1}, {"sign": -1}, {"share": 1.0}, {"share": SHARE / 2}],
    ids=str,
)
def test_likely_mistakes_have_other_gradients(mistake, update):
    wrong = gradients(skip_gram_loss(update, **mistake), update)
    found = changes(skip_gram_update, update)
    assert max(np.abs(a - b).max() for a, b in zip(found, wrong)) > 0.05


def test_cbow_takes_the_mean_and_not_the_sum(update):
    wrong = gradients(cbow_loss(update, summed=True), update)
    assert np.abs(changes(cbow_update, update)[0] - wrong[0]).max() > 0.05


@pytest.fixture(scope="module")
def topics():
    sentences, topic = planted(TOPICS, np.random.default_rng(0))
    counts = np.bincount(np.concatenate(sentences), minlength=TOPICS["size"])
    return sentences, lambda vectors: purity(vectors, topic, counts, k=5)


def test_neighbours_are_as_good_as_gensims(topics):
    """Not better than a lucky run of gensim's: as good, up to two in a hundred."""
    sentences, share_right = topics
    settings = COMMON | {"dimensions": 50}
    ours = share_right(train_skip_gram(sentences, TOPICS["size"], **settings))
    assert ours >= share_right(gensims(sentences, TOPICS["size"], settings, 0)) - 0.02
    assert ours > 0.9


def test_cbow_finds_the_neighbours_too(topics):
    sentences, share_right = topics
    vectors = train_cbow(sentences, TOPICS["size"], dimensions=50)
    assert share_right(vectors) > 0.9


def test_too_many_words_at_once_diverge_and_it_is_told(topics):
    sentences, _ = topics
    with pytest.raises(FloatingPointError, match=r"diverged: lower `rate`, or `words`"):
        train_skip_gram(sentences, TOPICS["size"], dimensions=20, words=4000)


def test_the_fewer_words_there_are_the_fewer_are_taken_at_once():
    flat = {size: np.full(size, 1 / size) for size in (50, 500, 5000)}
    chosen = [module._words_at_once(p, p, 0.125, 5) for p in flat.values()]
    assert chosen == [300, 400, 400]
    assert module._words_at_once(flat[50], flat[50], 0.25, 5) == 150
    steep = np.array([0.5, *np.full(50, 0.01)])
    assert module._words_at_once(steep, flat[50], 0.125, 5) == 40


@pytest.mark.parametrize("learn", [train_skip_gram, train_cbow])
def test_a_seed_repeats_the_vectors_and_words_that_never_come_stay(learn):
    text = [[1, 2, 3, 1], [2, 3], [4], [3, 1, 2] * 10]
    first, again, other = (learn(text, 7, dimensions=6, seed=s) for s in (5, 5, 6))
    assert first.shape == (7, 6) and first.dtype == np.float32
    np.testing.assert_allclose(first, again, rtol=1e-5)
    assert np.abs(first - other).max() > 0.01
    longer = learn(text, 7, dimensions=6, seed=5, epochs=4)
    moved = np.abs(longer - first).max(axis=1) > 1e-6
    assert moved.tolist() == [False, True, True, True, False, False, False]


def test_a_watcher_sees_the_vectors_on_their_way():
    seen = []
    text = np.random.default_rng(0).integers(0, 30, (300, 20))
    vectors = train_skip_gram(
        text, 30, dimensions=5, watch=lambda step, v: seen.append((step, v.copy()))
    )
    steps = [step for step, _ in seen]
    assert 30 <= len(steps) <= 60 and steps == sorted(set(steps))
    np.testing.assert_array_equal(seen[-1][1], vectors)
    assert np.abs(seen[0][1] - vectors).max() > 1e-3


def test_noise_can_be_chosen():
    text = [[0, 1], [2, 3]] * 200
    only_three = np.eye(4)[3]
    vectors = train_skip_gram(text, 4, dimensions=5, noise=only_three, epochs=20)
    assert np.abs(vectors - train_skip_gram(text, 4, dimensions=5, epochs=20)).max() > 0.1


def test_thinning_out_and_wide_windows_and_many_lengths_go_together():
    rng = np.random.default_rng(0)
    text = [rng.integers(0, 40, length) for length in [1, 2, 100, 19, 20, 21, 40] * 3]
    vectors = train_skip_gram(text, 40, dimensions=3, window=30, sample=0.01, epochs=2)
    assert vectors.shape == (40, 3) and np.isfinite(vectors).all()


def test_a_text_may_be_thinned_out_to_nothing():
    vectors = train_skip_gram([[0, 1]] * 3, 2, dimensions=3, sample=1e-9, epochs=2)
    assert np.isfinite(vectors).all()


@pytest.mark.parametrize("learn", [train_skip_gram, train_cbow])
def test_a_handful_of_words_does_not_diverge(learn):
    text = np.random.default_rng(0).integers(0, 3, (600, 20))
    assert np.abs(learn(text, 3, dimensions=10)).max() < 5


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"sentences": [["a", "b"]]}, TypeError, "must be integers"),
        ({"sentences": []}, ValueError, "at least one word, got none"),
        ({"sentences": [[1], [2]]}, ValueError, "one of two words or more"),
        ({"sentences": [[1, 9]]}, ValueError, "must lie in 0 … 8, got 9"),
        ({"size": 0}, ValueError, "`size` must be an integer ≥ 1"),
        ({"dimensions": 0}, ValueError, "`dimensions` must be an integer ≥ 1"),
        ({"window": 0}, ValueError, "`window` must be an integer ≥ 1"),
        ({"epochs": 0}, ValueError, "`epochs` must be an integer ≥ 1"),
        ({"epochs": 1.5}, ValueError, "`epochs` must be an integer ≥ 1"),
        ({"words": 0}, ValueError, "`words` must be an integer ≥ 1"),
        ({"rate": 0}, ValueError, "`rate` must be a number > 0"),
        ({"rate": np.nan}, ValueError, "`rate` must be a number > 0"),
        ({"start": 0}, ValueError, "`start` must be a number > 0"),
        ({"negatives": 0}, ValueError, "`negatives` must be a number > 0"),
        ({"sample": -0.1}, ValueError, "`sample` must be a number > 0"),
        ({"noise": [0.5, 0.5]}, ValueError, r"`noise` must have shape \(9,\), got \(2,\)"),
        ({"noise": np.zeros(9)}, ValueError, "sum to 1"),
    ],
)
@pytest.mark.parametrize("learn", [train_skip_gram, train_cbow])
def test_what_cannot_be_learned_from_is_said_so(learn, settings, error, message):
    with pytest.raises(error, match=message):
        learn(**{"sentences": [[1, 2, 3]], "size": 9} | settings)
