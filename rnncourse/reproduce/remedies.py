"""Small recurrent networks and their remedies in plain NumPy, many trained side by side.

Cast: `start` draws weights, `forward` walks along time and keeps what the way
back needs, `backward` takes the gradient of the loss at the last step, `learn`
trains with one of four optimizers and, if asked, clips. A *setting* is a
dictionary: which cell, which activation, which start, which normalization.

N networks, one for each seed, carry a leading axis N and share nothing. Time
comes first: inputs `(T, N, B, F)`, states `(T, N, B, H)`. Everything is float32
unless told otherwise.
"""

import numpy as np

GATES = {"simple": 1, "lstm": 4, "peephole": 4, "gru": 3}
EPSILON = 1e-5  # under the root of a variance
PLAIN = {
    "cell": "simple",
    "activation": "tanh",
    "start": "glorot",
    "norm": None,
    "gate_bias": None,
    "loss": "squared",
    "optimizer": "sgd",
    "clip": None,
    "reach": None,
}


def start(setting: dict, features: int, units: int, outputs: int, seeds, dtype="float32") -> dict:
    """Weights with Keras's names of the parts: Glorot uniform, zero biases.

    Args:
        setting: `start` says how the recurrent weights are drawn: `"glorot"`, uniform as
            the others; `"orthogonal"`; `"identity"`. `gate_bias` is the bias of the gate that
            keeps, f of an LSTM or z of a GRU: a number; `None`, Keras's 1 and 0; or
            `["chrono", T]`, log U(1, T - 1), with its negative for i of an LSTM. Peepholes
            begin at 0. With a `norm` there is a `gain`, which begins at `setting["gain"]`,
            or 1.
        features: F.
        units: H.
        outputs: O.
        seeds: N of them.
        dtype: Of all weights.

    Returns:
        Name → array with leading axis N: `W_xh (N, F, GH)`, `W_hh (N, H, GH)`,
        `b (N, 1, GH)`, `p (N, 3, H)`, `gain (N, 1, H)`, `W_hy (N, H, O)`, `b_y (N, 1, O)`.

    Source: chrono initialization is Tallec & Ollivier's (2018), arXiv:1804.11188.
    """
    gates, how = GATES[setting["cell"]], setting["start"]

    def glorot(rng, rows, columns):
        limit = np.sqrt(6 / (rows + columns))
        return rng.uniform(-limit, limit, (rows, columns))

    def orthogonal(rng):
        Q, R = np.linalg.qr(rng.normal(size=(units, units)))
        return Q * np.sign(np.diag(R))

    drawn = []
    for seed in seeds:
        rng = np.random.default_rng([seed, 1])
        W_xh = glorot(rng, features, gates * units)
        W_hy = glorot(rng, units, outputs)
        if how == "orthogonal":
            W_hh = np.concatenate([orthogonal(rng) for _ in range(gates)], axis=1)
        elif how == "identity":
            W_hh = np.tile(np.eye(units), gates)
        else:
            W_hh = glorot(rng, units, gates * units)
        b = np.zeros((1, gates * units))
        if setting["cell"] != "simple":
            _set_gates(b, setting, rng)
        drawn.append({"W_xh": W_xh, "W_hh": W_hh, "b": b, "W_hy": W_hy})
        drawn[-1]["b_y"] = np.zeros((1, outputs))
        if setting["cell"] == "peephole":
            drawn[-1]["p"] = np.zeros((3, units))
        if setting["norm"]:
            drawn[-1]["gain"] = np.full((1, units), setting.get("gain", 1.0))
    return {name: np.stack([w[name] for w in drawn]).astype(dtype) for name in drawn[0]}


def forward(setting: dict, w: dict, x):
    """Walk along time from a state of zeros.

    Args:
        setting: Its `cell`, `activation` and `norm`.
        w: Weights of N networks.
        x: Inputs, `(T, N, B, F)`.

    Returns:
        `(h, tape)`: the last state `(N, B, H)`; for each step what `backward` needs.
    """
    T, N, B, _ = x.shape
    H = w["W_hh"].shape[1]
    sums = x @ w["W_xh"]
    if not setting["norm"]:
        sums += w["b"]
    h = c = np.zeros((N, B, H), sums.dtype)
    p, tape = w.get("p"), []
    for t in range(T):
        if setting["cell"] in ("lstm", "peephole"):
            i, f, g, o = np.split(sums[t] + h @ w["W_hh"], 4, axis=-1)
            if p is not None:
                i, f = i + p[:, :1] * c, f + p[:, 1:2] * c
            i, f, g = _sigmoid(i), _sigmoid(f), np.tanh(g)
            new_c = f * c + i * g
            o = _sigmoid(o if p is None else o + p[:, 2:] * new_c)
            squashed = np.tanh(new_c)
            tape.append((h, (i, f, g, o, c, squashed)))
            h, c = o * squashed, new_c
        elif setting["cell"] == "gru":
            loop = h @ w["W_hh"]
            z, r = np.split(_sigmoid((sums[t] + loop)[..., : 2 * H]), 2, axis=-1)
            recalled = loop[..., 2 * H :]
            new = np.tanh(sums[t, ..., 2 * H :] + r * recalled)
            tape.append((h, (z, r, recalled, new)))
            h = z * h + (1 - z) * new
        else:
            a, old, n, scale = sums[t] + h @ w["W_hh"], h, None, None
            if setting["norm"]:
                axis = -1 if setting["norm"] == "layer" else -2
                a -= _mean(a, axis)
                scale = 1 / np.sqrt(_mean(a * a, axis) + EPSILON)
                n = a * scale
                a = w["gain"] * n + w["b"]
            h = np.tanh(a) if setting["activation"] == "tanh" else np.maximum(a, 0)
            tape.append((old, (n, scale, h)))
    return h, tape


