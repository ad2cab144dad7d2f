"""Markov chains of tunes, one for lengths and one for pitches: the baseline of lesson 18.

Cast: a `Chain` learns what followed which context, and backs off to shorter contexts by
absolute discounting. `questions` turns a tune into pairs of context and answer, on the
side of time and on the side of pitch; `choose` finds orders and discounts on a
validation part, `costs` says what each token costs.
"""

from collections import Counter, defaultdict
from typing import NamedTuple

import numpy as np

from rnncourse.data.tunes import join, places, sides

DISCOUNTS = (0.5, 0.7, 0.85, 0.95)
ORDERS = (0, 1, 2, 3, 4, 6, 8, 10)
KNOWS = ("nothing", "metre", "place")


class Chain:
    """The probability of an answer after a context, from counts.

    p_n(a | context) = (max(count - d, 0) + d · kinds · p_{n-1}(a | shorter context)) / total,
    down to 1 / size. In shorter contexts an answer counts once for each longer one that it
    came after.

    Args:
        size: How many answers there are.
        discount: d, 0 < d < 1.

    Source: Kneser & Ney (1995), doi:10.1109/ICASSP.1995.479394.

    >>> chain = Chain(size=3, discount=0.5).fit([(("C",), "D"), (("C",), "E"), (("D",), "E")])
    >>> chain.probability(("D",), "E") > chain.probability(("D",), "C")
    True
    """

    def __init__(self, size: int, discount: float):
        self.size, self.discount = size, discount
        self.levels: list[dict[tuple, Counter]] = []

    def fit(self, pairs) -> "Chain":
        """Count.

        Args:
            pairs: Contexts and answers; the nearest part of a context comes first, and all
                contexts are equally long.
        """
        longest: dict[tuple, Counter] = defaultdict(Counter)
        for context, answer in pairs:
            longest[context][answer] += 1
        self.levels = [longest]
        for n in reversed(range(len(next(iter(longest))))):
            shorter: dict[tuple, Counter] = defaultdict(Counter)
            for context, counts in self.levels[0].items():
                shorter[context[:n]].update(counts.keys())
            self.levels.insert(0, shorter)
        return self

    def draw(self, context: tuple, rng, temperature: float = 1.0):
        """One of the answers that were ever given, by chance; at 0 the likeliest."""
        answers = sorted(self.levels[0][()])
        p = np.array([self.probability(context, answer) for answer in answers])
        if temperature == 0:
            return answers[p.argmax()]
        odds = p ** (1 / temperature)
        return answers[rng.choice(len(answers), p=odds / odds.sum())]

    def probability(self, context: tuple, answer) -> float:
        """Of one answer."""
        p = 1 / self.size
        for n, level in enumerate(self.levels):
            counts = level.get(context[:n])
            if not counts:
                break
            taken = self.discount * len(counts) * p
            p = (max(counts[answer] - self.discount, 0) + taken) / counts.total()
        return p


class Setting(NamedTuple):
    """Of one chain: how many lengths or pitches it looks back, and its discount."""

    order: int
    discount: float


def questions(text, side: int, order: int, knows: str = "nothing") -> list[tuple]:
    """What a chain is asked about a tune.

    Args:
        text: Its tokens.
        side: 0 asks for the length (or bar line) of each token after the metre, 1 for the
            pitch of each note.
        order: So many lengths, or pitches, before it make the context.
        knows: `"metre"` puts the metre behind the last length of a context, `"place"` the
            place in the bar before all; sides of pitch know neither.

    Returns:
        Pairs (context, answer).
    """
    past, asked = [text[0]] * order, []
    befores = places(text) if knows == "place" else text
    for before, token in zip(befores, text[1:]):
        answer = sides(token)[side]
        if not answer:
            continue
        context = tuple(reversed(past[len(past) - order :]))
        if side == 0 and knows == "metre":
            context = (*context[:1], text[0], *context[1:])
        if side == 0 and knows == "place":
            context = (before, *context)
        asked.append((context, answer))
        past.append(answer)
    return asked


def train(texts, side: int, setting: Setting, size: int, knows: str = "nothing") -> Chain:
    """A chain of one side of tunes."""
    pairs = [pair for text in texts for pair in questions(text, side, setting.order, knows)]
    return Chain(size, setting.discount).fit(pairs)


def cost(chain: Chain, text, side: int, order: int, knows: str = "nothing") -> float:
    """Nats of one side of a tune."""
    asked = questions(text, side, order, knows)
    return -float(sum(np.log(chain.probability(*pair)) for pair in asked))


def sizes(texts) -> tuple[int, int]:
    """How many lengths (and bar lines) there are, and how many pitches."""
    kinds = [{sides(token)[side] for text in texts for token in text[1:]} for side in (0, 1)]
    return len(kinds[0]), len(kinds[1] - {""})


def choose(
    learned, held_out, side: int, size: int, knows: str = "nothing", orders=ORDERS
) -> Setting:
    """The setting under which held-out tunes are most likely."""

    def nats(setting):
        chain = fitted[setting.order]
        chain.discount = setting.discount
        return sum(-np.log(chain.probability(*pair)) for pair in asked[setting.order])

    fitted = {n: train(learned, side, Setting(n, 0.5), size, knows) for n in orders}
    asked = {
        n: [pair for text in held_out for pair in questions(text, side, n, knows)] for n in orders
    }
    return min((Setting(order, discount) for order in orders for discount in DISCOUNTS), key=nats)


def compose(chains, orders, prompt, length: int, rng, temperature: float = 1.0) -> list[str]:
    """Let a chain of lengths and one of pitches go on with a tune.

    Args:
        chains: The two, neither told metre nor place.
        orders: Theirs.
        prompt: Tokens, the metre first.
        length: How many tokens to add at most; `||` ends a tune.
        rng: A NumPy generator.
        temperature: 0 takes the likeliest.
    """
    tune = list(prompt)
    while len(tune) < len(prompt) + length and tune[-1] != "||":
        said: list[str] = []
        for side, (chain, order) in enumerate(zip(chains, orders)):
            past = [answer for token in tune[1:] if (answer := sides(token)[side])]
            past = [tune[0]] * order + past
            said.append(chain.draw(tuple(reversed(past[len(past) - order :])), rng, temperature))
            if said[0] in ("|", "||"):
                break
        tune.append(join(*said))
    return tune
