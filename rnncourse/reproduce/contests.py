"""Cells of equal size on equal terms, many trained side by side.

Cast: `CELLS` are the steps of the package with their gates, states and first biases;
`units_for` gives each as many units as a budget of parameters allows; `learn` trains
one cell from many seeds at several rates at once, and `walk` lets the trained ones
run over sequences.

N networks carry a leading axis N and share nothing: every step of `cells` and
`variants` takes such stacks, since a product of stacks is a stack of products. Time
comes first: inputs `(T, N, B, F)`, states `(T, N, B, H)`. All is compiled by XLA.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import tensorflow as tf
from keras import ops

from rnncourse import cells, variants

AT_ONCE = 25  # updates in one compiled call


@dataclass(frozen=True)
class Kind:
    """A cell as the contest sees it.

    Attributes:
        step: `(x, *states, kernel, recurrent_kernel, bias, ...) -> h, or (h, c)`.
        gates: Parts side by side in a kernel.
        states: 1 for h, 2 for h and c.
        first: Where the bias of a part starts, if not at 0.
        biases: Rows of the bias.
        peepholes: Whether it has any.
        mirrored: `(a, b)`: part a starts as minus part b, so that its gate is 1 minus the other.
    """

    step: Callable
    gates: int
    states: int = 1
    first: tuple[tuple[int, float], ...] = ()
    biases: int = 1
    peepholes: bool = False
    mirrored: tuple[int, int] | None = None


def uncoupled_gru_step(x, h, kernel, recurrent_kernel, bias, activation=ops.tanh):
    """A GRU with an input gate of its own: h' = z h + i h̃, parts in the order z, i, r, h̃."""
    units = h.shape[-1]
    x_z, x_i, x_r, x_h = ops.split(ops.matmul(x, kernel) + bias, 4, axis=-1)
    U_gates, U_h = recurrent_kernel[..., : 3 * units], recurrent_kernel[..., 3 * units :]
    h_z, h_i, h_r = ops.split(ops.matmul(h, U_gates), 3, axis=-1)
    z, i, r = ops.sigmoid(x_z + h_z), ops.sigmoid(x_i + h_i), ops.sigmoid(x_r + h_r)
    return z * h + i * activation(x_h + ops.matmul(r * h, U_h))


def clipped_lstm_step(x, h, c, kernel, recurrent_kernel, bias):
    """An LSTM whose c is held between -1 and 1, both gates its own."""
    a = ops.matmul(x, kernel) + ops.matmul(h, recurrent_kernel) + bias
    i, f, g, o = ops.split(a, 4, axis=-1)
    c = ops.clip(ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g), -1.0, 1.0)
    return ops.sigmoid(o) * ops.tanh(c), c


def _as_it_is(a):
    return a


BEFORE = partial(cells.gru_step, reset_after=False)
CELLS = {
    "simple": Kind(cells.rnn_step, 1),
    "lstm": Kind(cells.lstm_step, 4, 2, first=((1, 1),)),
    "lstm, i at -1": Kind(cells.lstm_step, 4, 2, first=((0, -1), (1, 1))),
    "peephole": Kind(variants.peephole_lstm_step, 4, 2, first=((1, 1),), peepholes=True),
    "coupled": Kind(variants.coupled_lstm_step, 3, 2, first=((0, 1),)),
    "gru": Kind(cells.gru_step, 3, biases=2),
    "gru, reset before": Kind(BEFORE, 3),
    "gru, uncoupled": Kind(uncoupled_gru_step, 4),
    "gru, linear candidate": Kind(partial(BEFORE, activation=_as_it_is), 3),
    "lstm, clipped c": Kind(clipped_lstm_step, 4, 2, first=((1, 1),)),
    # The same cells, begun elsewhere.
    "lstm, begun coupled": Kind(cells.lstm_step, 4, 2, first=((1, 1),), mirrored=(0, 1)),
    "gru, begun coupled": Kind(uncoupled_gru_step, 4, mirrored=(1, 0)),
    "gru, uncoupled, i low": Kind(uncoupled_gru_step, 4, first=((0, 1), (1, -1))),
}


def parameters(cell: str, features: int, units: int, outputs: int) -> int:
    """Numbers to train, those of the read-out included.

    >>> parameters("lstm", 3, 5, 1), parameters("gru", 3, 5, 1)
    (186, 156)
    """
    kind = CELLS[cell]
    own = kind.gates * units * (features + units + kind.biases) + 3 * units * kind.peepholes
    return own + units * outputs + outputs


