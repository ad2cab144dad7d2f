"""Sentences from a grammar in plain sight, and exactly how predictable they are.

"the girl that the cats hear sleeps near the bell and she waits near her mice ." The
verb agrees with its subject, however much stands between them, and so do the pronouns
after "and" and "near"; "that" always speaks of the subject. What may come next depends
on one of 62 states, and any word leads from a state to a single other one: who has read
the sentence knows the state.

Cast: `sample` draws a stream of tokens; `next_word_probabilities` and
`log_probabilities` know the grammar; `entropy_rate` is the loss below which nobody
gets, and `entropy_after` that of those who see the last few words only; `first_mistake`
finds the word at which a text leaves the grammar.
"""

from bisect import bisect
from collections.abc import Iterable
from functools import cache
from itertools import accumulate

import numpy as np

from rnncourse.evaluation import entropy
from rnncourse.shapes import require_integer

__all__ = [
    "WORDS",
    "entropy_after",
    "entropy_rate",
    "first_mistake",
    "log_probabilities",
    "next_word_probabilities",
    "sample",
]

NOUNS = {
    "she": {"girl": 0.6, "queen": 0.4},
    "he": {"boy": 0.6, "king": 0.4},
    "it": {"mouse": 0.5, "cat": 0.5},
    "they": {"girls": 0.2, "boys": 0.2, "mice": 0.3, "cats": 0.3},
}
KINDS = {"she": 0.25, "he": 0.25, "it": 0.2, "they": 0.3}
ONE, MANY = {"she": 0.35, "he": 0.35, "it": 0.3}, {"they": 1.0}
SELF = {"she": "herself", "he": "himself", "it": "itself", "they": "themselves"}
OWN = {"she": "her", "he": "his", "it": "its", "they": "their"}
ACTS = {"hear": 0.4, "see": 0.3, "fear": 0.2, "chase": 0.1}  # upon somebody
RESTS = {"sleep": 0.4, "wait": 0.3, "sing": 0.2, "run": 0.1}  # of oneself alone
START = ("sentence", None)


def _grammar():
    """Each state: the words that may come, with their probability and the state they lead to.

    A state is what has been reached and whom the sentence is about.
    """
    ending = ("ending", None)
    states = {
        START: {
            "the": (0.7, ("one or more", None)),
            "a": (0.2, ("one", None)),
            "two": (0.1, ("more", None)),
        },
        ("one or more", None): _nouns(KINDS, "subject"),
        ("one", None): _nouns(ONE, "subject"),
        ("more", None): _nouns(MANY, "subject"),
        ("belongings", None): _nouns(KINDS, ending),
        ending: {".": (1.0, START)},
    }
    for kind in KINDS:
        whom, clause, place = ("whom", kind), ("clause", kind), ("place", kind)
        states |= {
            ("subject", kind): _verbs(kind, 0.2, RESTS, clause)
            | _verbs(kind, 0.3, ACTS, whom)
            | {"that": (0.35, ("that", kind)), "near": (0.15, place)},
            ("that", kind): _verbs(kind, 0.5, ACTS, place) | {"the": (0.5, ("other", kind))},
            ("other", kind): {
                noun: (p, ("others" if noun in NOUNS["they"] else "another", kind))
                for noun, (p, _) in _nouns(KINDS, None).items()
            },
            ("another", kind): _verbs("it", 1.0, ACTS, ("subject", kind)),
            ("others", kind): _verbs("they", 1.0, ACTS, ("subject", kind)),
            place: {"the": (1.0, ("place of", kind))},
            ("place of", kind): _nouns(KINDS, ("subject", kind)),
            whom: {SELF[kind]: (0.3, clause), "the": (0.7, ("object", kind))},
            ("object", kind): _nouns(KINDS, clause),
            clause: {".": (0.4, START), "and": (0.6, ("again", kind))},
            ("again", kind): {kind: (1.0, ("pronoun", kind))},
            ("pronoun", kind): _verbs(kind, 1.0, RESTS, ("where", kind)),
            ("where", kind): {".": (0.4, START), "near": (0.6, ("whose", kind))},
            ("whose", kind): {OWN[kind]: (1.0, ("belongings", None))},
        }
    return states


def _nouns(kinds, then):
    """Nouns of these kinds; `then` is a state, or the name of one for each kind."""
    return {
        noun: (share * p, (then, kind) if isinstance(then, str) else then)
        for kind, share in kinds.items()
        for noun, p in NOUNS[kind].items()
    }


def _verbs(kind, share, verbs, then):
    """Verbs in the form that agrees with `kind`; together they have the probability `share`."""
    ending = "" if kind == "they" else "s"
    return {verb + ending: (share * p, then) for verb, p in verbs.items()}


STATES = _grammar()
WORDS = tuple(sorted({word for words in STATES.values() for word in words}))


