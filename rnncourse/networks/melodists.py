"""Networks that guess how a tune goes on: first how long the next note is, then how high.

Cast: a token of a tune has two sides, its length (or bar line) and its pitch. `prepare`
turns tunes into ids of both. An LSTM reads the pairs, one head says how long the next note
is, and another one, told this, how high: `walk`. N networks learn side by side on a leading
axis, each from its own part of the tunes: `learn`. `surprise` is what each token of each
tune cost them, before they saw it. `compose` lets them go on by themselves.
"""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from rnncourse.data.tunes import join, places, sides


class Texts(NamedTuple):
    """Tunes as ids.

    Attributes:
        lengths: Names of what a token can be apart from its pitch.
        pitches: Names of pitches; the first is "", for bar lines and metres.
        length: `(M, T)` ids, padded with zeros.
        pitch: `(M, T)` ids.
        place: Ids of the place in the bar after each token, `(M, T)`; the metre and whether
            it is the first bar, which may be an upbeat, are part of the place.
        counts: Tokens of each tune, `(M,)`.
    """

    lengths: tuple[str, ...]
    pitches: tuple[str, ...]
    places: tuple
    length: np.ndarray
    pitch: np.ndarray
    place: np.ndarray
    counts: np.ndarray


def prepare(some_tunes) -> Texts:
    """Ids of the two sides of each token of tunes."""
    found = [
        [(*sides(token), place) for token, place in zip(tune.tokens, places(tune.tokens))]
        for tune in some_tunes
    ]
    names = [tuple(sorted({token[k] for tune in found for token in tune})) for k in range(3)]
    counts = np.array([len(tune) for tune in found])
    ids = np.zeros((3, len(found), counts.max()), np.int32)
    for row, tune in enumerate(found):
        for k in range(3):
            ids[k, row, : len(tune)] = [names[k].index(token[k]) for token in tune]
    return Texts(*names, *ids, counts)


def metres(texts) -> np.ndarray:
    """Which of the lengths are metres: `(R,)`. What stands first, for `3/2` is a length."""
    return np.isin(np.arange(len(texts.lengths)), texts.length[:, 0])


def start(config, texts, seeds) -> dict[str, tf.Variable]:
    """Weights of N networks: normal, scaled by the root of the number of inputs."""
    H, E = config["units"], config["width"]
    R, P = len(texts.lengths), len(texts.pitches)

    def draw(seed):
        rng = np.random.default_rng(seed)

        def normal(rows, columns):
            return rng.normal(size=(rows, columns)) / np.sqrt(rows)

        gates = [np.linalg.qr(rng.normal(size=(H, H)))[0] for _ in range(4)]
        forget = np.zeros((1, 4 * H))
        forget[:, H : 2 * H] = 1  # Keras's unit_forget_bias
        weights = {
            "E_length": rng.normal(size=(R, E)) / 2,
            "E_pitch": rng.normal(size=(P, E)) / 2,
            "W": normal(E, 4 * H),
            "U": np.concatenate(gates, axis=1),
            "b": forget,
            "V_length": normal(H, R),
            "b_length": np.zeros((1, R)),
            "A": normal(H, H),
            "B": rng.normal(size=(R, H)) / 2,
            "C": rng.normal(size=(P, H)) / 2,
            "D": np.zeros((R, R)),
            "V_pitch": normal(H, P),
            "b_pitch": np.zeros((1, P)),
        }
        if config.get("told"):
            weights["E_place"] = rng.normal(size=(len(texts.places), E)) / 2
        return weights

    drawn = [draw(seed) for seed in seeds]
    return {k: tf.Variable(np.stack([w[k] for w in drawn]), dtype="float32") for k in drawn[0]}