def units_for(cell: str, features: int, outputs: int, budget: int) -> int:
    """The most units that a budget of parameters allows.

    >>> units_for("lstm", 2, 1, 1300), units_for("simple", 2, 1, 1300)
    (16, 34)
    """
    units = 1
    while parameters(cell, features, units + 1, outputs) <= budget:
        units += 1
    return units


def start(cell: str, features: int, units: int, outputs: int, seeds) -> dict:
    """Weights as Keras draws them, N networks: Glorot uniform, orthogonal, zeros and ones.

    Args:
        cell: A name among `CELLS`.
        features: F.
        units: H.
        outputs: O.
        seeds: N of them.

    Returns:
        Name → array in float32: `kernel (N, F, GH)`, `recurrent_kernel (N, H, GH)`,
        `bias (N, 1, GH)` or `(2, N, 1, GH)`, `peepholes (3, N, 1, H)`, `W_hy (N, H, O)`,
        `b_y (N, 1, O)`.
    """
    kind = CELLS[cell]
    wide, drawn = kind.gates * units, []
    for seed in seeds:
        rng = np.random.default_rng([seed, 11])
        limit, out = np.sqrt(6 / (features + wide)), np.sqrt(6 / (units + outputs))
        Q, R = np.linalg.qr(rng.normal(size=(wide, units)))
        drawn.append(
            {
                "kernel": rng.uniform(-limit, limit, (features, wide)),
                "recurrent_kernel": (Q * np.sign(np.diag(R))).T,
                "W_hy": rng.uniform(-out, out, (units, outputs)),
            }
        )
    weights = {name: np.stack([w[name] for w in drawn]) for name in drawn[0]}
    bias = np.zeros((len(seeds), 1, wide))
    for gate, value in kind.first:
        bias[..., gate * units : (gate + 1) * units] = value
    weights["bias"] = bias
    if kind.mirrored:
        a, b = (slice(part * units, (part + 1) * units) for part in kind.mirrored)
        for name in ("kernel", "recurrent_kernel", "bias"):
            weights[name][..., a] = -weights[name][..., b]
    if kind.biases == 2:
        weights["bias"] = np.stack([bias, bias])
    if kind.peepholes:
        weights["peepholes"] = np.zeros((3, len(seeds), 1, units))
    weights["b_y"] = np.zeros((len(seeds), 1, outputs))
    return {name: w.astype(np.float32) for name, w in weights.items()}


def walk(cell: str, weights: dict, x):
    """All states h of N networks along time, from zeros.

    Args:
        cell: A name among `CELLS`.
        weights: From `start` or `learn`.
        x: `(T, N, B, F)`.

    Returns:
        `(T, N, B, H)`.
    """
    kind = CELLS[cell]
    T, N, B, _ = x.shape
    own = [weights[name] for name in ("kernel", "recurrent_kernel", "bias")]
    own += [weights["peepholes"]] if kind.peepholes else []
    xs = tf.TensorArray(tf.float32, T, element_shape=x.shape[1:]).unstack(x)
    zeros = tf.zeros((N, B, weights["W_hy"].shape[1]))

    def body(t, states, outputs):
        new = kind.step(xs.read(t), *states, *own)
        new = new if kind.states == 2 else (new,)
        return t + 1, tuple(new), outputs.write(t, new[0])

    _, _, outputs = tf.while_loop(
        lambda t, *_: t < T,
        body,
        (0, (zeros,) * kind.states, tf.TensorArray(tf.float32, T)),
        maximum_iterations=T,
    )
    return outputs.stack()


def logits(cell: str, weights: dict, x, each_step: bool):
    """What the read-out says, `(T, N, B, O)`, or `(N, B, O)` after the last step alone."""
    h = walk(cell, weights, x)
    return (h if each_step else h[-1]) @ weights["W_hy"] + weights["b_y"]


def squared(said, x, y):
    """Mean squared error `(N,)` of one number after the last step; `y (N, B)`."""
    return tf.reduce_mean((said[..., 0] - y) ** 2, axis=1)


def classes(said, x, y):
    """Cross-entropy `(N,)` of a class after the last step; `y (N, B)` integers."""
    nll = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.cast(y, tf.int32), logits=said)
    return tf.reduce_mean(nll, axis=1)


def yes_or_no(said, x, y):
    """Cross-entropy `(N,)` of a yes or no at each step that has an input; `y (N, B, T)`."""
    valid = tf.reduce_max(tf.abs(x), axis=-1)  # (T, N, B)
    y = tf.transpose(y, (2, 0, 1))
    nll = tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=said[..., 0]) * valid
    return tf.reduce_sum(nll, axis=(0, 2)) / tf.reduce_sum(valid, axis=(0, 2))


