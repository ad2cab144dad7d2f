"""The echo task in plain NumPy: small networks trained window by window on a stream of bits.

Cast: `start` draws the weights of a simple recurrent layer and its read-out,
`window_step` gives the loss of one window and its gradient, `learn` trains on
streams that come in fresh epochs, and `listen` asks trained networks for their
echo. The lesson's Keras network is the same, number for number.

N networks, one for each seed, learn side by side: their weights carry a leading
axis N and share nothing, so that a sweep of twenty seeds costs little more than
one. Everything is in float64, and time comes first: bits `(L, N, B)`, states
`(L, N, B, H)`.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.data.series import echo_bits, in_rows, windows


class Weights(NamedTuple):
    """W_xh `(N, 1, H)`, W_hh `(N, H, H)`, b `(N, 1, H)`; W_hy `(N, H, 2)`, b_y `(N, 1, 2)`."""

    W_xh: np.ndarray
    W_hh: np.ndarray
    b: np.ndarray
    W_hy: np.ndarray
    b_y: np.ndarray


def start(units: int, seeds) -> Weights:
    """Weights as Keras draws them: Glorot uniform, orthogonal for W_hh, zero biases."""

    def glorot(rng, rows, columns):
        limit = np.sqrt(6 / (rows + columns))
        return rng.uniform(-limit, limit, (rows, columns))

    def draw(seed):
        rng = np.random.default_rng(seed)
        W_xh = glorot(rng, 1, units)
        Q, R = np.linalg.qr(rng.normal(size=(units, units)))
        W_hh = Q * np.sign(np.diag(R))
        return W_xh, W_hh, np.zeros((1, units)), glorot(rng, units, 2), np.zeros((1, 2))

    return Weights(*map(np.stack, zip(*map(draw, seeds))))


def walk(weights: Weights, x, h):
    """The state before the window and all states in it.

    Args:
        weights: Of N networks.
        x: Bits, `(L, N, B)`.
        h: State before the window, `(N, B, H)`.

    Returns:
        `(L + 1, N, B, H)`.
    """
    states = [h]
    for x_t in x[..., None] * weights.W_xh + weights.b:  # (N, B, H) at each step
        states.append(np.tanh(x_t + states[-1] @ weights.W_hh))
    return np.array(states)


def window_step(weights: Weights, x, y, h):
    """Loss of one window and its gradient, taken back to the window's edge and no further.

    Args:
        weights: Of N networks.
        x: Bits, `(L, N, B)`.
        y: Their echo, `(L, N, B)`.
        h: State before the window, `(N, B, H)`, taken as given.

    Returns:
        `(nll, right, gradient, states)`: cross-entropy in nats `(L, N, B)`; whether
        the likelier class is the echo `(L, N, B)`; the gradient of each network's
        mean loss as `Weights`; the states `(L + 1, N, B, H)`.
    """
    L, N, B = x.shape
    states = walk(weights, x, h)
    logits = states[1:] @ weights.W_hy + weights.b_y  # (L, N, B, 2)
    logits -= logits.max(axis=-1, keepdims=True)
    p = np.exp(logits)
    p /= p.sum(axis=-1, keepdims=True)
    nll = -np.log(np.take_along_axis(p, y[..., None], -1))[..., 0]
    right = logits.argmax(axis=-1) == y
    errors = (p - np.eye(2)[y]) / (L * B)

    def product(a, b):
        """The sum over steps and rows of `a` transposed times `b`, for each network."""
        a, b = (array.swapaxes(0, 1).reshape(N, L * B, -1) for array in (a, b))
        return a.swapaxes(1, 2) @ b

    one = np.ones((L, N, B, 1))
    read_out = [product(states[1:], errors), product(one, errors)]
    sums = errors @ weights.W_hy.swapaxes(1, 2)  # (L, N, B, H)
    slopes = 1 - states[1:] ** 2
    late = 0.0
    for t in reversed(range(L)):
        sums[t] = (sums[t] + late) * slopes[t]
        late = sums[t] @ weights.W_hh.swapaxes(1, 2)
    recurrent = [product(x[..., None], sums), product(states[:-1], sums), product(one, sums)]
    return nll, right, Weights(*recurrent, *read_out), states


def learn(config: dict, seeds, weights: Weights | None = None):
    """Train on a stream; every epoch brings a fresh one and starts from a state of zeros.

    Args:
        config: `units` H; `echo_step`; `window` L; `stride`, at most L, which it is
            if absent; `batch` B; `width`, bits in a row of one epoch; `updates`;
            `rate` of Adagrad; `reset`: start each window from zeros instead of the
            carried state; `frozen`: names of weights that stay as they were drawn;
            `shuffle`: take the windows of an epoch in random order.
        seeds: Of weights and streams, N of them.
        weights: To start from, drawn from the seeds if `None`.

    Returns:
        `(weights, losses, right, first)`: the trained `Weights`; mean loss and
        share of right bits of each update, `(updates, N)`; the loss of each step of
        each epoch's first window, `(epochs, L, N)`, mean over its rows.

    Source: Hallström's tutorial (source K); Adagrad of Duchi et al. (2011) with
    Keras's constants.
    """
    weights = Weights(*map(np.copy, weights or start(config["units"], seeds)))
    length, batch = config["window"], config["batch"]
    stride = config.get("stride", length)
    sizes = [np.full_like(w, 0.1) for w in weights]
    losses, right, first = [], [], []
    while len(losses) < config["updates"]:
        epoch = [_epoch(config, stride, seed, len(first)) for seed in seeds]
        zeros = h = np.zeros((len(seeds), batch, config["units"]))
        for k in range(min(len(epoch[0][0]), config["updates"] - len(losses))):
            x, y = (np.stack([streams[i][k].T for streams in epoch], 1) for i in (0, 1))
            h = zeros if config.get("reset") else h
            nll, hits, gradient, states = window_step(weights, x, y, h)
            h = states[stride]
            for name, w, g, size in zip(Weights._fields, weights, gradient, sizes):
                if name in config.get("frozen", ()):
                    continue
                size += g * g
                w -= config["rate"] * g / np.sqrt(size + 1e-7)
            losses.append(nll.mean(axis=(0, 2)))
            right.append(hits.mean(axis=(0, 2)))
            if k == 0:
                first.append(nll.mean(axis=2))
    return weights, np.array(losses), np.array(right), np.array(first)


def _epoch(config, stride, seed, number):
    """Windows of bits and of echoes, `(n, B, L)` each."""
    rng = np.random.default_rng([seed, number])
    streams = echo_bits(config["batch"] * config["width"], config["echo_step"], rng)
    cut = [windows(in_rows(s, config["batch"]), config["window"], stride) for s in streams]
    order = rng.permutation(len(cut[0])) if config.get("shuffle") else slice(None)
    return [pieces[order] for pieces in cut]


def listen(weights: Weights, x, reset: int | None = None):
    """What networks say to the same bits, and the states in which they say it.

    Args:
        weights: Of N networks.
        x: Bits, `(B, T)`.
        reset: Start from zeros every so many steps; only once if `None`.

    Returns:
        `(said, states)`: `(N, B, T)` and `(N, B, T, H)`.
    """
    x = np.asarray(x)
    N, H, _ = weights.W_hh.shape
    zeros = np.zeros((N, len(x), H))
    length = reset or x.shape[1]
    pieces = [
        walk(weights, np.repeat(x[:, a : a + length].T[:, None], N, axis=1), zeros)[1:]
        for a in range(0, x.shape[1], length)
    ]
    states = np.concatenate(pieces)
    said = np.argmax(states @ weights.W_hy + weights.b_y, axis=-1)
    return said.transpose(1, 2, 0), states.transpose(1, 2, 0, 3)


def try_cases(config: dict, seeds) -> list[dict]:
    """Train under each of `config["cases"]` and ask each network for the echo of bits it never saw.

    Args:
        config: As for `learn`, with `cases`: a list of settings to put on top, one
            after the other; `marks`: numbers of updates.
        seeds: One network each.

    Returns:
        For each seed a number for each case under
        `right`: share of right bits of the finished network on a fresh stream;
        where the state is carried, without the first 50 of a row of 1,000;
        `loss`: mean over the last fifth of the updates, first windows included;
        `first`: mean over the first windows of the last fifth of the epochs;
        `unheard`: mean probability of a one that it gives while asked for bits from
        before the row;
        `hearing`: mean size of its input weights;
        `course`: mean share of right bits in the fifth before each mark.
    """
    results: list[dict] = [{} for _ in seeds]
    for case in config["cases"]:
        settings = config | case
        weights, losses, right, first = learn(settings, seeds)
        x, y = fresh_rows(settings["echo_step"])
        reset = settings["window"] if settings.get("reset") else None
        said, states = listen(weights, x, reset)
        hits = said == y  # (N, B, T)
        logits = states[:, :, : settings["echo_step"]] @ weights.W_hy[:, None]
        logits = logits + weights.b_y[:, None]
        last, epochs = len(losses) // 5, max(1, len(first) // 5)
        scores = {
            "right": hits[:, :, 0 if reset else 50 :].mean(axis=(1, 2)),
            "loss": losses[-last:].mean(axis=0),
            "first": first[-epochs:].mean(axis=(0, 1)),
            "unheard": (1 / (1 + np.exp(-np.diff(logits)[..., 0]))).mean(axis=(1, 2)),
            "hearing": np.abs(weights.W_xh).mean(axis=(1, 2)),
        }
        if marks := [m for m in config.get("marks", []) if m <= settings["updates"]]:
            course = [right[m - m // 5 : m].mean(axis=0) for m in marks]
            scores["course"] = np.transpose(course)
        for i, result in enumerate(results):
            for name, values in scores.items():
                result.setdefault(name, []).append(np.round(values[i], 5).tolist())
    return results


def fresh_rows(echo_step: int, rows: int = 50, width: int = 1000):
    """A stream that no training has seen, and its echo: `(rows, width)` each."""
    return [in_rows(s, rows) for s in echo_bits(rows * width, echo_step, rng=10**9)]
