"""Teaching a decoder: with what it should have said, or now and then with what it did say.

Cast: `Prepared` pairs and a model that keeps the protocol of `models.Seq2Seq` come in;
`fit` trains through `training.loop.train`, and `token_loss` and `exact_match` say how well.
Batches hold sentences of about one length, so that little of them is padding: `order` deals
them out, epoch after epoch.
"""

from numbers import Real

import keras
import numpy as np
import tensorflow as tf

from rnncourse.shapes import require_integer
from rnncourse.training.loop import train
from rnncourse.translation.batches import PAD, Prepared
from rnncourse.translation.decoding import greedy
from rnncourse.translation.loops import as_ids

__all__ = ["exact_match", "fit", "masked_mean", "order", "sampled_logits", "token_loss"]


def fit(
    model,
    prepared,
    updates,
    *,
    batch_size=64,
    rate=0.01,
    final_rate=0.0,
    seed=0,
    sampling=0.0,
    optimizer=None,
    jit=True,
    clip=1.0,
    **options,
):
    """Train a model to say the targets: mean cross-entropy of their words, `<eos>` included.

    Args:
        model: A `Seq2Seq`.
        prepared: The pairs, from `batches.prepare`.
        updates: How many batches to learn from.
        batch_size: Pairs in a batch.
        rate: Learning rate of Adam at the start; it falls to `final_rate` along a cosine.
        final_rate: At the last update.
        seed: Of the order of the batches, of dropout and of sampling.
        sampling: Scheduled sampling: share of words that the decoder is given from its own
            mouth instead of the target, rising in a straight line from 0 at the first
            update to this at the last. 0 is teacher forcing.
        optimizer: Another Keras optimizer; `rate` and `final_rate` are not used then.
        jit: Compile with XLA: some seconds more at the start, faster from then on.
        clip: As for `train`.
        **options: Others of `rnncourse.training.loop.train`, such as `checkpoint`,
            `after_call`, `progress`, `steps_per_call`.

    Returns:
        The loss at each update, `(updates,)`.

    Raises:
        ValueError: Numbers out of range, ids that the model has no words for, fewer pairs
            than a batch holds.
        As `train`.

    Source: teacher forcing, Williams & Zipser (1989), doi:10.1162/neco.1989.1.2.270; scheduled
    sampling, Bengio et al. (2015), arXiv:1506.03099, with its linear schedule.

    >>> from rnncourse.translation.batches import prepare, vocabularies
    >>> from rnncourse.translation.models import EncoderDecoder
    >>> pairs = [("I drink milk", "je bois du lait"), ("I run", "je cours")]
    >>> words = vocabularies(pairs)
    >>> keras.utils.set_random_seed(0)
    >>> model, ready = EncoderDecoder.for_vocabularies(*words, units=16), prepare(pairs, *words)
    >>> losses = fit(model, ready, updates=40, batch_size=2, rate=0.03, jit=False)
    >>> exact_match(model, ready).tolist()
    [True, True]
    """
    prepared = _checked(model, prepared)
    updates = require_integer("updates", updates, 1, "train for at least one")
    if isinstance(sampling, bool) or not (isinstance(sampling, Real) and 0 <= sampling <= 1):
        raise ValueError(
            f"`sampling` must be a share, 0 … 1, got {sampling!r}: 0 is teacher forcing"
        )
    seed = require_integer("seed", seed, 0, "choose another")
    if optimizer is None:
        for name, value, least in (("rate", rate, "> 0"), ("final_rate", final_rate, "≥ 0")):
            if not (isinstance(value, Real) and (value > 0 or (least == "≥ 0" and value == 0))):
                raise ValueError(f"`{name}` must be a number {least}, got {value!r}: try 0.01")
        schedule = keras.optimizers.schedules.CosineDecay(rate, updates, alpha=final_rate / rate)
        optimizer = keras.optimizers.Adam(schedule)
    dealt = order(prepared, updates, batch_size, seed)
    widths = [
        (array != PAD).sum(axis=1)[dealt].max(axis=1)
        for array in (prepared.source, prepared.targets)
    ]
    dealt, read, said = (tf.constant(a, tf.int32) for a in (dealt, *widths))
    arrays = [tf.constant(a) for a in (prepared.source, prepared.inputs, prepared.targets)]

    def loss(step):
        source, inputs, targets = (tf.gather(array, dealt[step]) for array in arrays)
        if not jit:
            # XLA needs one width for all batches, and leaves the rest out by itself.
            source, inputs = source[:, : read[step]], inputs[:, : said[step]]
            targets = targets[:, : said[step]]
        if sampling:
            share = sampling * tf.cast(step, tf.float32) / max(updates - 1, 1)
            logits = sampled_logits(model, source, inputs, share, [seed, step], training=True)
        else:
            logits = model.logits(source, inputs, training=True)
        return masked_mean(logits, targets)

    return train(loss, [model], optimizer, updates, seed=seed, jit=jit, clip=clip, **options)


def masked_mean(logits, targets):
    """Mean cross-entropy in nats over the words of `targets`, `(B, T, V)`, `(B, T)` → `()`.

    Padding counts nowhere: neither among the losses nor among the words they are divided by.
    """
    there = targets != PAD
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
        tf.maximum(targets, 0), tf.cast(logits, tf.float32)
    )
    # `where` and no product: what a padded step holds must not matter even if it is NaN.
    losses = tf.where(there, losses, 0.0)
    return tf.reduce_sum(losses) / tf.maximum(tf.reduce_sum(tf.cast(there, tf.float32)), 1.0)


