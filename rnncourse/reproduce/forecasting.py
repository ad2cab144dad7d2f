"""Forecasters in plain NumPy: many seeds learn side by side to say what comes next.

Cast: `start` draws the weights of a recurrent ReLU layer and its projection, `walk`
runs them over windows, `window_step` gives the loss of a batch and its gradient,
`learn` follows it with Adam, and `invent` lets trained networks go on by themselves.
The lesson's Keras network is the same, number for number.

N networks, one for each seed, share nothing: their weights carry a leading axis N.
Time comes first: inputs `(T, N, B, F)`, states `(T, N, B, H)`. In float32, as Keras.
"""

from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits


class Weights(NamedTuple):
    """W_xh `(N, F, H)`, W_hh `(N, H, H)`, b `(N, 1, H)`; W_hy `(N, H, O)`, b_y `(N, 1, O)`."""

    W_xh: np.ndarray
    W_hh: np.ndarray
    b: np.ndarray
    W_hy: np.ndarray
    b_y: np.ndarray


def start(units: int, seeds, features: int = 1, outputs: int = 1) -> Weights:
    """Weights as Keras draws them: Glorot uniform, orthogonal for W_hh, zero biases."""

    def glorot(rng, rows, columns):
        limit = np.sqrt(6 / (rows + columns))
        return rng.uniform(-limit, limit, (rows, columns))

    def draw(seed):
        rng = np.random.default_rng([seed, 0])
        W_xh = glorot(rng, features, units)
        Q, R = np.linalg.qr(rng.normal(size=(units, units)))
        W_hh, W_hy = Q * np.sign(np.diag(R)), glorot(rng, units, outputs)
        return W_xh, W_hh, np.zeros((1, units)), W_hy, np.zeros((1, outputs))

    drawn = zip(*(draw(seed) for seed in seeds), strict=True)
    return Weights(*(np.array(each, np.float32) for each in drawn))


def walk(weights: Weights, x: np.ndarray, h: np.ndarray | None = None):
    """States and outputs over a batch of windows.

    Args:
        weights: Of N networks.
        x: Inputs, `(T, N, B, F)`.
        h: State to start from, `(N, B, H)`; zeros if `None`.

    Returns:
        `(states, outputs)`: `(T + 1, N, B, H)` with the first state in front, and
        `(T, N, B, O)`.
    """
    T, N, B, _ = x.shape
    states = np.zeros((T + 1, N, B, weights.W_hh.shape[-1]), x.dtype)
    if h is not None:
        states[0] = h
    heard = x @ weights.W_xh + weights.b
    for t in range(T):
        sums = np.matmul(states[t], weights.W_hh, out=states[t + 1])
        sums += heard[t]
        np.maximum(sums, 0, out=sums)
    return states, states[1:] @ weights.W_hy + weights.b_y


def window_step(weights: Weights, x: np.ndarray, y: np.ndarray):
    """The mean squared error over a batch and its gradient.

    Args:
        weights: Of N networks.
        x: Inputs, `(T, N, B, F)`.
        y: Targets, `(T, N, B, O)`.

    Returns:
        `(losses, gradient)`: `(N,)` and `Weights`.
    """
    T, N, B, _ = x.shape
    states, outputs = walk(weights, x)
    miss = outputs - y
    d_out = miss * np.float32(2 / (T * B * y.shape[-1]))
    from_outputs = d_out @ weights.W_hy.swapaxes(1, 2)  # (T, N, B, H)
    back = np.ascontiguousarray(weights.W_hh.swapaxes(1, 2))
    d_sums, d_h = np.empty_like(from_outputs), np.zeros_like(from_outputs[0])
    for t in range(T - 1, -1, -1):
        d_h += from_outputs[t]
        np.multiply(d_h, states[t + 1] > 0, out=d_sums[t])
        np.matmul(d_sums[t], back, out=d_h)

    def flat(a):  # (T, N, B, K) -> (N, TB, K)
        return a.swapaxes(0, 1).reshape(N, T * B, -1)

    d_sums, d_out = flat(d_sums), flat(d_out)
    gradient = Weights(
        flat(x).swapaxes(1, 2) @ d_sums,
        flat(states[:-1]).swapaxes(1, 2) @ d_sums,
        d_sums.sum(axis=1, keepdims=True),
        flat(states[1:]).swapaxes(1, 2) @ d_out,
        d_out.sum(axis=1, keepdims=True),
    )
    return np.mean(miss**2, axis=(0, 2, 3)), gradient


# On a busy machine the threads of these small products wait for each other more than they work.
@threadpool_limits.wrap(limits=1, user_api="blas")
def learn(config: dict, draw, weights: Weights):
    """Train N networks with Adam.

    Args:
        config: `iterations`, `rate`, and `schedule`: `"constant"`, or `"cosine"` for a
            rate that falls to zero along half a cosine.
        draw: `draw(k) -> (x, y)`, the batch of iteration k: `(T, N, B, F)`, `(T, N, B, O)`.
        weights: To begin with; they are not changed.

    Returns:
        `(weights, losses)`: trained, and `(iterations, N)`.

    Source: Kingma & Ba (2015), arXiv:1412.6980, with Keras's constants.
    """
    weights = Weights(*(w.copy() for w in weights))
    means = [np.zeros_like(w) for w in weights]
    squares = [np.zeros_like(w) for w in weights]
    iterations, losses = config["iterations"], []
    for k in range(iterations):
        loss, gradient = window_step(weights, *draw(k))
        losses.append(loss)
        falling = (1 + np.cos(np.pi * k / iterations)) / 2
        rate = config["rate"] * {"constant": 1.0, "cosine": falling}[config["schedule"]]
        rate *= np.sqrt(1 - 0.999 ** (k + 1)) / (1 - 0.9 ** (k + 1))
        for w, mean, square, g in zip(weights, means, squares, gradient, strict=True):
            mean += np.float32(0.1) * (g - mean)
            square += np.float32(0.001) * (g * g - square)
            w -= np.float32(rate) * mean / (np.sqrt(square) + np.float32(1e-7))
    return weights, np.array(losses)


def invent(weights: Weights, beginning: np.ndarray, steps: int, window: int | None):
    """Let N networks go on with what they said.

    Args:
        weights: Of N networks with F = O.
        beginning: `(T, N, B, F)`.
        steps: Values to add.
        window: Run anew on so many last values at each step, or `None` to carry the state.

    Returns:
        What was added, `(steps, N, B, F)`.
    """
    said = []
    if window is None:
        states, outputs = walk(weights, beginning)
        for _ in range(steps):
            said.append(outputs[-1])
            states, outputs = walk(weights, said[-1][None], states[-1])
        return np.array(said)
    last = beginning[-window:]
    for _ in range(steps):
        said.append(walk(weights, last)[1][-1])
        last = np.concatenate([last[1:], said[-1][None]])
    return np.array(said)