def backward(setting: dict, w: dict, x, tape, d_h) -> dict:
    """The gradient of a loss that looks at the last state, or at all of them.

    Args:
        setting: As for `forward`; `reach` is how many steps back the gradient goes,
            all if `None`.
        w: Weights of N networks.
        x: Inputs, `(T, N, B, F)`.
        tape: From `forward`.
        d_h: Derivative of the loss by the last state, `(N, B, H)`, or by what each step puts
            out, `(T, N, B, H)`.

    Returns:
        Name → gradient, for the weights of the cell.
    """
    T, N, B, _ = x.shape
    first = 0 if setting["reach"] is None else max(0, T - setting["reach"])
    back = np.ascontiguousarray(w["W_hh"].swapaxes(1, 2))
    d_sums = np.zeros((T, N, B, w["W_hh"].shape[2]), d_h.dtype)
    d_loop = np.zeros_like(d_sums) if setting["cell"] == "gru" else d_sums
    gradient = {name: np.zeros_like(w[name]) for name in ("b", "p", "gain") if name in w}
    each, d_h = (d_h, np.zeros_like(d_h[0])) if d_h.ndim == 4 else (None, d_h)
    d_c, p = np.zeros_like(d_h), w.get("p")
    for t in reversed(range(first, T)):
        h, kept = tape[t]
        if each is not None:
            d_h = d_h + each[t]
        if setting["cell"] in ("lstm", "peephole"):
            i, f, g, o, c, squashed = kept
            d_o = d_h * squashed * o * (1 - o)
            d_c = d_c + d_h * o * (1 - squashed**2)
            if p is not None:
                d_c = d_c + d_o * p[:, 2:]
            d_i, d_f = d_c * g * i * (1 - i), d_c * c * f * (1 - f)
            d_sums[t] = np.concatenate([d_i, d_f, d_c * i * (1 - g * g), d_o], axis=-1)
            if p is not None:
                peeks = d_i * c, d_f * c, d_o * (f * c + i * g)
                gradient["p"] += np.stack([peek.sum(axis=1) for peek in peeks], axis=1)
                d_c = d_c * f + d_i * p[:, :1] + d_f * p[:, 1:2]
            else:
                d_c = d_c * f
            d_h = d_sums[t] @ back
        elif setting["cell"] == "gru":
            z, r, recalled, new = kept
            d_new = d_h * (1 - z) * (1 - new * new)
            gates = d_h * (h - new) * z * (1 - z), d_new * recalled * r * (1 - r)
            d_sums[t] = np.concatenate([*gates, d_new], axis=-1)
            d_loop[t] = np.concatenate([*gates, d_new * r], axis=-1)
            d_h = d_h * z + d_loop[t] @ back
        else:
            n, scale, new = kept
            d_a = d_h * (1 - new * new if setting["activation"] == "tanh" else new > 0)
            if setting["norm"]:
                axis = -1 if setting["norm"] == "layer" else -2
                gradient["b"] += B * _mean(d_a, -2)
                gradient["gain"] += B * _mean(d_a * n, -2)
                d_n = d_a * w["gain"]
                d_a = (d_n - _mean(d_n, axis) - n * _mean(d_n * n, axis)) * scale
            d_sums[t] = d_a
            d_h = d_a @ back

    def product(a, b):
        """The sum over steps and rows of `a` transposed times `b`, for each network."""
        a, b = (v[first:].swapaxes(0, 1).reshape(N, (T - first) * B, -1) for v in (a, b))
        return a.swapaxes(1, 2) @ b

    if not setting["norm"]:
        gradient["b"] = d_sums[first:].sum(axis=(0, 2))[:, None]
    before = np.stack([h for h, _ in tape])
    return gradient | {"W_xh": product(x, d_sums), "W_hh": product(before, d_loop)}