def walk(config, w, length, pitch, place, after, state, fresh, seed=None):
    """What N networks say of the next token, at each step.

    Args:
        config: `hear` and `say`: shares of inputs and of states dropped in training.
        w: Their weights.
        length: Ids `(N, B, T)`.
        pitch: Ids `(N, B, T)`.
        place: Ids `(N, B, T)`, heard if `config["told"]`.
        after: Ids of the next length, `(N, B, T)`: the pitch is guessed knowing it.
        state: h and c, `(2, N, B, H)`.
        fresh: Where a tune begins, `(N, B, T)`: there the state is set to zero.
        seed: Of what is dropped; nothing is if `None`.

    Returns:
        Logits `(N, B, T, R)` and `(N, B, T, P)`, and the last state.
    """

    def drop(x, share, salt):
        if seed is None or not share:
            return x
        kept = tf.random.stateless_uniform(tf.shape(x), [seed, salt]) >= share
        return x * tf.cast(kept, x.dtype) / (1 - share)

    x = tf.gather(w["E_length"], length, batch_dims=1) + tf.gather(
        w["E_pitch"], pitch, batch_dims=1
    )
    if config.get("told"):
        x += tf.gather(w["E_place"], place, batch_dims=1)
    z = tf.einsum("nbte,neg->tnbg", drop(x, config["hear"], 0), w["W"]) + w["b"]
    keep = tf.transpose(1 - tf.cast(fresh, x.dtype), (2, 0, 1))[..., None]
    h, c = tf.unstack(state)
    said = []
    for t in range(length.shape[2]):
        i, f, g, o = tf.split(z[t] + tf.matmul(h * keep[t], w["U"]), 4, axis=-1)
        c = tf.sigmoid(f) * c * keep[t] + tf.sigmoid(i) * tf.tanh(g)
        h = tf.sigmoid(o) * tf.tanh(c)
        said.append(h)
    states = drop(tf.stack(said, axis=2), config["say"], 1)  # (N, B, T, H)
    told = tf.gather(w["B"], after, batch_dims=1)
    told += tf.gather(w["C"], pitch, batch_dims=1)
    mixed = tf.tanh(tf.einsum("nbth,nhk->nbtk", states, w["A"]) + told)
    mixed = drop(mixed, config["say"], 2)
    of_length = tf.einsum("nbth,nhr->nbtr", states, w["V_length"]) + w["b_length"][:, :, None]
    of_length += tf.gather(w["D"], length, batch_dims=1)
    of_pitch = tf.einsum("nbth,nhp->nbtp", mixed, w["V_pitch"]) + w["b_pitch"][:, :, None]
    return of_length, of_pitch, tf.stack([h, c])


def learn(config, texts, trained_on, seeds, watch=None):
    """Train N networks, each on its own tunes, shuffled anew for every pass.

    Args:
        config: `units`, `width`; `hear`, `say`; `rate` of Adam and `decay` of its
            weights; `rows` and `steps` of a window; `passes`.
        texts: All tunes.
        trained_on: For each network the rows of its tunes.
        seeds: Of each network.
        watch: `watch(w, passes)` after every pass.

    Returns:
        The weights.
    """
    w, N = start(config, texts, seeds), len(seeds)
    variables = list(w.values())
    optimizer = keras.optimizers.AdamW(config["rate"], weight_decay=config["decay"])
    optimizer.build(variables)
    begins = metres(texts)
    notes = tf.constant([name != "" for name in texts.pitches])

    @tf.function(autograph=False)
    def step(ids, state, seed):
        length, pitch, place = tf.unstack(ids)
        fresh = tf.gather(tf.constant(begins), length)
        with tf.GradientTape() as tape:
            now, later = slice(None, -1), slice(1, None)
            of_length, of_pitch, state = walk(
                *(config, w, length[..., now], pitch[..., now], place[..., now]),
                *(length[..., later], state, fresh[..., now], seed),
            )
            cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits
            wanted = tf.cast(~fresh[..., later], tf.float32)
            sounding = tf.cast(tf.gather(notes, pitch[..., later]), tf.float32)
            nats = wanted * cross_entropy(length[..., later], of_length)
            nats += sounding * cross_entropy(pitch[..., later], of_pitch)
            loss = tf.reduce_sum(tf.reduce_sum(nats, (1, 2)) / tf.reduce_sum(wanted, (1, 2)))
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return state

    rngs, taken = [np.random.default_rng([seed, 1]) for seed in seeds], 0
    for passes in range(1, config["passes"] + 1):
        streams = [_stream(texts, rows, rng) for rows, rng in zip(trained_on, rngs)]
        width = (min(stream.shape[1] for stream in streams) - 1) // config["rows"]
        state = tf.zeros((2, N, config["rows"], config["units"]))
        for first in range(0, width - config["steps"] + 1, config["steps"]):
            at = np.arange(config["rows"])[:, None] * width + first + np.arange(config["steps"] + 1)
            ids = np.stack([stream[:, at] for stream in streams], axis=1)
            state = step(tf.constant(ids), state, tf.constant(taken))
            taken += 1
        if watch:
            watch(w, passes)
    return w


def _stream(texts, rows, rng):
    """The tunes of these rows in a random order, one after the other: `(3, N)`."""
    order = rng.permutation(rows)
    return np.concatenate(
        [
            np.stack(
                [ids[row, : texts.counts[row]] for ids in (texts.length, texts.pitch, texts.place)]
            )
            for row in order
        ],
        axis=1,
    )