def sampled_logits(model, source, inputs, share, seed, training=False):
    """As `model.logits`, but some of the words given to the decoder are its own.

    At each step after the first a coin is thrown for each row; with probability `share` the
    decoder hears the likeliest word of the step before instead of the target's. No gradient
    goes through that choice.

    Args:
        model: A `Seq2Seq`.
        source: `(B, S)`.
        inputs: `<go>` and the targets, `(B, T)`.
        share: Probability, `()`; 0 is teacher forcing.
        seed: Two integers that the coins follow from.
        training: Drop units.

    Returns:
        Logits, `(B, T, V)`.
    """
    state, memory = model.encode(source, training=training)
    batch, steps = tf.shape(inputs)[0], tf.shape(inputs)[1]
    coins = tf.random.stateless_uniform((steps, batch), seed) < share
    given = tf.transpose(tf.maximum(inputs, 0))
    size = (inputs.shape[0], model.target_size)
    said = tf.TensorArray(tf.float32, steps, element_shape=size)

    def body(t, own, state, said):
        words = tf.where(coins[t] & (t > 0), own, given[t])
        logits, new = model.step(words, state, memory, training=training)
        own = tf.argmax(logits, axis=-1, output_type=tf.int32)
        state = tf.nest.pack_sequence_as(state, tf.nest.flatten(new))
        return t + 1, own, state, said.write(t, tf.cast(logits, tf.float32))

    *_, said = tf.while_loop(
        lambda t, *_: t < steps,
        body,
        (0, given[0], state, said),
        maximum_iterations=inputs.shape[1],
    )
    return tf.transpose(said.stack(), (1, 0, 2))


def order(prepared, updates, batch_size, seed=0):
    """Which pairs each update learns from, `(updates, batch_size)`.

    In each epoch the pairs are shuffled, sorted by length, cut into batches, and the batches
    are shuffled. Those left over at the end, fewer than a batch, come in other epochs. An
    epoch depends on the seed and its number alone: more updates begin with the same ones.

    Raises:
        ValueError: Numbers below 1, or a batch larger than all pairs.
    """
    updates = require_integer("updates", updates, 1, "train for at least one")
    batch_size = require_integer("batch_size", batch_size, 1, "64 is usual")
    count = len(prepared.source)
    if batch_size > count:
        raise ValueError(
            f"`batch_size` must be at most {count}, the number of pairs, got {batch_size}: "
            "choose a smaller one"
        )
    spoken = prepared.mask.sum(axis=1)
    dealt = []
    for epoch in range(-(-updates // (count // batch_size))):
        rng = np.random.default_rng([seed, epoch])
        shuffled = rng.permutation(count)[: count - count % batch_size]
        by_length = np.lexsort((spoken[shuffled], prepared.lengths[shuffled]))
        dealt.append(rng.permutation(shuffled[by_length].reshape(-1, batch_size)))
    return np.concatenate(dealt)[:updates]


def token_loss(model, prepared, batch_size=512):
    """Mean cross-entropy per word of the targets in nats, under teacher forcing.

    Raises:
        ValueError: Ids that the model has no words for.
    """
    prepared, total = _checked(model, prepared), 0.0
    for start in range(0, len(prepared.source), batch_size):
        part = prepared.rows(slice(start, start + batch_size))
        loss = _compiled_loss(model)(part.source, part.inputs, part.targets)
        total += float(loss) * int(part.mask.sum())
    return total / int(prepared.mask.sum())


def exact_match(model, prepared, max_length=None, batch_size=512):
    """For each pair: is the greedy translation the target, word for word, `<eos>` included?

    Args:
        model: A `Seq2Seq`.
        prepared: N pairs.
        max_length: Most words to say; as many as the longest target has if `None`, since
            more could only be wrong.
        batch_size: Pairs that are decoded side by side.

    Returns:
        `(N,)` bool.

    Raises:
        ValueError: Ids that the model has no words for.
    """
    prepared, right = _checked(model, prepared), []
    for start in range(0, len(prepared.source), batch_size):
        part = prepared.rows(slice(start, start + batch_size))
        wanted = np.where(part.mask, part.targets, model.eos)
        steps = wanted.shape[1] if max_length is None else max_length
        said = greedy(model, part.source, steps)
        width = max(wanted.shape[1], said.shape[1])
        # The two are equal if they are so with all ends filled up with <eos>, provided it came.
        wanted, filled = (
            np.pad(a, ((0, 0), (0, width - a.shape[1])), constant_values=model.eos)
            for a in (wanted, said)
        )
        right.append((wanted == filled).all(axis=1) & (said == model.eos).any(axis=1))
    return np.concatenate(right)


def _compiled_loss(model):
    if "_token_loss" not in model.__dict__:

        @tf.function(autograph=False, input_signature=[tf.TensorSpec((None, None), tf.int32)] * 3)
        def loss(source, inputs, targets):
            return masked_mean(model.logits(source, inputs), targets)

        # Past Keras, which would look for layers in it.
        model.__dict__["_token_loss"] = loss
    return model.__dict__["_token_loss"]


def _checked(model, prepared):
    if not isinstance(prepared, Prepared):
        raise TypeError(
            f"`prepared` must come from prepare(pairs, ...), got {type(prepared).__name__}: "
            "prepare the pairs first"
        )
    as_ids("prepared.source", prepared.source, model.source_size)
    as_ids("prepared.inputs", prepared.inputs, model.target_size)
    as_ids("prepared.targets", prepared.targets, model.target_size)
    return prepared
