"""The decoder on its own: what it says is what it hears next.

Cast: a model that keeps the protocol of `models.Seq2Seq` and sources `(B, S)` come in;
ids `(B, L)` come out. `greedy` takes the likeliest word at each step, `beam_search` keeps
several beginnings at once. Each is one compiled call, which ends when every row has said
`<eos>`, or at `max_length`; a row that never said it holds no `<eos>`, and nobody adds one.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from rnncourse.shapes import require_integer
from rnncourse.translation.loops import as_ids

__all__ = ["Beams", "beam_search", "greedy"]


class Beams(NamedTuple):
    """Hypotheses, the best first.

    Attributes:
        ids: `(B, W, L)` int32; after its `<eos>` a row holds `<eos>` only. One without
            `<eos>` was cut off at the maximum length; it stands after all that were not.
        log_probability: Of the words up to and including `<eos>`, in nats, `(B, W)`; -inf
            where there was no further hypothesis.
        score: What they are ranked by, `(B, W)`.
    """

    ids: np.ndarray
    log_probability: np.ndarray
    score: np.ndarray


def greedy(model, source, max_length=30):
    """At each step the likeliest word, the lowest id of several.

    Args:
        model: A `Seq2Seq`.
        source: Ids `(B, S)` as the model was trained on them: reversed, if so, and padded.
        max_length: Most words to say, `<eos>` included.

    Returns:
        Ids, `(B, L)` int32, L ≤ `max_length`; after its `<eos>` a row holds `<eos>` only, and
        one that never said it holds none.

    Raises:
        ValueError: Wrong rank, ids out of range, `max_length` below 1.
        TypeError: No integers.

    >>> from rnncourse.translation.models import EncoderDecoder
    >>> model = EncoderDecoder(9, 12, units=8, embedding=4, go=1, eos=0)
    >>> greedy(model, [[5, 3, 8], [2, -1, -1]], max_length=6).shape[0]
    2
    """
    length = require_integer("max_length", max_length, 1, "ask for at least one word")
    source = as_ids("source", source, model.source_size)
    return _compiled(model, "_greedy", _greedy)(source, tf.constant(length)).numpy()


def beam_search(model, source, width=4, max_length=30, length_penalty=0.0):
    """Keep the `width` likeliest beginnings at each step, not the likeliest one alone.

    A hypothesis that says `<eos>` leaves the beam and is kept beside it; its place is
    filled up from the others at the next step. Width 1 is `greedy`.

    Args:
        model: A `Seq2Seq`.
        source: Ids `(B, S)`.
        width: W, how many are kept, and how many are returned.
        max_length: Most words, `<eos>` included.
        length_penalty: α in the score, log p / nᵅ for a hypothesis of n words, `<eos>`
            included. 0 ranks by probability, which prefers short sentences; 1 by the mean
            log-probability of a word.

    Returns:
        `Beams`.

    Raises:
        ValueError: Wrong rank, ids or numbers out of range.
        TypeError: No integers.

    Source: Sutskever, Vinyals & Le (2014), arXiv:1409.3215, section 3.2; the penalty in the
    form of Wu et al. (2016), arXiv:1609.08144, without its constant 5.

    >>> from rnncourse.translation.models import EncoderDecoder
    >>> model = EncoderDecoder(9, 12, units=8, embedding=4, go=1, eos=0)
    >>> beams = beam_search(model, [[5, 3, 8], [2, -1, -1]], width=3, max_length=6)
    >>> beams.ids.shape[:2], beams.score.shape
    ((2, 3), (2, 3))
    """
    width = require_integer("width", width, 1, "1 is greedy")
    length = require_integer("max_length", max_length, 1, "ask for at least one word")
    if isinstance(length_penalty, bool) or not (
        isinstance(length_penalty, int | float) and 0 <= length_penalty < float("inf")
    ):
        raise ValueError(
            f"`length_penalty` must be a number ≥ 0, got {length_penalty!r}: 0 leaves it out"
        )
    source = as_ids("source", source, model.source_size)
    search = _compiled(model, f"_beam_{width}", lambda m: _beam(m, width))
    ids, log_p, score = search(source, tf.constant(length), tf.constant(length_penalty, tf.float32))
    return Beams(ids.numpy(), log_p.numpy(), score.numpy())


def _compiled(model, name, make):
    """The compiled function of a model, made once; it is freed together with the model."""
    # Past Keras, which would look for layers in it.
    if name not in model.__dict__:
        model.__dict__[name] = make(model)
    return model.__dict__[name]


def _greedy(model):
    @tf.function(
        autograph=False,
        input_signature=[tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((), tf.int32)],
    )
    def decode(source, length):
        state, memory = model.encode(source)
        batch = tf.shape(source)[0]
        words = tf.fill([batch], model.go)
        ended = tf.zeros([batch], tf.bool)
        said = tf.TensorArray(tf.int32, 0, dynamic_size=True, element_shape=(None,))

        def body(t, words, state, ended, said):
            logits, new = model.step(words, state, memory)
            state = tf.nest.pack_sequence_as(state, tf.nest.flatten(new))
            likeliest = tf.argmax(logits, axis=-1, output_type=tf.int32)
            words = tf.where(ended, model.eos, likeliest)
            return t + 1, words, state, ended | (words == model.eos), said.write(t, words)

        *_, said = tf.while_loop(
            lambda t, words, state, ended, said: (t < length) & ~tf.reduce_all(ended),
            body,
            (0, words, state, ended, said),
        )
        return tf.transpose(said.stack())

    return decode


def _beam(model, width):
    vocabulary, never = model.target_size, -np.inf

    def spread(tensor):
        """`(B, ...)` → `(B W, ...)`, each row W times."""
        return tf.repeat(tensor, width, axis=0)

    def choose(tensor, of):
        """Of `(B, W, ...)`, or of more than W, those at `of`, `(B, W)`."""
        return tf.gather(tensor, of, batch_dims=1)

    def best(ids, log_p, score):
        score, of = tf.math.top_k(score, width)
        return choose(ids, of), choose(log_p, of), score

    @tf.function(
        autograph=False,
        input_signature=[
            tf.TensorSpec((None, None), tf.int32),
            tf.TensorSpec((), tf.int32),
            tf.TensorSpec((), tf.float32),
        ],
    )
    def search(source, length, penalty):
        state, memory = tf.nest.map_structure(spread, model.encode(source))
        batch = tf.shape(source)[0]
        nothing = tf.fill([batch, width, length], model.eos)
        # At first all beginnings are one and the same.
        alone = tf.fill([batch, width - 1], never)
        log_p = tf.concat([tf.zeros([batch, 1]), alone], axis=1)
        done = (nothing, tf.fill([batch, width], never), tf.fill([batch, width], never))

        def scored(log_p, n):
            return log_p / tf.cast(n, tf.float32) ** penalty

        def goes_on(t, words, state, ids, log_p, done):
            # A beginning can only become less likely, and at best as long as allowed.
            hope = tf.reduce_max(scored(log_p, length), axis=1)
            # Equal counts as beaten; -inf against -inf is a row that has nothing left.
            return (t < length) & tf.reduce_any(hope > tf.reduce_min(done[2], axis=1))

        def body(t, words, state, ids, log_p, done):
            logits, new = model.step(tf.reshape(words, [-1]), state, memory)
            each = tf.reshape(tf.nn.log_softmax(tf.cast(logits, tf.float32)), [batch, width, -1])
            options = tf.reshape(log_p[..., None] + each, [batch, width * vocabulary])
            log_p, option = tf.math.top_k(options, width)
            parent, words = option // vocabulary, option % vocabulary
            rows = tf.reshape(parent + tf.range(batch)[:, None] * width, [-1])
            new = tf.nest.map_structure(lambda s: tf.gather(s, rows), tf.nest.flatten(new))
            state = tf.nest.pack_sequence_as(state, new)
            here = tf.range(length) == t
            ids = tf.where(here, words[..., None], choose(ids, parent))
            over = words == model.eos
            ended = tf.where(over, log_p, never)
            done = best(
                tf.concat([done[0], ids], axis=1),
                tf.concat([done[1], ended], axis=1),
                tf.concat([done[2], scored(ended, t + 1)], axis=1),
            )
            return t + 1, words, state, ids, tf.where(over, never, log_p), done

        words = tf.fill([batch, width], model.go)
        t, _, _, ids, log_p, done = tf.while_loop(
            goes_on,
            body,
            (0, words, state, nothing, log_p, done),
        )
        # What was cut off comes after all that came to an end, whatever its score.
        cut = best(ids, log_p, scored(log_p, t))
        ids, log_p, score = (tf.concat(pair, axis=1) for pair in zip(done, cut))
        last = tf.repeat([0, 1], width) + 2 * tf.cast(score == never, tf.int32)
        of = tf.argsort(last, axis=1, stable=True)[:, :width]
        ids, log_p, score = choose(ids, of), choose(log_p, of), choose(score, of)
        return ids[..., :t], log_p, score

    return search