def loss_and_gradient(setting: dict, w: dict, x, y):
    """The loss of a linear read-out, and its gradient.

    Args:
        setting: As for `forward` and `backward`. Its `loss` is `"squared"`, the mean squared
            error at the last step; `"logistic"`, the cross-entropy of a yes or no there; or
            `"at each step"`, the mean of that over all steps.
        w: Weights of N networks.
        x: Inputs, `(T, N, B, F)`.
        y: Targets, `(N, B)`, or `(N, B, T)` for a loss at each step.

    Returns:
        `(losses, gradient)`: `(N,)`, and name → gradient of each network's own loss.
    """
    h, tape = forward(setting, w, x)
    if setting["loss"] == "at each step":
        h = np.stack([before for before, _ in tape[1:]] + [h])  # (T, N, B, H)
        y = y.transpose(2, 0, 1)
    a = (h @ w["W_hy"] + w["b_y"])[..., 0]  # (N, B) or (T, N, B)
    errors, count = (a if setting["loss"] == "squared" else _sigmoid(a)) - y, y.size / x.shape[1]
    d_a = (2 if setting["loss"] == "squared" else 1) / count * errors[..., None]
    gradient = backward(setting, w, x, tape, d_a @ w["W_hy"].swapaxes(1, 2))
    by_h = h.swapaxes(-1, -2) @ d_a  # a sum over rows
    gradient["W_hy"] = by_h if h.ndim == 3 else by_h.sum(axis=0)
    gradient["b_y"] = np.sum(d_a, axis=(0, 2) if h.ndim == 4 else 1).reshape(w["b_y"].shape)
    if setting["loss"] == "squared":
        return (errors * errors).mean(axis=1), gradient
    losses = np.maximum(a, 0) - a * y + np.log1p(np.exp(-np.abs(a)))
    return losses.mean(axis=1 if h.ndim == 3 else (0, 2)), gradient


def global_norm(gradient: dict):
    """The length of each network's whole gradient, `(N,)`: one root over the squares of all."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.sqrt(sum((g.astype("float64") ** 2).sum(axis=(1, 2)) for g in gradient.values()))


def learn(
    setting: dict, draw, seeds, *, units: int, features: int, updates: int, rate: float, w=None
):
    """Train N networks for `updates` steps, each on fresh examples of its own.

    Args:
        setting: Cell, start, activation, norm, `optimizer`, `clip` and `reach`.
        draw: `draw(rng) -> (x, y)`, `(B, T, F)` and `(B,)` or `(B, T)`: examples of one update.
        seeds: Of weights and examples, N of them.
        units: H.
        features: F.
        updates: How many.
        rate: Of learning.
        w: Weights to start from, drawn from the seeds if `None`.

    Returns:
        `(w, losses, norms)`: trained weights; the loss and the norm of the gradient before
        clipping at each update, `(updates, N)`.

    Source: RMSprop and Adam with Keras's constants.
    """
    w = dict(w or start(setting, features, units, 1, seeds))
    mean = {name: np.zeros_like(v) for name, v in w.items()}
    square = {name: np.zeros_like(v) for name, v in w.items()}
    rngs = [np.random.default_rng([seed, 2]) for seed in seeds]
    losses, norms = [], []
    for step in range(1, updates + 1):
        x, y = zip(*(draw(rng) for rng in rngs))
        x = np.ascontiguousarray(np.stack(x).transpose(2, 0, 1, 3), np.float32)
        with np.errstate(all="ignore"):  # a network that diverges does so alone
            loss, gradient = loss_and_gradient(setting, w, x, np.stack(y).astype(np.float32))
            norm = global_norm(gradient)
            scale = np.minimum(1, (setting["clip"] or np.inf) / np.maximum(norm, 1e-30))
            for name, g in gradient.items():
                g = g * scale[:, None, None].astype(g.dtype)
                if setting["optimizer"] == "rmsprop":
                    square[name] = 0.9 * square[name] + 0.1 * g * g
                    g = g / np.sqrt(square[name] + 1e-7)
                elif setting["optimizer"] == "adam":
                    mean[name] = 0.9 * mean[name] + 0.1 * g
                    square[name] = 0.999 * square[name] + 0.001 * g * g
                    early = np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
                    g = early * mean[name] / (np.sqrt(square[name]) + 1e-7)
                w[name] = (w[name] - rate * g).astype(np.float32)
        losses.append(loss)
        norms.append(norm)
    return w, np.array(losses), np.array(norms)


def _set_gates(b, setting, rng) -> None:
    """Write the bias of the gate that keeps into `b (1, GH)`."""
    bias, units = setting["gate_bias"], b.shape[1] // GATES[setting["cell"]]
    gru = setting["cell"] == "gru"
    keep = b[:, :units] if gru else b[:, units : 2 * units]
    if bias is None:
        bias = 0 if gru else 1
    if isinstance(bias, list | tuple):
        keep[:] = np.log(rng.uniform(1, bias[1] - 1, units))
        if not gru:
            b[:, :units] = -keep
    else:
        keep[:] = bias


def _mean(a, axis):
    """The mean over rows (-2) or units (-1), kept: a product, many times as fast as `a.mean`."""
    equal = np.full((1, a.shape[axis]), 1 / a.shape[axis], a.dtype)
    return equal @ a if axis == -2 else a @ equal.T


def _sigmoid(a):
    return (np.tanh(a / 2) + 1) / 2
