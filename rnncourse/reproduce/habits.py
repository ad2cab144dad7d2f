"""Who predicts the gym plan: feed-forward networks with a window, recurrent ones with a state.

Cast: `start` draws weights as Keras does, `answer` is a network, `learn` trains it
with the course's own loop, `try_windows` and `try_states` are the sweeps of lesson
01. N networks, one for each seed, learn side by side with a leading axis N and
share nothing: their losses are summed, so each has its own gradient.
"""

import keras
import numpy as np
import tensorflow as tf

from rnncourse.data import gym
from rnncourse.reproduce.experiments import Sweep
from rnncourse.training.loop import train


def start(sizes, seeds, recurrent):
    """Kernels and zero biases of two layers, the first with an orthogonal loop if recurrent.

    Args:
        sizes: Features, units, classes.
        seeds: One network each.
        recurrent: Add the loop `(N, H, H)` behind the rest.

    Returns:
        float32 variables `(N, F, H)`, `(N, 1, H)`, `(N, H, V)`, `(N, 1, V)`, and the loop.
    """
    features, units, classes = sizes

    def draw(seed):
        glorot = keras.initializers.GlorotUniform(seed)
        read = keras.initializers.GlorotUniform(seed + 1000)
        parts = [glorot((features, units)), np.zeros((1, units))]
        parts += [read((units, classes)), np.zeros((1, classes))]
        return [*parts, keras.initializers.Orthogonal(seed=seed)((units, units))][: 4 + recurrent]

    return [tf.Variable(np.stack(w), dtype="float32") for w in zip(*map(draw, seeds))]


def times(x, W):
    """x times each network's own matrix: `(T, N, B, F)`, `(N, F, H)` → `(T, N, B, H)`.

    Not `x @ W`: with a single network, (20, 1, 3, 8) @ (1, 8, 5) for instance, the oneDNN
    kernel of TensorFlow 2.21 returns garbage on CPU and writes past the end of its memory.
    """
    T, N, B, F = x.shape
    rows = tf.reshape(tf.transpose(x, (1, 0, 2, 3)), (N, T * B, F)) @ W
    return tf.transpose(tf.reshape(rows, (N, T, B, W.shape[-1])), (1, 0, 2, 3))


def answer(weights, x):
    """Logits `(N, B, V)` for inputs `(N, B, F)`; with a loop, of `(T, N, B, F)` from zeros on."""
    W_x, b, W_y, b_y, *loop = weights
    if not loop:
        return tf.nn.relu(x @ W_x + b) @ W_y + b_y
    pushes, states = times(x, W_x) + b, []
    for t in range(pushes.shape[0]):
        states.append(tf.tanh(pushes[t] + states[-1] @ loop[0] if states else pushes[t]))
    return times(tf.stack(states), W_y) + b_y


def learn(weights, batch, updates, rate, jit=False, network=answer):
    """Adam with a rate that falls to zero along a cosine.

    Args:
        weights: From `start`.
        batch: `batch(step) -> (x, y)`, inputs for the network and class ids, -1 where
            nothing is asked for.
        updates: Their number.
        rate: At the start.
        jit: Compile with XLA, which suits the recurrent ones.
        network: `network(weights, x) -> logits`.
    """

    def loss(step):
        x, y = batch(step)
        asked = tf.maximum(y, 0)
        nll = tf.nn.sparse_softmax_cross_entropy_with_logits(asked, network(weights, x))
        nll *= tf.cast(y >= 0, nll.dtype)
        return tf.reduce_mean(nll) * weights[0].shape[0]  # the sum over networks of each one's mean

    schedule = keras.optimizers.schedules.CosineDecay(rate, updates)
    optimizer = keras.optimizers.Adam(schedule)
    train(loss, weights, optimizer, updates, steps_per_call=updates, jit=jit, progress=False)


