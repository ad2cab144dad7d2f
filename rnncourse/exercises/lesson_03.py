"""Self-checks of lesson 03, Unroll through time.

Cast: a function, four guesses or a list of lengths from the reader in, `Feedback`
out. Functions are tried on batches drawn here, of several shapes, so that an
answer made for one example does not pass.
"""

import numpy as np

from rnncourse.evaluation import eos_lengths
from rnncourse.exercises.feedback import (
    Miss,
    check,
    require_array,
    require_function,
    require_number,
    require_returned,
)

CLOSE = 1e-9
SYLLABLES, FLATTERED = 8, 1.1


@check
def check_turn(turn):
    """Does `turn(X)` make `(T, B, F)` of `(B, T, F)`, the same steps in a new order?

    Args:
        turn: A function of one array.
    """
    require_function(turn, "turn(X)")
    for shape in ((4, 6, 3), (5, 5, 2), (3, 3, 3)):
        X = np.arange(np.prod(shape), dtype=float).reshape(shape)
        got, wanted = _returned(turn(X.copy())), X.transpose(1, 0, 2)
        if got.shape != wanted.shape:
            raise Miss(f"X is {shape}: expected shape {wanted.shape}, got {got.shape}")
        if np.array_equal(got, wanted):
            continue
        if np.array_equal(got, X):
            raise Miss("nothing was turned: got[t, b] must be X[b, t]")
        if np.array_equal(got.ravel(), X.ravel()):
            raise Miss(
                "the shape is right and the contents are not: reshape reads on across the end of "
                "a row, so steps of different sequences change places. Swap the axes instead"
            )
        raise Miss("the shape is right, but got[t, b] must be X[b, t], features in their order")
    return "three shapes agree, the square ones too, where a wrong order has the right shape"


@check
def check_growth(graph_written, graph_loop, kept_by_loop, cut_by_slices):
    """By what factor does each grow from 100 to 1,000 steps?

    Args:
        graph_written: Nodes of a graph with the steps written out.
        graph_loop: Nodes of a graph with a loop.
        kept_by_loop: Numbers that the loop keeps for the way back.
        cut_by_slices: Numbers that the way back writes if each step slices its input.
    """
    right = {
        "graph_written": (10, "every step adds the same nodes"),
        "graph_loop": (1, "the cell stands in it once, whatever T is"),
        "kept_by_loop": (10, "the way back asks for every step, however the walk is written"),
        "cut_by_slices": (100, "ten times the slices, and each has a gradient ten times as long"),
    }
    guesses = graph_written, graph_loop, kept_by_loop, cut_by_slices
    for (name, (factor, why)), guess in zip(right.items(), guesses, strict=True):
        guess = require_number(name, guess, "a factor", "1 means it stays the same")
        # A few nodes stand outside the steps, so a counted factor is not quite ten.
        if not 0.85 * factor <= guess <= 1.15 * factor:
            raise Miss(f"`{name}` grows by {factor}, not by {guess:g}: {why}")
    return "10, 1, 10, 100: the loop saves paper, not memory, and a slice in it costs the square"


@check
def check_song_ends(song_lengths):
    """Does `song_lengths(tokens, eos)` count the steps up to and including the first `eos`?

    Args:
        song_lengths: A function of ids `(B, T)` and one id; it returns `(B,)`.
    """
    require_function(song_lengths, "song_lengths(tokens, eos)")
    plain = np.array([[5, 4, 1, 0, 0], [3, 1, 0, 0, 0]])
    endless = np.array([[5, 4, 3, 3, 4], [2, 1, 0, 0, 0]])
    repeated = np.array([[5, 1, 4, 1, 2], [1, 1, 1, 2, 3]])
    _compare_lengths(song_lengths, plain, "an END within each row")
    _compare_lengths(song_lengths, endless, "a row with no END")
    _compare_lengths(song_lengths, repeated, "more than one END")
    rng = np.random.default_rng(3)
    for _ in range(20):
        tokens = rng.integers(6, size=rng.integers(1, 7, size=2))
        _compare_lengths(song_lengths, tokens, "random rows")
    return "the END counts, the first one decides, and a row without it goes on to the last step"


def _compare_lengths(song_lengths, tokens, what) -> None:
    wanted, got = eos_lengths(tokens, eos=1), _returned(song_lengths(tokens.copy(), 1))
    if got.shape != wanted.shape:
        raise Miss(f"expected one length for each of {len(tokens)} rows, got shape {got.shape}")
    if np.array_equal(got, wanted):
        return
    row = int(np.argmax(got != wanted))
    where = f"{what}: for {tokens[row].tolist()} expected {wanted[row]}, got {got[row]}"
    ended = 1 in tokens[row]
    last = np.flatnonzero(tokens[row] == 1)[-1] + 1 if ended else None
    slips = {
        "END itself counts: the network has to learn to stop": ended
        and got[row] == wanted[row] - 1,
        "no END, so every step counts; argmax finds none and says 0": not ended and got[row] < 2,
        "the song is over at the first END, not at the last": got[row] == last,
        "count to the END, not what is no padding": got[row] == np.count_nonzero(tokens[row]),
    }
    found = [hint for hint, holds in slips.items() if holds]
    raise Miss(f"{where}; {found[0] if found else 'look for the place of the first END'}")


