"""Stacks of simple recurrent layers in plain NumPy, with dropout anywhere.

Cast: `shapes` lists the weights of a stack and its read-out, `start` draws them,
`draw_masks` draws what is dropped, `forward` walks through layers and time, and
`gradient` walks back. A Keras stack is the same, number for number.

N networks, one for each seed, stand side by side: all their weights are one array
`(N, P)`, of which `views` shows the matrices. Time comes first: inputs
`(T, N, B, F)`, states `(T, N, B, H)`.
"""

import numpy as np

PLACES = ("inputs", "between", "state", "outputs")


def shapes(
    features: int,
    units: int,
    layers: int,
    classes: int,
    shared: bool = False,
    project: bool = False,
) -> dict[str, tuple[int, int]]:
    """Name → shape of every weight of one network.

    Args:
        features: F.
        units: H of every layer.
        layers: How many.
        classes: V.
        shared: One set of weights for all layers, which takes inputs of size H.
        project: A linear map of the inputs to H first.

    Raises:
        ValueError: `shared` with inputs of another size than H.

    >>> sum(rows * columns for rows, columns in shapes(8, 5, 3, classes=10).values())
    240
    """
    found = {"W_in": (features, units), "b_in": (1, units)} if project else {}
    wide = units if project else features
    if shared and wide != units:
        raise ValueError(
            f"layers that share their weights need inputs of size {units}, got {wide}: "
            "project them first"
        )
    for k in range(1 if shared else layers):
        found |= {f"W_xh{k}": (wide, units), f"W_hh{k}": (units, units), f"b_h{k}": (1, units)}
        wide = units
    return found | {"W_hy": (units, classes), "b_y": (1, classes)}


def start(wanted: dict, seeds, dtype=np.float32) -> np.ndarray:
    """Weights as Keras draws them, `(N, P)`: Glorot uniform, W_hh orthogonal, zero biases."""

    def draw(rng, name, rows, columns):
        if name.startswith("b"):
            return np.zeros((rows, columns))
        if name.startswith("W_hh"):
            Q, R = np.linalg.qr(rng.normal(size=(rows, columns)))
            return Q * np.sign(np.diag(R))
        limit = np.sqrt(6 / (rows + columns))
        return rng.uniform(-limit, limit, (rows, columns))

    rows = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        rows.append(np.concatenate([draw(rng, *item).ravel() for item in _flat(wanted)]))
    return np.stack(rows).astype(dtype)


def views(flat: np.ndarray, wanted: dict) -> dict[str, np.ndarray]:
    """Name → `(N, rows, columns)`, each a view into `(N, P)`."""
    found, at = {}, 0
    for name, rows, columns in _flat(wanted):
        found[name] = flat[:, at : at + rows * columns].reshape(-1, rows, columns)
        at += rows * columns
    return found


def draw_masks(rate, places, mask, rngs, steps, batch, features, units, layers) -> dict:
    """What is dropped in one update: 0 with probability `rate`, otherwise 1 / (1 - rate).

    Args:
        rate: Share that is dropped.
        places: Any of `PLACES`: inputs of the first layer, inputs of the layers above
            it, the state as it enters each cell, outputs of the top layer.
        mask: `"step"` draws anew at each step, `"sequence"` once.
        rngs: One generator for each network.
        steps: T.
        batch: B.
        features: Of the first layer.
        units: H.
        layers: How many.

    Returns:
        `(place, layer)` → `(T or 1, N, B, size)`.
    """

    def draw(size):
        shape = (steps if mask == "step" else 1, batch, size)
        drawn = np.stack([rng.random(shape, dtype=np.float32) for rng in rngs], axis=1)
        return (drawn >= rate).astype(np.float32) / np.float32(1 - rate)

    masks = {}
    for k in range(layers if rate else 0):
        if ("between" if k else "inputs") in places:
            masks["inputs", k] = draw(units if k else features)
        if "state" in places:
            masks["state", k] = draw(units)
    if rate and "outputs" in places:
        masks["outputs", layers - 1] = draw(units)
    return masks


