"""Self-checks of lesson 12, Write a language model.

Cast: a function or a number from the reader in, `Feedback` out. Texts and losses are
drawn here, so that an answer made for one does not pass.
"""

import functools

import numpy as np

from rnncourse.data.corpora import lee_news
from rnncourse.data.text import Vocabulary, batch_producer
from rnncourse.exercises.feedback import (
    Miss,
    check,
    require_array,
    require_function,
    require_near,
    require_number,
    require_returned,
    require_whole,
)
from rnncourse.ngrams import Interpolated

ROW = 46_479  # words in each of the 20 rows of the Penn Treebank


@check
def check_batches(batches):
    """Does `batches(ids, batch_size, steps)` give inputs and the words one step ahead?

    Args:
        batches: A function of a stream `(N,)` and two integers that returns the pair
            `(x, y)`, each `(n, batch_size, steps)`.
    """
    require_function(batches, "batches(ids, batch_size, steps)")
    for length, batch_size, steps in ((20, 3, 2), (61, 4, 5), (100, 2, 7)):
        ids = np.random.default_rng(length).permutation(length)
        asked = f"batches(stream of {length}, {batch_size}, {steps})"
        got = require_returned(batches(ids.copy(), batch_size, steps))
        if not isinstance(got, tuple | list) or len(got) != 2:
            raise Miss(f"{asked} must return the pair (x, y), got {type(got).__name__}")
        wanted = batch_producer(ids, batch_size, steps)
        rows = ids[: length // batch_size * batch_size].reshape(batch_size, -1)
        remedy = "cut off what does not fill a window"
        got = [
            require_array(name, part, remedy=remedy) for name, part in zip("xy", got, strict=True)
        ]
        if _laid_out_otherwise(*got, ids, wanted[0]):
            raise Miss(
                f"{asked}: every target follows its input, but the words are laid out otherwise. "
                f"A row has N // B = {rows.shape[1]} words and goes on from batch to batch, and "
                f"its last word is a target only: that makes {len(wanted[0])} batches"
            )
        for name, array, right in zip("xy", got, wanted, strict=True):
            if array.shape == (len(right) + 1, *right.shape[1:]):
                raise Miss(
                    f"{asked} gives {len(array)} batches, one too many: with rows of "
                    f"{length // batch_size} words the last one has no word left to predict"
                )
            if array.shape != right.shape:
                raise Miss(f"`{name}` of {asked} must have shape {right.shape}, got {array.shape}")
            if np.array_equal(array, right):
                continue
            back = np.roll(rows, 1, axis=1)[:, : right.shape[0] * steps]
            slips = {
                "these are the inputs: nothing is left to predict": wanted[0],
                "these words come one step before the inputs, and the network has heard them: the "
                "targets are the stream one step ahead": _cut(back, steps),
            }
            found = [hint for hint, slip in slips.items() if np.array_equal(array, slip)]
            hint = found[0] if found else f"its first batch should be {right[0].tolist()}"
            raise Miss(f"`{name}` of {asked}: {hint}")
    return "inputs, and the same stream one step ahead: three streams agree"


def _laid_out_otherwise(x, y, ids, right):
    """Does each word of `y` follow that of `x` in the stream, though `x` is not as it should be?"""
    possible = right.shape, (len(right) + 1, *right.shape[1:])
    if x.shape != y.shape or x.shape not in possible or np.array_equal(x, right):
        return False
    after = dict(zip(ids[:-1].tolist(), ids[1:].tolist(), strict=True))
    return all(after.get(a) == b for a, b in zip(x.ravel().tolist(), y.ravel().tolist()))


def _cut(rows, steps):
    return rows.reshape(len(rows), -1, steps).swapaxes(0, 1)


@check
def check_perplexity(perplexity):
    """Does `perplexity(losses, words)` average before it takes exp, and weigh by words?

    Args:
        perplexity: A function of the mean loss of each batch, in nats `(n,)`, and of the
            number of words in each, `(n,)`.
    """
    require_function(perplexity, "perplexity(losses, words)")
    for losses, words in (([2.0, 6.0], [10, 10]), ([3.0, 5.0, 4.0], [700, 20, 300])):
        losses, words = np.array(losses), np.array(words)
        got = require_number(
            "perplexity", require_returned(perplexity(losses.copy(), words.copy()))
        )
        slips = {
            "this is the mean of the perplexities: take the mean of the losses, then exp": np.mean(
                np.exp(losses)
            ),
            "this is a weighted mean of perplexities: average the losses, then take exp": (
                np.average(np.exp(losses), weights=words)
            ),
            "this is the mean loss in nats: take exp of it": np.average(losses, weights=words),
            "a batch of 20 words counts as much as one of 700: weigh the losses by the words": (
                np.exp(losses.mean())
            ),
        }
        mean = np.average(losses, weights=words)
        slips["the losses are in nats: exp of their mean, not 2 to the power of it"] = 2**mean
        right = np.exp(mean)
        if abs(got - right) <= 1e-4 * right:
            continue
        for hint, slip in slips.items():
            if abs(got - slip) <= 1e-4 * slip:
                raise Miss(f"got {got:.4g} for losses {losses} over {words} words: {hint}")
        raise Miss(f"got {got:.4g} for losses {losses} over {words} words, expected {right:.4g}")
    return "sum of all losses over number of all words, and exp at the very end"


@check
def check_steps(steps):
    """How many steps at most had the windows of the run whose log shows step 1900?

    Args:
        steps: An integer.
    """
    got = require_whole("steps", steps)
    if got <= 0:
        raise Miss(f"got {got}: a window has at least one step")
    windows = (ROW - 1) // got
    if windows < 1901:
        raise Miss(
            f"got {got}: windows of {got} steps fit {windows:,} times into a row, so the last "
            f"step of an epoch is {windows - 1:,}, before 1,900"
        )
    if (more := (ROW - 1) // (got + 1)) >= 1901:
        raise Miss(f"got {got}: {got + 1} will do as well, they fit {more:,} times")
    return "24 steps at most, while the text speaks of 35: that log is from another run"


@check
def check_rate(rate):
    """Is `rate(epoch)` 1 in the first ten epochs and smaller by a factor of 0.93 in each after?

    Args:
        rate: A function of the number of the epoch, counted from 0.
    """
    require_function(rate, "rate(epoch)")
    for epoch in (0, 5, 9, 10, 11, 37):
        got = require_number(f"rate({epoch})", require_returned(rate(epoch)))
        right = 0.93 ** max(epoch + 1 - 10, 0)
        slips = {
            0.93**epoch: "it should stand still for ten epochs first",
            0.93 ** (epoch - 10): "before the tenth epoch the exponent must not be negative",
            0.93 ** max(epoch - 10, 0): "epochs are counted from 0: number 10 is the eleventh",
            1 - 0.07 * max(epoch - 9, 0): "each epoch multiplies, it does not subtract",
            0.07 ** max(epoch - 9, 0): "7% less leaves 93%: multiply by 0.93",
        }
        slips.pop(right, None)
        require_near(
            f"rate({epoch})", got, right, slips, f"expected {right:.4g}", 1e-6, near_slip=1e-6
        )
    return f"1 until epoch 9, then down to {0.93**28:.2f} in the last of 38 epochs"


@check
def check_vocabulary(size):
    """Does a trigram get below a perplexity of 20 on the news with a vocabulary of `size`?

    Args:
        size: An integer.
    """
    got = require_whole("size", size)
    if got < 2:
        raise Miss(f"got {got}: keep two words at least, `<unk>` and one more")
    found, unknown, words = _trigram(min(got, 10_000))
    if found >= 20 and got > words:
        raise Miss(
            f"got {got:,}: there are {words:,} different words, and with all of them the "
            f"perplexity is {found:.1f}; take fewer"
        )
    if found >= 20:
        raise Miss(
            f"with {got:,} words the perplexity is {found:.1f}: what does a model that only ever "
            "has to say `<unk>` get?"
        )
    return (
        f"{found:.1f}, and {unknown:.0%} of the text is now `<unk>`: a perplexity means nothing "
        "without its vocabulary"
    )


@functools.cache
def _trigram(size):
    """Perplexity of the trigram on the test part, share of `<unk>` there, words it knows."""
    parts = lee_news()
    vocabulary = Vocabulary(parts[0], size=size, unknown="<unk>")
    train, validation, test = map(vocabulary.encode, parts)
    model = Interpolated(len(vocabulary), order=3).fit(train, validation)
    unknown = np.mean(test == vocabulary.encode(["<unk>"]))
    return float(np.exp(-model.log_probabilities(test)[1:].mean())), float(unknown), len(vocabulary)


@check
def check_share(best_share):
    """Does `best_share(p, q)` find how much of each of two models to take?

    Args:
        best_share: A function of what two models gave to each word that came, `(N,)` each,
            that returns the share of the first, between 0 and 1, for which
            share · p + (1 - share) · q has the lowest perplexity.
    """
    require_function(best_share, "best_share(p, q)")
    shares = np.linspace(0, 1, 201)[:, None]
    for seed in range(3):
        rng = np.random.default_rng(seed)
        p, q = rng.beta([[0.4 + 0.1 * seed], [0.25]], 2, (2, 400)) * 0.9 + 1e-3
        losses = -np.log(shares * p + (1 - shares) * q).mean(axis=1)
        got = require_number("share", require_returned(best_share(p.copy(), q.copy())))
        if not 0 <= got <= 1:
            raise Miss(f"got {got:.4g}: expected a share between 0 and 1")
        loss = -np.log(got * p + (1 - got) * q).mean()
        if loss <= losses.min() + 1e-3:
            continue
        right = shares[losses.argmin(), 0]
        if got in (0, 1):
            raise Miss(
                f"got {got:.0f}, all of one of them: a mixture of {right:.2f} and {1 - right:.2f} "
                f"costs {losses.min():.3f} nats a word instead of {loss:.3f}"
            )
        if abs(got - (1 - right)) < 0.02:
            raise Miss(f"got {got:.2f}: that is the share of the second model")
        raise Miss(f"got {got:.2f}, {loss:.3f} nats a word; {losses.min():.3f} are possible")
    return "three pairs of models, and each mixture is better than both of its parts"
