"""Self-checks of lesson 08, Stack layers, drop units.

Cast: a function, a number or a set of words from the reader in, `Feedback` out.
"""

import numpy as np

from rnncourse.exercises.feedback import (
    Miss,
    check,
    require_function,
    require_near,
    require_returned,
)

REFUSED = {"another width", "a layer more", "another vocabulary"}
TAKEN = {"another batch", "other steps", "another rate of dropout", "a layer less"}


@check
def check_counts(own, shared):
    """Three layers of 100 neurons on inputs of 100 numbers: how many parameters?

    Args:
        own: With three cells.
        shared: With one cell three times.
    """
    cell = 100 * 100 + 100 * 100 + 100
    without_loop = (
        "each layer has two matrices, one for what comes from below and one for its own past"
    )
    slips = {
        3 * 2 * 100 * 100: "each layer has a bias for each neuron",
        3 * 100 * 100: f"{without_loop}, and a bias",
        3 * (100 * 100 + 100): without_loop,
        cell: "that is one layer",
    }
    require_near("own", own, 3 * cell, slips, "count one cell first: two matrices and a bias")
    slips = {
        3 * cell: "the three layers are one cell, and it has one set of weights",
        2 * 100 * 100: "the cell has a bias for each neuron",
        100 * 100: f"{without_loop}, and a bias",
    }
    require_near("shared", shared, cell, slips, "how many different cells are there?")
    return f"{3 * cell:,} and {cell:,}: a layer that is there twice is counted once"


@check
def check_split(split):
    """Does `split(joined, sizes)` take a joined state apart again?

    Args:
        split: A function of an array `(B, sum of sizes)` and a list of sizes that
            returns a list of arrays `(B, size)`.
    """
    require_function(split, "split(joined, sizes)")
    for sizes in ([4, 4, 4], [5, 3], [2, 2, 6, 1]):
        rng = np.random.default_rng(sum(sizes))
        states = [rng.normal(size=(3, size)) for size in sizes]
        joined = np.concatenate(states, axis=1)
        got = require_returned(split(joined.copy(), list(sizes)))
        asked = f"split(joined, {sizes})"
        got = [np.asarray(part) for part in got]
        if len(got) != len(sizes):
            raise Miss(f"{asked} must give {len(sizes)} states, got {len(got)}")
        for k, (part, state) in enumerate(zip(got, states)):
            if part.shape != state.shape:
                raise Miss(f"state {k} of {asked} must have shape {state.shape}, got {part.shape}")
            if not np.array_equal(part, state):
                widths = np.cumsum([0, *sizes])
                raise Miss(
                    f"state {k} of {asked} must be the columns {widths[k]} to "
                    f"{widths[k + 1] - 1}, got others: where does each layer begin?"
                )
    return "three joined states came apart where they had been joined"


@check
def check_keep(dropped, factor):
    """`output_keep_prob=0.9`: what share is dropped, and what are the others multiplied by?

    Args:
        dropped: A share between 0 and 1.
        factor: Of what is kept, while training.
    """
    slips = {0.9: "0.9 is the share that is kept"}
    why = "what is kept and what is dropped make 1"
    require_near("dropped", dropped, 0.1, slips, why, share=True)
    slips = {
        1.0: "then the sum over the units would be smaller in training than in use",
        0.9: "that makes what is left smaller still; its sum has to come up to the whole again",
        10.0: "divide by the share that is kept, not by the share that is dropped",
    }
    require_near(
        "factor", factor, 1 / 0.9, slips, "0.9 of the units have to add up to what all did"
    )
    return "a tenth is dropped, and nine tenths are made larger by 1 / 0.9 = 1.11"