def sample(words: int, seed) -> list[str]:
    """A stream of sentences, each ending with a point.

    Args:
        words: How many tokens; the last sentence may be cut.
        seed: A seed, or a NumPy random generator.

    Returns:
        The tokens, always the same for a seed.

    >>> " ".join(sample(9, seed=4))
    'two mice near the cat see the queen and'
    """
    words = require_integer("words", words, 0, "ask for some words")
    choices = {
        state: (list(accumulate(p for p, _ in after.values())), list(after.items()))
        for state, after in STATES.items()
    }
    state, tokens = START, []
    for chance in np.random.default_rng(seed).random(words).tolist():
        limits, after = choices[state]
        word, (_, state) = after[min(bisect(limits, chance), len(after) - 1)]
        tokens.append(word)
    return tokens


def next_word_probabilities(prefix: Iterable[str]) -> dict[str, float]:
    """Every word that may come next, with its probability; the likeliest first.

    Args:
        prefix: Tokens from the beginning of a sentence on; several sentences will do.

    Raises:
        TypeError: No list of tokens.
        ValueError: A text that the grammar does not allow.

    >>> next_word_probabilities("the girl that the cats hear sleeps and".split())
    {'she': 1.0}
    """
    *_, (state, _) = _follow(prefix)
    after = {word: p for word, (p, _) in STATES[state].items()}
    return dict(sorted(after.items(), key=lambda item: -item[1]))


def log_probabilities(tokens: Iterable[str]) -> np.ndarray:
    """The logarithm of the probability of each token, given all before it, `(N,)`.

    Raises:
        TypeError: No list of tokens.
        ValueError: A text that the grammar does not allow.

    >>> np.exp(log_probabilities(["two", "mice"])).round(3)
    array([0.1, 0.3])
    """
    _, *followed = _follow(tokens)
    return np.log([p for _, p in followed]) if followed else np.zeros(0)


def first_mistake(tokens: Iterable[str]) -> int | None:
    """The place of the first token that the grammar does not allow there, or `None`.

    Raises:
        TypeError: No list of tokens.

    >>> first_mistake("the girl that the cats hear sleep .".split())
    6
    """
    at = -1
    try:
        for _ in _follow(tokens):
            at += 1
    except ValueError:
        return at
    return None


def _follow(tokens):
    """The state after 0, 1, 2 … tokens, and the probability of the last of them."""
    if isinstance(tokens, str | bytes) or not isinstance(tokens, Iterable):
        raise TypeError(
            f"`tokens` must be a list of words, got {type(tokens).__name__}: split the text first"
        )
    state = START
    yield state, 1.0
    for at, token in enumerate(tokens):
        if not isinstance(token, str):
            raise TypeError(
                f"`tokens` must hold texts, got {type(token).__name__} at {at}: decode ids first"
            )
        after = STATES[state]
        if token not in after:
            raise ValueError(
                f"`tokens` must be sentences of the grammar, got {token!r} at {at}: "
                f"possible there is {', '.join(after)}"
            )
        p, state = after[token]
        yield state, p


@cache
def _visits():
    """The share of the words that come from each state, `(S,)`, and each word's odds, `(S, V)`."""
    states, columns = list(STATES), {word: i for i, word in enumerate(WORDS)}
    odds, moves = np.zeros((len(states), len(WORDS))), np.zeros((len(states), len(states)))
    for i, after in enumerate(STATES.values()):
        for word, (p, then) in after.items():
            odds[i, columns[word]] += p
            if then != START:
                moves[i, states.index(then)] += p
    # Expected visits n during a sentence obey n = start + n · moves.
    start = np.eye(len(states))[states.index(START)]
    visits = np.linalg.solve(np.eye(len(states)) - moves.T, start)
    return visits / visits.sum(), odds


def entropy_rate() -> float:
    """The entropy of a sentence divided by its mean length, in nats per word.

    The state being known, it is the mean over all states of the entropy of the next
    word, each counted as often as the stream comes through it. exp of it is the best
    perplexity that anyone can have in the long run.

    >>> round(entropy_rate(), 4)
    1.2451
    """
    visits, odds = _visits()
    return float(visits @ entropy(odds))


@cache
def entropy_after(words: int) -> float:
    """The entropy of the next word for who knows the grammar and the last few words only.

    Args:
        words: How many are known: 0 is the best that counting single words can do, 2
            the best of a trigram.

    Returns:
        Nats per word, exact: over all states in which the words may have left the
        stream, by Bayes' rule.
    """
    require_integer("words", words, 0, "0 is no context at all")
    visits, _ = _visits()
    beliefs = {(): dict(zip(STATES, visits))}
    for _ in range(words):
        longer = {}
        for context, belief in beliefs.items():
            for state, share in belief.items():
                for word, (p, then) in STATES[state].items():
                    after = longer.setdefault((*context, word), {})
                    after[then] = after.get(then, 0) + share * p
        beliefs = longer
    total = 0.0
    for belief in beliefs.values():
        mixed = {}
        for state, share in belief.items():
            for word, (p, _) in STATES[state].items():
                mixed[word] = mixed.get(word, 0) + share * p
        odds = np.array(list(mixed.values()))
        total += odds.sum() * float(entropy(odds / odds.sum()))
    return total