@check
def check_masked_mean(masked_mean):
    """Is `masked_mean(losses, lengths)` the mean over the steps that count?

    Args:
        masked_mean: A function of `(B, T)` and `(B,)` that returns one number.
    """
    require_function(masked_mean, "masked_mean(losses, lengths)")
    rng = np.random.default_rng(4)
    for steps, lengths in ((6, [6, 2, 1]), (5, [1, 5, 0, 3]), (4, [4, 4])):
        losses, lengths = rng.uniform(1, 3, size=(len(lengths), steps)), np.array(lengths)
        counts = np.arange(steps) < lengths[:, None]
        got = _returned(masked_mean(losses.copy(), lengths.copy()))
        if got.shape != ():
            raise Miss(f"expected one number, got shape {got.shape}: the mean over all that counts")
        wanted = losses[counts].mean()
        if not abs(got - wanted) <= CLOSE:
            hint = _slip(float(got), losses, lengths, counts)
            raise Miss(
                f"for lengths {lengths.tolist()} expected {wanted:.3f}, got {got:.3f}: {hint}"
            )
        junk = np.where(counts, losses, np.nan)
        if not abs(_returned(masked_mean(junk, lengths.copy())) - wanted) <= CLOSE:
            raise Miss(
                "right as long as the padding holds numbers, but with NaN there the mean is NaN: "
                "zero times NaN is NaN. Pick the entries with losses[mask], or use np.where"
            )
    return "sum over what counts, divided by how much counts; not even NaN in the padding gets in"


def _slip(got, losses, lengths, counts) -> str:
    """What seems to have gone wrong with the mean `got`."""
    steps = np.arange(losses.shape[1])
    with np.errstate(all="ignore"):
        slips = {
            "that is the mean over all positions, padding included": losses.mean(),
            "padding is left out of the sum, but still counted below": (losses * counts).mean(),
            "that is the sum; divide by the number of steps that count": losses[counts].sum(),
            "the mean of the rows' means gives a short row the weight of a long one": np.mean(
                [row[:n].mean() for row, n in zip(losses, lengths, strict=True) if n]
            ),
            "one step too many: step t counts if t < length": losses[
                steps <= lengths[:, None]
            ].mean(),
            "one step too few: step t counts if t < length": losses[
                steps < lengths[:, None] - 1
            ].mean(),
            "this keeps the padding and drops the song": losses[~counts].mean(),
        }
    found = [hint for hint, value in slips.items() if abs(got - value) <= CLOSE]
    return found[0] if found else "add up the losses that count and divide by their number"


@check
def check_flattery(lengths):
    """Do these lengths make a network that knows nothing look nearly perfect?

    It gives each of eight syllables the same chance, END included, and knows the
    padding by heart; its loss is averaged over all positions.

    Args:
        lengths: Of the songs in the batch, END included; it is padded to the longest.
    """
    remedy = "one whole number for each song, for instance [5, 3, 5]"
    lengths = require_array("lengths", lengths, remedy=remedy)
    if lengths.ndim != 1 or not lengths.size or lengths.dtype.kind not in "iu":
        raise Miss(f"expected a list `lengths` of whole numbers, {remedy}")
    if lengths.min() < 1:
        raise Miss(f"got a song of length {lengths.min()}: END alone is length 1")
    share = lengths.sum() / (lengths.size * lengths.max())
    seen = SYLLABLES**share
    if share == 1:
        raise Miss("songs of one length need no padding, so the mean is honest: perplexity 8")
    if seen > FLATTERED:
        raise Miss(
            f"padding fills {1 - share:.0%} of the batch and the network seems to have perplexity "
            f"{seen:.2f}; expected at most {FLATTERED}. The longest song sets the size of the "
            "batch: what do short ones beside it do?"
        )
    return (
        f"padding fills {1 - share:.0%} of the batch, and a network that knows no syllable of it "
        f"seems to have perplexity {seen:.2f}"
    )


@check
def check_backwards(backwards):
    """Does `backwards(X, lengths)` turn each row round within its length?

    Args:
        backwards: A function of `(B, T, F)` and `(B,)` that returns `(B, T, F)`,
            with padding where it was.
    """
    require_function(backwards, "backwards(X, lengths)")
    rng = np.random.default_rng(6)
    for steps, lengths in ((5, [5, 3, 1]), (4, [2, 4, 0, 3]), (1, [1, 0])):
        X, lengths = rng.uniform(1, 2, size=(len(lengths), steps, 2)), np.array(lengths)
        X[np.arange(steps) >= lengths[:, None]] = 0
        wanted = X.copy()
        for row, n in zip(wanted, lengths, strict=True):
            row[:n] = row[:n][::-1]
        got = _returned(backwards(X.copy(), lengths.copy()))
        if got.shape != X.shape:
            raise Miss(f"X is {X.shape}: expected the same shape, got {got.shape}")
        if np.array_equal(got, wanted):
            continue
        if np.array_equal(got, X[:, ::-1]):
            raise Miss(
                "now the padding comes first: a row of length 3 in 5 steps begins with two zeros, "
                "and the walk would read them. Turn round only X[b, :length]"
            )
        if np.array_equal(got, X):
            raise Miss("nothing was turned round")
        if np.array_equal(got, wanted[:, :, ::-1]) or np.array_equal(got, X[:, :, ::-1]):
            raise Miss("the features changed places too: turn the axis of time alone")
        row = int(np.argmax(np.any(got != wanted, axis=(1, 2))))
        raise Miss(
            f"row {row}, of length {lengths[row]}, is wrong: step t must be step length - 1 - t of "
            "the row, and what lies behind the length must stay"
        )
    return "each row runs backwards and the padding stays behind it, rows of length 0 included"


def _returned(answer) -> np.ndarray:
    return require_array("result", require_returned(answer), finite=False)