LOSSES = {"squared": squared, "classes": classes, "yes or no": yes_or_no}


def trainer(cell: str, task: dict, seeds, rates, at_once: int = AT_ONCE):
    """Fresh networks and a compiled function that takes some updates of all of them.

    Args:
        cell: A name among `CELLS`.
        task: `loss`, a name among `LOSSES`; `features`, `outputs`, `units`.
        seeds: S of them.
        rates: R of them, of Adam with Keras's constants.
        at_once: Updates in one call.

    Returns:
        `(w, several)`: name → variable of N = R·S networks, rate by rate; `several(first, x,
        y)` takes updates `first`, `first + 1`, … on `x (at_once, T, S, B, F)` and
        `y (at_once, S, B)` or `(at_once, S, B, T)`, and returns their mean losses `(N,)`.
    """
    loss, each_step = LOSSES[task["loss"]], task["loss"] == "yes or no"
    sizes = task["features"], task["units"], task["outputs"]
    drawn = start(cell, *sizes, [*seeds] * len(rates))
    w = {name: tf.Variable(value) for name, value in drawn.items()}
    mean, square = ({n: tf.Variable(tf.zeros_like(v)) for n, v in w.items()} for _ in range(2))
    rate = np.repeat(np.asarray(rates, np.float32), len(seeds))[:, None, None]  # (N, 1, 1)

    def update(number, x, y):
        with tf.GradientTape() as tape:
            losses = loss(logits(cell, w, x, each_step), x, y)
            total = tf.reduce_sum(losses)
        early = tf.sqrt(1 - 0.999**number) / (1 - 0.9**number)
        for name, g in tape.gradient(total, w).items():
            m = mean[name].assign(0.9 * mean[name] + 0.1 * g)
            s = square[name].assign(0.999 * square[name] + 0.001 * g * g)
            w[name].assign_sub(rate * early * m / (tf.sqrt(s) + 1e-7))
        return losses

    @tf.function(autograph=False, jit_compile=True)
    def several(first, x, y):
        def body(k, total):
            everybody = tf.tile(x[k], (1, len(rates), 1, 1))
            answers = tf.tile(y[k], (len(rates), *(1,) * (len(y.shape) - 2)))
            return k + 1, total + update(first + tf.cast(k, tf.float32), everybody, answers)

        _, total = tf.while_loop(
            lambda k, _: k < at_once,
            body,
            (0, tf.zeros(len(seeds) * len(rates))),
            maximum_iterations=at_once,
        )
        return total / at_once

    return w, several


def learn(cell: str, task: dict, draw, seeds, rates):
    """Train one cell from every seed at every rate, all at once.

    Args:
        cell: A name among `CELLS`.
        task: As for `trainer`, with `updates`, a multiple of 25.
        draw: `draw(rng) -> (x, y)`: examples of one update, `(B, T, F)` and `(B,)` or `(B, T)`.
        seeds: S of them; networks of one seed see the same examples at all rates.
        rates: R of them.

    Returns:
        `(weights, losses)`: of N = R·S networks, rate by rate; the mean loss over every 25
        updates, `(updates / 25, N)`.
    """
    w, several = trainer(cell, task, seeds, rates)
    rngs, losses = [np.random.default_rng([seed, 12]) for seed in seeds], []
    for done in range(0, task["updates"], AT_ONCE):
        batches = [list(zip(*(draw(rng) for rng in rngs))) for _ in range(AT_ONCE)]
        x = np.stack([np.stack(xs) for xs, _ in batches])  # (25, S, B, T, F)
        x = x.transpose(0, 3, 1, 2, 4).astype(np.float32)
        y = np.stack([np.stack(ys) for _, ys in batches]).astype(np.float32)
        losses.append(several(tf.constant(done + 1.0), tf.constant(x), tf.constant(y)).numpy())
    return {name: v.numpy() for name, v in w.items()}, np.array(losses)


def answers(cell: str, weights: dict, x, each_step: bool) -> np.ndarray:
    """What N trained networks say to the same sequences.

    Args:
        cell: A name among `CELLS`.
        weights: From `learn`.
        x: `(B, T, F)`.
        each_step: After every step, or after the last alone.

    Returns:
        `(N, B, O)`, or `(T, N, B, O)`.
    """
    N = len(weights["W_hy"])
    x = np.repeat(np.asarray(x, np.float32).transpose(1, 0, 2)[:, None], N, axis=1)
    run = tf.function(partial(logits, cell, each_step=each_step), autograph=False, jit_compile=True)
    return run({name: tf.constant(w) for name, w in weights.items()}, tf.constant(x)).numpy()