def try_windows(config, seeds):
    """Feed-forward networks that read date, health and a window of the diary.

    Args:
        config: `units`, `people`, `batch`, `updates`, `rate`, `runs` (see `scores`), and
            `cases` with `lags` and what is to replace the rest; `evenly` draws days with
            the same chance for each number of days missed before them.
        seeds: Of weights and diaries.

    Returns:
        For each seed, a number for each case: see `scores`; `exact` is the
        share of right answers by `gym.calendar_score`, only where `lags` is 0, else -1.
    """
    results: list[dict] = [{} for _ in seeds]
    diaries = [gym.diaries(config["people"], gym.YEAR, seed) for seed in seeds]
    for case in config["cases"]:
        settings = config | case
        lags = settings["lags"]
        ids = tf.constant(np.stack([_ids(ill, done, lags) for ill, done, _ in diaries]))
        days = [_draw(done, settings, seed) for seed, (_, done, _) in zip(seeds, diaries)]
        picks = tf.constant(np.stack(days, axis=1), tf.int32)  # (updates, N, B)

        def batch(step, ids=ids, picks=picks):
            rows = tf.gather(ids, picks[step], batch_dims=1)  # (N, B, 4 + lags)
            return _one_hot(rows[..., 1:]), rows[..., 0]

        weights = start((20 + 7 * lags, config["units"], 8), seeds, recurrent=False)
        learn(weights, batch, settings["updates"], settings["rate"])
        for i, result in enumerate(results):
            mine = [w[i : i + 1] for w in weights]

            def said(ill, done, mine=mine, lags=lags):
                x = gym.inputs(ill, done, lags, dated=True).reshape(1, ill.size, -1)
                return np.argmax(answer(mine, x)[0], axis=-1).reshape(ill.shape)

            result.setdefault("exact", []).append(_exact(said) if lags == 0 else -1)
            for name, score in scores(said, config["runs"]).items():
                result.setdefault(name, []).append(score)
    return results


def remember(diaries, targets, config, seeds):
    """Train recurrent networks, one for each seed, on diaries of its own.

    Args:
        diaries: `(ill, done)` for each seed, `(B, T)` each.
        targets: Ids for each seed, `(B, T)`, -1 on days that are not asked for.
        config: `units`, `updates`, `batch` (diaries in one) and `rate`.
        seeds: Of weights and batches.

    Returns:
        Weights as from `start`.
    """
    x = tf.constant(np.stack([gym.inputs(*diary, 1, dated=False) for diary in diaries]))
    y = tf.constant(np.stack(targets), tf.int32)
    shape = config["updates"], config["batch"]
    picks = [np.random.default_rng([s, 1]).integers(y.shape[1], size=shape) for s in seeds]
    picks = tf.constant(np.stack(picks, axis=1), tf.int32)

    def batch(step):
        rows = tf.gather(x, picks[step], batch_dims=1)  # (N, B, T, F)
        answers = tf.gather(y, picks[step], batch_dims=1)
        return tf.transpose(rows, (2, 0, 1, 3)), tf.transpose(answers, (2, 0, 1))

    weights = start((8, config["units"], 8), seeds, recurrent=True)
    learn(weights, batch, config["updates"], config["rate"], jit=True)
    return weights


def try_states(config, seeds):
    """Recurrent networks that read health and yesterday's vector, and nothing of the date.

    Args:
        config: `units`, `updates`, `rate`, `runs`, and `cases` with `days` (the length of
            the diaries to learn from), `people` and `batch`.
        seeds: Of weights and diaries.

    Returns:
        For each seed, a number for each case: see `scores`.
    """
    results: list[dict] = [{} for _ in seeds]
    for case in config["cases"]:
        settings = config | case
        diaries = [gym.diaries(settings["people"], settings["days"], seed) for seed in seeds]
        targets = [done for _, done, _ in diaries]
        weights = remember([diary[:2] for diary in diaries], targets, settings, seeds)
        for i, result in enumerate(results):
            mine = [w.numpy()[i] for w in weights]
            for name, score in scores(lambda *d, w=mine: walk(w, *d), config["runs"]).items():
                result.setdefault(name, []).append(score)
    return results


