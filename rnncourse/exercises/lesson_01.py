"""Self-checks of lesson 01, Predict what comes next.

Cast: a function, a number, a member or a few words from the reader in, `Feedback`
out. Diaries are drawn here, so that an answer made for one of them does not pass.
"""

import numpy as np

from rnncourse.data import gym
from rnncourse.exercises.feedback import (
    Miss,
    check,
    require_array,
    require_function,
    require_near,
    require_number,
    require_returned,
)

SHAPES = ("one to one", "one to many", "many to one", "delayed", "in step")
LONG = {f"many to many, {shape}": shape for shape in ("delayed", "in step")}
PROBLEMS = {
    "name the animal in a photo": ("one to one", "one vector in, one name out"),
    "write a caption for a photo": (
        "one to many",
        "there is one photo, and the words follow each other",
    ),
    "score a film review": ("many to one", "the verdict is asked for once, after the last word"),
    "summarise a report": ("delayed", "the first line may need the last page"),
    "label every frame of a video": ("in step", "each frame gets its label as it comes"),
    "predict each day's price from the days so far": (
        "in step",
        "at each day something comes in and something is asked for",
    ),
}


@check
def check_encode(encode):
    """Does `encode(done)` turn a diary into vectors, `(T,) → (T, 7)`, with zeros for missed days?

    Args:
        encode: A function of a list of exercise names, `None` where a day was missed.
    """
    require_function(encode, "encode(done)")
    for seed in (3, 7):
        ids = gym.diaries(1, 21, seed)[1][0]
        names = [None if i == gym.MISSED else gym.EXERCISES[i] for i in ids]
        try:
            coded = encode(list(names))
        except ValueError as error:
            if "not in" not in str(error):
                raise
            raise Miss(
                f"your function stopped with “{error}”: a missed day is `None`, which has no place "
                "among the exercises"
            ) from error
        got = _numbers_of(coded)
        if got.shape != (21, gym.PLAN):
            if got.shape == (21, gym.PLAN + 1):
                raise Miss(
                    "got an eighth place, for missed days: a missed day is no exercise, so all "
                    "seven are 0"
                )
            raise Miss(f"21 days must give shape (21, 7), got {got.shape}: a row for each day")
        wrong = np.flatnonzero(np.any(got != gym.vectors(ids), axis=1))
        if wrong.size:
            day = int(wrong[0])
            expected = gym.vectors(ids)[day].astype(int).tolist()
            what = names[day] or "a missed day"
            if got[day].sum() == 1 and names[day] is None:
                raise Miss(
                    f"{what} came out as {gym.EXERCISES[int(got[day].argmax())]}: on such a day "
                    "nothing was done, and every place is 0"
                )
            raise Miss(f"{what} should be {expected}, got {got[day].tolist()}")
    return "six weeks agree, and the missed days are silent"


@check
def check_guess(date, memory):
    """Every day is missed with chance 1/4, four exercises, far from the start.

    Args:
        date: The best share of right answers from the date alone.
        memory: The best share for somebody who knows the whole diary.
    """
    slips = {
        3 / 16: "that is an exercise named at random: 3/4 times 1/4. Is there a likelier answer?",
        1 / 4 + 3 / 16: "only one answer can be given a day: take the likelier, not the sum",
        3 / 4: "that is what somebody gets who knows whose turn it is",
        1 / 5: "the five answers are not equally likely",
    }
    why = "of the five things that can be in the diary on a day, which is the likeliest?"
    require_near("date", date, 1 / 4, slips, why, share=True)
    slips = {
        1: "whether the member comes nobody knows beforehand, not even from the whole diary",
        1 / 4: "who knows the diary knows whose turn it is, and need not say “missed”",
        3 / 16: "who knows the diary knows whose turn it is",
    }
    why = "how often does the member come at all?"
    require_near("memory", memory, 3 / 4, slips, why, share=True)
    return (
        "a quarter and three quarters: without memory the best answer is “missed”, every day, and "
        "the plan is never named"
    )


@check
def check_shift(shift):
    """Does `shift(prices, n)` give the last n inputs that have a target, and their targets?

    Args:
        shift: A function of prices `(T,)`, the last of them tomorrow's, and n that
            returns `(inputs, targets)`, each `(n,)`.
    """
    require_function(shift, "shift(prices, n)")
    rng = np.random.default_rng(1)
    for steps, n in ((30, 5), (30, 12), (6, 5)):
        prices = rng.normal(size=steps).cumsum()
        pair = shift(prices.copy(), n)
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise Miss(f"expected a pair (inputs, targets), got {type(pair).__name__}")
        inputs, targets = map(_numbers_of, pair)
        for name, got in (("inputs", inputs), ("targets", targets)):
            if got.shape != (n,):
                raise Miss(f"`{name}` must have shape ({n},), got {got.shape}")
        if np.array_equal(inputs, prices[-n - 1 : -1]) and np.array_equal(targets, prices[-n:]):
            continue
        if np.array_equal(inputs, prices[-n:]):
            raise Miss("tomorrow's price stands among the inputs: it is what is asked for")
        if np.array_equal(targets, inputs):
            raise Miss("inputs and targets are the same prices: nothing is predicted")
        if np.array_equal(inputs, prices[1 : n + 1]) and np.array_equal(targets, prices[:n]):
            raise Miss("that is a shift into the past: each target is yesterday's price")
        if np.array_equal(inputs, prices[:n]) and np.array_equal(targets, prices[1 : n + 1]):
            raise Miss("these are the first n days; the last ones were asked for")
        if not np.array_equal(targets, prices[-n:]):
            raise Miss("the targets should end with tomorrow's price, the last one")
        raise Miss("each target should be the price one day after its input")
    return "three series agree: n + 1 prices make n inputs and n targets"