def forward(weights: dict, layers: int, x, masks: dict | None = None, every: bool = False):
    """Walk through all layers and steps.

    Args:
        weights: From `views`.
        layers: How many; more than there are weights for if these are shared.
        x: `(T, N, B, F)`.
        masks: From `draw_masks`; none when the network is used.
        every: Read out at every step, not at the last alone.

    Returns:
        `(logits, tape, read)`: `(T or 1, N, B, V)`; inputs and states of each layer;
        what the read-out saw, `(T or 1, N, B, H)`.
    """
    masks, tape = masks or {}, []
    inputs = _times(x, weights["W_in"]) + weights["b_in"] if "W_in" in weights else x
    for k in range(layers):
        W_xh, W_hh, b_h = _layer(weights, k)
        inputs = inputs * masks.get(("inputs", k), 1)
        sums = _times(inputs, W_xh) + b_h  # (T, N, B, H)
        states, h = np.empty_like(sums), np.zeros_like(sums[0])
        kept = masks.get(("state", k), np.ones(1, sums.dtype))
        for t in range(len(x)):
            h = np.tanh(sums[t] + (h * kept[t % len(kept)]) @ W_hh, out=states[t])
        tape.append((inputs, states))
        inputs = states
    read = states * masks.get(("outputs", layers - 1), 1)
    read = read if every else read[-1:]
    return _times(read, weights["W_hy"]) + weights["b_y"], tape, read


def gradient(weights: dict, into: dict, layers: int, x, y, masks=None, every=False):
    """Mean cross-entropy of each network, its gradient written to `into`.

    Args:
        weights: From `views`.
        into: Views of another array of the same shape.
        layers: As in `forward`.
        x: `(T, N, B, F)`.
        y: Class ids, `(T or 1, N, B)`.
        masks: As in `forward`.
        every: As in `forward`.

    Returns:
        `(N,)`, in nats.
    """
    masks = masks or {}
    logits, tape, read = forward(weights, layers, x, masks, every)
    p = softmax(logits)
    right = np.take_along_axis(p, y[..., None], -1)
    np.put_along_axis(p, y[..., None], right - 1, -1)
    p /= y.shape[0] * y.shape[2]
    into["W_hy"][:], into["b_y"][:] = _product(read, p), p.sum((0, 2))[:, None]
    for k in range(layers):
        for part in _layer(into, k):
            part[:] = 0
    # What each state of the layer is told from above, (T, N, B, H).
    told = np.zeros_like(tape[-1][1])
    seen = _times(p, weights["W_hy"].swapaxes(1, 2))
    told[0 if every else -1 :] = seen
    told *= masks.get(("outputs", layers - 1), 1)
    for k in reversed(range(layers)):
        (W_xh, W_hh, _), (inputs, states) = _layer(weights, k), tape[k]
        kept = masks.get(("state", k), np.ones(1, states.dtype))
        slopes, sums = 1 - states * states, np.empty_like(states)
        late = np.zeros_like(states[0])
        for t in reversed(range(len(x))):
            sums[t] = (told[t] + late) * slopes[t]
            late = (sums[t] @ W_hh.swapaxes(1, 2)) * kept[t % len(kept)]
        before = np.zeros_like(states)
        before[1:] = states[:-1]
        for part, value in zip(
            _layer(into, k),
            (
                _product(inputs, sums),
                _product(before * kept.reshape(len(kept), *kept.shape[1:]), sums),
                sums.sum((0, 2))[:, None],
            ),
        ):
            part += value
        if k or "W_in" in weights:
            told = _times(sums, W_xh.swapaxes(1, 2)) * masks.get(("inputs", k), 1)
    if "W_in" in weights:
        into["W_in"][:], into["b_in"][:] = _product(x, told), told.sum((0, 2))[:, None]
    return -np.log(right + 1e-12)[..., 0].mean(axis=(0, 2))


def softmax(logits):
    """Probabilities from `(..., V)` logits."""
    p = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


def _flat(wanted):
    return [(name, *shape) for name, shape in wanted.items()]


def _layer(weights, k):
    """W_xh, W_hh and b_h of layer k, or those that all layers share."""
    k = k if f"W_xh{k}" in weights else 0
    return weights[f"W_xh{k}"], weights[f"W_hh{k}"], weights[f"b_h{k}"]


def _rows(a):
    """(T, N, B, F) → (N, T B, F), so that each network has one product for all steps."""
    return a.swapaxes(0, 1).reshape(a.shape[1], -1, a.shape[-1])


def _times(a, W):
    T, N, B, _ = a.shape
    return (_rows(a) @ W).reshape(N, T, B, -1).swapaxes(0, 1)


def _product(a, b):
    """The sum over steps and rows of `a` transposed times `b`, for each network."""
    return _rows(a).swapaxes(1, 2) @ _rows(b)