@check
def check_drop(drop):
    """Does `drop(x, rate, rng)` drop whole features of a sequence, the same at all its steps?

    Args:
        drop: A function of `(B, T, F)`, a share and a NumPy generator that returns
            `(B, T, F)`.
    """
    require_function(drop, "drop(x, rate, rng)")
    for rate in (0.2, 0.5):
        x = np.random.default_rng(1).uniform(1, 2, size=(40, 7, 30))
        got, again = (drop(x.copy(), rate, np.random.default_rng(2)) for _ in range(2))
        got = np.asarray(require_returned(got))
        if got.shape != x.shape:
            raise Miss(f"expected shape {x.shape}, got {got.shape}")
        if not np.array_equal(got, np.asarray(again)):
            raise Miss(
                "two calls with generators in the same state dropped different numbers: draw "
                "from `rng` and from nothing else"
            )
        kept = got != 0
        if np.all(kept == kept[:, :1, :1]) and not kept.all():
            raise Miss(
                "whole sequences were dropped or kept: draw for each feature of each sequence, "
                "(B, 1, F)"
            )
        share = 1 - kept.mean()
        if share == 0:
            raise Miss("nothing was dropped: multiply by a mask of zeros and others")
        # Of 1,200 coins, the smallest number that is ever drawn: standard error 0.014.
        if abs(share - rate) > 0.07:
            other = abs(share - (1 - rate)) < 0.07
            hint = "that is the share to keep" if other else "compare random numbers with the rate"
            raise Miss(f"{share:.2f} were dropped at a rate of {rate}: {hint}")
        if np.any(kept != kept[:, :1]):
            raise Miss(
                "the mask changes from step to step: draw it with a time axis of 1, (B, 1, F), "
                "and let it broadcast"
            )
        if len({row.tobytes() for row in kept[:, 0]}) == 1:
            raise Miss("all rows lost the same features: every sequence draws a mask of its own")
        factors = got[kept] / x[kept]
        if not np.allclose(factors, 1 / (1 - rate)):
            raise Miss(
                f"what is kept was multiplied by {factors.mean():.2f}: divide by the share that is "
                f"kept, {1 - rate:g}, so that the mean stays as it was"
            )
    return "one mask a sequence, the same at all steps, and a mean that stays"


@check
def check_survivors(step, sequence):
    """1,000 units that only carry their number on; half of the state is dropped. Who is left?

    Args:
        step: Units that still hold a number after ten steps, on average, if the mask is
            drawn anew at each step.
        sequence: The same if one mask stands for the whole sequence.
    """
    slips = {
        500: "a unit that was dropped once stays empty, and it may be dropped at each of ten steps",
        0: "half of them at each step, ten times: how many is that?",
        100: "each step halves those that are left; it does not take away as many every time",
    }
    what = "a unit is left if it was kept ten times in a row"
    require_near("step", step, 1000 / 2**10, slips, what, near=0.1)
    slips = {
        1000 / 2**10: "the same units are dropped at all ten steps, and those kept are kept by all",
        1: "the same units are dropped at all ten steps, and those kept are kept by all",
        1000: "half are dropped at the first step already",
    }
    require_near("sequence", sequence, 500, slips, "what does the second step drop?")
    return "about one of a thousand, or five hundred; and what is left has been doubled ten times"


@check
def check_refused(refused):
    """What in the program that reads a file of weights makes Keras refuse it?

    Args:
        refused: Those of the seven changes that are refused, as a set of strings.
    """
    if refused == {}:
        refused = set()
    if isinstance(refused, str) or not isinstance(refused, set | frozenset | list | tuple):
        raise Miss(f"expected a set of strings, got {type(refused).__name__}")
    if not all(isinstance(change, str) for change in refused):
        raise Miss(f"expected a set of strings, got {refused!r}: one string for each change")
    refused = set(refused)
    strangers = refused - REFUSED - TAKEN
    if strangers:
        raise Miss(
            f"{sorted(map(str, strangers))[0]!r} is none of the seven: {sorted(REFUSED | TAKEN)}"
        )
    if "a layer less" in refused:
        raise Miss(
            "a layer less is taken without a word: every weight it asks for is in the file, "
            "and nobody asks for the rest"
        )
    wrong = sorted(refused & TAKEN)
    if wrong:
        raise Miss(f"{wrong[0]} changes the shape of no weight: what is in the file still fits")
    missing = REFUSED - refused
    if missing:
        number = ("one is", "two are", "three are")[len(missing) - 1]
        reason = (
            "for which changes is a weight asked for that is not in the file, or is there in "
            "another shape?"
        )
        if missing == {"a layer more"}:
            reason = "a weight may be asked for that is not in the file"
        elif len(missing) == 1:
            reason = "a weight may be in the file, but in another shape"
        raise Miss(f"{number} missing: {reason}")
    return "three are refused; of the four that are not, one should be"
