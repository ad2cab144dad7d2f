"""Count words and predict by counting: language models without a network.

Cast: each model is fitted to a stream of ids `(N,)`; `log_probabilities` then gives
the logarithm of what it held of each token of another stream, `(N,)`, and
`probabilities` its whole distribution after some words, `(V,)`. Minus the mean of the
former is a loss in nats, beside a network's. NumPy alone.
"""

import numpy as np

from rnncourse.shapes import require_ids, require_integer

__all__ = ["Interpolated", "KneserNey", "Unigram"]

BUCKETS = 16
ROUNDS = 100


class _Counts:
    """How often each run of n ids came, and its context, the run less its last id."""

    def __init__(self, runs, counts, size):
        self.runs, self.counts = runs, counts
        self.contexts, self.starts = np.unique(runs // size, return_index=True)
        self.totals = np.add.reduceat(counts, self.starts)


class _NGram:
    """What the models share: from 1 / V on, each length of run improves on the one before."""

    def __init__(self, size: int, order: int = 3):
        self.size = require_integer("size", size, 1, "V, the size of the vocabulary")
        self.order = require_integer("order", order, 1, "3 makes a trigram")
        if self.size**self.order >= 2**63:
            raise ValueError(
                f"`size` to the power of `order` must stay below 2^63, got {size} and {order}: "
                "shorten the runs"
            )
        self._counts = None

    def log_probabilities(self, ids) -> np.ndarray:
        """The logarithm of the probability of each token, given those before it.

        Args:
            ids: A stream, integers `(N,)`. Its first tokens have shorter contexts.

        Returns:
            `(N,)`, finite.

        Raises:
            RuntimeError: Not fitted yet.
            TypeError: No integers.
            ValueError: Wrong rank, or ids outside 0 … V - 1.
        """
        ids = require_ids("ids", ids, self.size).astype(np.int64)
        return np.log(self._predict(self._keys(ids)))

    def probabilities(self, context) -> np.ndarray:
        """The distribution of the next token after some others, `(V,)`.

        Args:
            context: Ids, the latest last; only the last order - 1 are looked at.

        Raises:
            RuntimeError: Not fitted yet.
            TypeError: No integers.
            ValueError: Wrong rank, or ids outside 0 … V - 1.
        """
        context = require_ids("context", context, self.size).astype(np.int64)
        context = context[max(0, len(context) - self.order + 1) :]
        every = np.arange(self.size)
        keys, key = [every], 0
        for n in range(1, self.order):
            if n > len(context):
                keys.append(np.full(self.size, -1))
                continue
            key += int(context[-n]) * self.size ** (n - 1)
            keys.append(key * self.size + every)
        return self._predict(keys)

    def predictions(self, ids) -> np.ndarray:
        """The token held for the likeliest at each place, given those before it, `(N,)`.

        Args and errors as of `log_probabilities`.
        """
        ids = require_ids("ids", ids, self.size).astype(np.int64)
        keys = self._keys(ids)
        best = np.full(len(ids), np.argmax(self._predict([np.arange(self.size)])))
        # Among words never seen after a context, the likeliest is that of the shorter context.
        for n in range(2, self.order + 1):
            level = self._counts[n - 1]
            p = self._predict([level.runs % self.size**m for m in range(1, n + 1)])
            ranked = level.runs[np.lexsort((-p, level.runs // self.size))]
            context = _find(level.contexts, keys[n - 1] // self.size)
            rival = np.where(context < 0, best, ranked[level.starts][context] % self.size)
            swaps = [
                self._predict([key + np.where(key < 0, 0, word - ids) for key in keys[:n]])
                for word in (best, rival)
            ]
            best = np.where(swaps[1] > swaps[0], rival, best)
        return best

    def _keys(self, ids):
        """For n = 1 … order, the run of n ids that ends at each token as one number, or -1."""
        keys = [ids]
        for n in range(1, self.order):
            longer = np.full(len(ids), -1)
            longer[n:] = ids[:-n] * self.size**n + keys[-1][n:]
            keys.append(longer)
        return keys

    def _predict(self, keys):
        if self._counts is None:
            raise RuntimeError("the model must be fitted first, got none: call fit(train, …)")
        p = np.full(len(keys[0]), 1 / self.size)
        for n, key in enumerate(keys, start=1):
            p = self._improve(p, n, key)
        return p

    def _read(self, n, keys):
        """Of each run: how often it came, and where its context stands, -1 if nowhere."""
        counts = self._counts[n - 1]
        run = _find(counts.runs, keys)
        context = _find(counts.contexts, keys // self.size)
        return np.where(run < 0, 0, counts.counts[run]), context


class Unigram(_NGram):
    """How often a word comes, whatever stands before it: (count + 1) / (N + V).

    Source: Laplace's rule of succession (1774).

    >>> model = Unigram(size=2).fit([0, 0, 0, 1])
    >>> model.probabilities([1]).round(3).tolist()
    [0.667, 0.333]
    """

    def __init__(self, size: int):
        """`size` is V."""
        super().__init__(size, order=1)

    def fit(self, train) -> "Unigram":
        """Count the ids of a stream `(N,)`."""
        self._counts = _count(train, self.size, 1)
        return self

    def _improve(self, p, n, keys):
        found, _ = self._read(n, keys)
        return (found + 1) / (self._counts[0].counts.sum() + self.size)


class Interpolated(_NGram):
    """A mixture of trigram, bigram and unigram frequencies and of 1 / V.

    p_n(w | context) = λ · count(context w) / count(context) + (1 - λ) · p_{n-1}(w | shorter
    context), with a λ for contexts that came once, one for those that came twice or three times,
    four to seven times and so on; after a context that never came λ is 0. The λ are those
    under which other text, held out, is most likely.

    Attributes:
        weights: After fitting λ for n = 1 … order and context counts 2^k … 2^(k+1) - 1,
            `(order, 16)`.

    Source: Jelinek & Mercer (1980), Interpolated estimation of Markov source parameters from
    sparse data.

    >>> model = Interpolated(size=3, order=2).fit([0, 1, 2] * 5, held_out=[0, 1, 2, 0])
    >>> int(model.probabilities([0]).argmax())
    1
    """

    weights = None

    def fit(self, train, held_out) -> "Interpolated":
        """Count the runs of `train`, then find the weights by expectation maximisation.

        Args:
            train: Ids `(N,)`, at least `order`.
            held_out: Ids `(M,)` of other text: on `train` itself the longest runs would
                get all the weight.
        """
        self._counts = _count(train, self.size, self.order)
        held_out = require_ids("held_out", held_out, self.size).astype(np.int64)
        if not len(held_out):
            raise ValueError("`held_out` must hold at least one id, got none: keep some text back")
        keys = self._keys(held_out)
        self.weights = np.full((self.order, BUCKETS), 0.5)
        p = np.full(len(held_out), 1 / self.size)
        for n in range(1, self.order + 1):
            frequency, bucket, seen = self._frequency(n, keys[n - 1])
            tokens = np.bincount(bucket[seen], minlength=BUCKETS)
            for _ in range(ROUNDS):
                weight = self.weights[n - 1, bucket]
                mixed = weight * frequency + (1 - weight) * p
                share = np.bincount(
                    bucket[seen], (weight * frequency / mixed)[seen], minlength=BUCKETS
                )
                new = np.where(tokens > 0, share / np.maximum(tokens, 1), 0.5)
                self.weights[n - 1] = np.clip(new, 0.001, 0.999)  # nothing is impossible
            p = self._improve(p, n, keys[n - 1])
        return self

    def _frequency(self, n, keys):
        found, where = self._read(n, keys)
        total = np.where(where < 0, 1, self._counts[n - 1].totals[where])
        bucket = np.minimum(np.log2(total).astype(int), BUCKETS - 1)
        return found / total, bucket, where >= 0

    def _improve(self, p, n, keys):
        frequency, bucket, seen = self._frequency(n, keys)
        weight = np.where(seen, self.weights[n - 1, bucket], 0)
        return weight * frequency + (1 - weight) * p


class KneserNey(_NGram):
    """Discounted frequencies, over how many different words a word came after.

    From every count a little is taken away, and given to the words as the shorter
    context predicts them; and there each word counts as often as there are different
    contexts it came in: "Francisco" may be frequent, it follows "San" alone.

    Source: Kneser & Ney (1995), doi:10.1109/ICASSP.1995.479394, with the three discounts
    of Chen & Goodman (1999), doi:10.1006/csla.1999.0128. On the test part of the Penn
    Treebank a trigram of this kind has perplexity 148.4; Mikolov et al. (2011) report 148.3.

    >>> model = KneserNey(size=3, order=2).fit([0, 1, 2] * 5)
    >>> int(model.probabilities([0]).argmax())
    1
    """

    def fit(self, train) -> "KneserNey":
        """Count the runs of a stream `(N,)`, at least `order` ids."""
        counts = _count(train, self.size, self.order)
        for n in range(self.order - 1, 0, -1):  # distinct contexts instead of occurrences
            runs, kinds = np.unique(counts[n].runs % self.size**n, return_counts=True)
            counts[n - 1] = _Counts(runs, kinds, self.size)
        self._counts, self._discounts, self._freed = counts, [], []
        for level in counts:
            discounts = _discounts(level.counts)
            taken = discounts[np.minimum(level.counts, 3)]
            self._discounts.append(discounts)
            self._freed.append(np.add.reduceat(taken, level.starts))
        return self

    def _improve(self, p, n, keys):
        found, where = self._read(n, keys)
        total = np.where(where < 0, 1, self._counts[n - 1].totals[where])
        kept = found - self._discounts[n - 1][np.minimum(found, 3)]
        return np.where(where < 0, p, (kept + self._freed[n - 1][where] * p) / total)


def _find(known, keys):
    """Where each key stands among the known ones, which are sorted; -1 if nowhere."""
    at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[at] == keys, at, -1)


def _count(train, size, order):
    """The counts of the runs of 1 … `order` ids."""
    ids = require_ids("train", train, size).astype(np.int64)
    if len(ids) < order:
        raise ValueError(
            f"`train` must hold at least {order} ids, got {len(ids)}: pass a longer text"
        )
    runs, levels = np.zeros(len(ids), np.int64), []
    for n in range(1, order + 1):
        runs = runs[: len(ids) - n + 1] * size + ids[n - 1 :]
        levels.append(_Counts(*np.unique(runs, return_counts=True), size))
    return levels


def _discounts(counts):
    """What to take from a count of 0, of 1, of 2 and of 3 or more."""
    n = np.maximum(np.bincount(np.minimum(counts, 5), minlength=6)[1:5], 0.5)
    share = n[0] / (n[0] + 2 * n[1])
    taken = [c - (c + 1) * share * n[c] / n[c - 1] for c in (1, 2, 3)]
    return np.array([0, *np.clip(taken, 0.05, [0.95, 1.9, 2.85])])