def scores(said, runs):
    """How well answers fit diaries that no training has seen.

    Args:
        said: `said(ill, done) -> ids`, all `(B, T)`.
        runs: `people` and `days` to ask about, `gaps`: numbers of days missed.

    Returns:
        Shares of right answers, attendance averaged out (`gym.expected`): `first` over the
        first four weeks, `right` over the year, `later` over the last year asked about;
        `after`: on well days after each of the gaps, divided by the best possible.
    """
    ill, done, due = gym.diaries(runs["people"], runs["days"], rng=10**9)
    right = gym.expected(said(ill, done), ill, due)
    missed = gym.missed_before(done)
    after = [right[(ill == 0) & (missed == gap)].mean() for gap in runs["gaps"]]
    best = 1 - gym.MEMBER.misses_well
    return {
        "first": round(float(right[:, :28].mean()), 5),
        "right": round(float(right[:, : gym.YEAR].mean()), 5),
        "later": round(float(right[:, -gym.YEAR :].mean()), 5),
        "after": np.round(np.array(after) / best, 4).tolist(),
    }


def _ids(ill, done, lags):
    """Target, weekday, month, health and the last days' entries of every day: `(B·T, 4 + lags)`."""
    weekday, month = gym.calendar(done.shape[1])
    columns = [done, weekday, month, ill, *(gym.before(done, lag) for lag in range(1, lags + 1))]
    return np.stack(np.broadcast_arrays(*columns), axis=-1).reshape(-1, 4 + lags).astype(np.int32)


def _one_hot(ids):
    """What `gym.inputs` makes of dated days, from ids: `(..., 3 + lags) → (..., 20 + 7·lags)`."""
    parts = [tf.one_hot(ids[..., 0], 7), tf.one_hot(ids[..., 1], 12)]
    parts.append(tf.cast(ids[..., 2:3], tf.float32))
    parts += [tf.one_hot(entry, gym.PLAN) for entry in tf.unstack(ids[..., 3:], axis=-1)]
    return tf.concat(parts, axis=-1)


def _draw(done, config, seed):
    """Indices of days to learn from, `(updates, batch)`."""
    rng = np.random.default_rng([seed, 1])
    shape = config["updates"], config["batch"]
    if not config.get("evenly"):
        return rng.integers(done.size, size=shape)
    missed = gym.missed_before(done).ravel()
    groups = np.arange(max(config["runs"]["gaps"]) + 1)
    order = np.argsort(missed, kind="stable")
    low, high = (np.searchsorted(missed[order], groups, side) for side in ("left", "right"))
    group = rng.integers(len(groups), size=shape)
    return order[rng.integers(low[group], high[group])]


def _exact(said):
    """The exact share of right answers of one who looks at the date and today's health."""
    nothing = np.full((1, gym.YEAR), gym.MISSED)
    answers = [said(np.full_like(nothing, ill), nothing)[0] for ill in (0, 1)]
    return round(float(gym.calendar_score(np.stack(answers, axis=-1)).mean()), 5)


def walk(weights, ill, done):
    """What one recurrent network says on each day, however many there are: `(B, T)`."""
    W_x, b, W_y, b_y, W_h = weights
    x = gym.inputs(ill, done, 1, dated=False)
    h, said = np.zeros((len(x), len(W_h)), np.float32), []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ W_x + b + h @ W_h)
        said.append(np.argmax(h @ W_y + b_y, axis=-1))
    return np.stack(said, axis=1)


RUNS = {"people": 200, "days": 3650, "gaps": list(range(14))}
# Wide, since few days follow a long gap, and what a network says there hangs on few weights.
LEARNED = {"kind": "learned", "tolerance": 0.1}

SWEEPS = (
    Sweep(
        "gym-window",
        {
            "units": 32,
            "people": 300,
            "batch": 256,
            "updates": 2000,
            "rate": 0.01,
            "runs": RUNS | {"days": 365, "people": 1000},
            "cases": [{"lags": lags} for lags in (0, 1, 2, 3, 7, 14)]
            + [{"lags": 14, "updates": 6000}, {"lags": 14, "evenly": True}],
        },
        try_windows,
        **LEARNED,
    ),
    Sweep(
        "gym-state",
        {
            "units": 20,
            "updates": 1000,
            "rate": 0.01,
            "runs": RUNS,
            "cases": [
                {"days": 7, "people": 4000, "batch": 64},
                {"days": 14, "people": 2000, "batch": 32},
                {"days": 28, "people": 1000, "batch": 16},
            ],
        },
        try_states,
        **LEARNED,
    ),
)