@check
def check_shapes(answers):
    """Is each problem given its shape?

    Args:
        answers: Problem → one of "one to one", "one to many", "many to one",
            "delayed", "in step"; the last two also with "many to many, " before them.
    """
    if not isinstance(answers, dict):
        raise Miss(f"expected a dictionary problem → shape, got {type(answers).__name__}")
    missing = [problem for problem in PROBLEMS if problem not in answers]
    if missing:
        raise Miss(f"no shape for {missing[0]!r}")
    wrong = []
    for problem, (shape, why) in PROBLEMS.items():
        answer = answers[problem]
        answer = LONG.get(answer, answer) if isinstance(answer, str) else answer
        if answer not in SHAPES:
            raise Miss(f"{answer!r} is no shape: choose one of {', '.join(SHAPES)}")
        if answer != shape:
            wrong.append(f"{problem}: not {answer}; {why}")
    if wrong:
        raise Miss(f"{len(PROBLEMS) - len(wrong)} of {len(PROBLEMS)} fit. " + ". ".join(wrong))
    return "all six fit: the shape says when something comes in and when something is asked for"


@check
def check_pointless(misses_well, misses_ill):
    """Is the plan as predictable from the calendar as from the whole diary?

    Args:
        misses_well: Chance to miss a day if well.
        misses_ill: Chance to miss a day if ill.
    """
    for name, chance in (("misses_well", misses_well), ("misses_ill", misses_ill)):
        if not 0 <= (chance := require_number(name, chance)) <= 1:
            raise Miss(f"`{name}` must be a chance between 0 and 1, got {chance:g}")
    member = gym.Member(misses_well=float(misses_well), misses_ill=float(misses_ill))
    dated, best = float(gym.calendar_rate(member=member).mean()), gym.ceiling(member)
    if best - dated > 0.005:
        hint = ": while the likelier thing is to come, one has to know what is due"
        if max(misses_well, misses_ill) <= 0.05:
            hint = ": even a rare missed day shifts all that follow"
        elif misses_well == 0:
            hint = ": the well days shift nothing, but the ill ones still do"
        elif misses_well >= 0.5:
            hint = ": the well days are settled, but ill members still come"
        elif misses_ill >= 0.5:
            hint = ": the ill days are settled, but well members still come"
        raise Miss(f"the calendar gets {dated:.3f} and memory {best:.3f}{hint}")
    if max(misses_well, misses_ill) == 0:
        return "1 and 1: nobody misses a day, and the weekday says it all"
    return (
        f"{dated:.3f} and {best:.3f}: a day at least as likely missed as not is best answered with "
        "“missed”, whoever's turn it is"
    )


@check
def check_carry(last_done):
    """Does `last_done(done)` make a lookup in one column as good as a memory?

    Args:
        last_done: A function of a diary `(T,)` of ids, 7 on missed days, that returns
            for each day the exercise last done *before* it, and 7 before the first.
    """
    require_function(last_done, "last_done(done)")
    for seed in (7, 3, 0):
        done = gym.diaries(1, 60, seed)[1][0]
        right, last = [], gym.MISSED
        for entry in done:
            right.append(last)
            last = last if entry == gym.MISSED else entry
        right = np.array(right)
        got = _numbers_of(last_done(done.copy()))
        if got.shape != (60,):
            raise Miss(f"60 days must give shape (60,), got {got.shape}: a number for each day")
        if np.array_equal(got, right):
            continue
        if np.array_equal(got[:-1], right[1:]):
            raise Miss("day t already knows what is done on day t: that is the answer itself")
        if np.array_equal(got, np.r_[gym.MISSED, done[:-1]]):
            raise Miss("that is yesterday's entry: after a missed day it says 7 and no more")
        day = int(np.flatnonzero(got != right)[0])
        before = done[max(0, day - 3) : day].tolist()
        seen = f"the diary before it ends with {before}" if day else "nothing came before"
        raise Miss(f"on day {day} expected {right[day]}, got {got[day]:g}; {seen}")
    return (
        "three diaries agree. You have written a state by hand: a number that a missed day leaves "
        "as it is"
    )


def _numbers_of(returned):
    remedy = "turn names into places first"
    return require_array("days", require_returned(returned), finite=False, remedy=remedy)