def surprise(config, texts, w, rows=None, temperatures=(1.0,)) -> np.ndarray:
    """What each token of each tune costs N networks, in nats: of its length, of its pitch.

    Args:
        config, texts, w: As for `compose`.
        rows: Of the tunes; all if `None`.
        temperatures: What to divide the logits by.

    Returns:
        `(K, 2, N, M, T - 1)` for K temperatures and the tokens after the metre; zero where
        there is none. With one temperature the axis of K is left out.
    """
    chosen = np.arange(len(texts.counts)) if rows is None else rows
    N = w["b"].shape[0]
    ids = [np.broadcast_to(x[chosen], (N, *x[chosen].shape)) for x in texts[3:6]]
    of_length, of_pitch, _ = walk(
        *(config, w, *(x[..., :-1] for x in ids), ids[0][..., 1:]),
        *(tf.zeros((2, N, len(chosen), config["units"])), np.zeros(ids[0][..., 1:].shape)),
    )
    cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits
    there = np.arange(1, texts.length.shape[1]) < texts.counts[chosen, None]
    sounds = there & (np.array(texts.pitches)[ids[1][0, :, 1:]] != "")
    costs = [
        [
            cross_entropy(x[..., 1:], logits / temperature).numpy() * mask
            for x, logits, mask in zip(ids, (of_length, of_pitch), (there, sounds))
        ]
        for temperature in temperatures
    ]
    return np.array(costs, np.float64)[0 if len(temperatures) == 1 else slice(None)]


def compose(config, texts, w, prompt, count, length, temperature=1.0, seed=0) -> list[list]:
    """Let each of N networks go on from the beginning of a tune, `count` times.

    Args:
        config: As for `walk`; networks that are told the place cannot compose.
        texts: As `prepare` made them.
        w: The weights.
        prompt: Tokens, the metre first.
        count: How many tunes for each network.
        length: How many tokens to add at most; `||` ends a tune.
        temperature: 0 takes the likeliest.
        seed: Of the draws.

    Returns:
        N lists of `count` tunes, each a list of tokens, the prompt included.
    """
    N = w["b"].shape[0]
    weights = {name: tf.convert_to_tensor(value).numpy() for name, value in w.items()}
    rng = np.random.default_rng(seed)
    state = np.zeros((2, N, count, config["units"]), np.float32)
    tunes = [[list(prompt) for _ in range(count)] for _ in range(N)]
    for place in range(len(prompt) + length - 1):
        tokens = [
            [sides(tune[place]) if place < len(tune) else ("||", "") for tune in row]
            for row in tunes
        ]
        ids = [
            np.array([[names.index(token[k]) for token in row] for row in tokens])
            for k, names in enumerate((texts.lengths, texts.pitches))
        ]
        state, hidden, of_length = _hear(weights, *ids, state)
        if place + 1 < len(prompt):
            continue
        of_length[..., metres(texts)] = -np.inf
        new = _draw(of_length, temperature, rng)
        of_pitch = _pitches(weights, hidden, ids[1], new)
        of_pitch[..., texts.pitches.index("")] = -np.inf
        high = _draw(of_pitch, temperature, rng)
        for n in range(N):
            for k in range(count):
                if tunes[n][k][-1] != "||":
                    name = texts.lengths[new[n, k]]
                    note = "" if name in ("|", "||") else texts.pitches[high[n, k]]
                    tunes[n][k].append(join(name, note))
    return tunes


def _hear(w, length, pitch, state):
    """One step in NumPy: the state, its h, and the logits of what length comes next."""
    h, c = state
    which = np.arange(len(length))[:, None]
    x = w["E_length"][which, length] + w["E_pitch"][which, pitch]
    i, f, g, o = np.split(x @ w["W"] + h @ w["U"] + w["b"], 4, axis=-1)
    c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
    h = _sigmoid(o) * np.tanh(c)
    return np.stack([h, c]), h, h @ w["V_length"] + w["b_length"] + w["D"][which, length]


def _pitches(w, h, pitch, after):
    which = np.arange(len(pitch))[:, None]
    mixed = np.tanh(h @ w["A"] + w["B"][which, after] + w["C"][which, pitch])
    return mixed @ w["V_pitch"] + w["b_pitch"]


def _draw(logits, temperature, rng):
    if temperature == 0:
        return logits.argmax(axis=-1)
    noise = rng.gumbel(size=logits.shape)
    return (logits / temperature + noise).argmax(axis=-1)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))
