"""Word vectors in files: the format of word2vec, as gensim and others read and write it.

Cast: words `[N]` and vectors `(N, D)`. `save_word2vec` writes them, as text or in binary,
byte for byte as gensim does; `load_word2vec` reads such files row by row, so that it takes
no more memory than what it keeps: the first `limit` words of a file of gigabytes cost as
much as these words. `to_keyed_vectors` and `from_keyed_vectors` go to gensim without a file.

The format: a line with N and D; then for each word the word, a space, and D numbers. As
text these are separated by spaces and the line ends; in binary they are 4 D bytes,
float32, least significant byte first, and some programs end them with a line feed.
"""

import gzip
import os
from pathlib import Path

import numpy as np

from rnncourse.shapes import require_finite, require_integer, require_numbers, require_size

__all__ = ["from_keyed_vectors", "load_word2vec", "save_word2vec", "to_keyed_vectors"]

LONGEST = 2**16  # bytes of a word; a file without a space would be read to its end
AT_ONCE = 2**16
NUMERALS = b"0123456789+-.eEinfatyINFATY \t\r\n"
BLANKS = set(" \t\n\r\v\f")


def save_word2vec(path, words, vectors, binary: bool = False) -> Path:
    """Write words and vectors in the order given; the most frequent first is the custom.

    Args:
        path: Of the file; with `.gz` at its end the file is compressed.
        words: N words, no two alike, none empty or with a space or a line end in it.
        vectors: `(N, D)`, finite; written as float32.
        binary: 4 bytes a number instead of about 13.

    Returns:
        The path.

    Raises:
        TypeError: Words that are no texts, or no numbers.
        ValueError: Words that cannot be written, or another number of vectors.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = save_word2vec(Path(folder) / "two.txt", ["la", "été"], [[1, 2], [0.5, -1]])
    ...     print(path.read_text("utf-8"), end="")
    2 2
    la 1.0 2.0
    été 0.5 -1.0
    """
    words, vectors = _require_table(words, vectors)
    path = Path(path)
    partial = path.with_name(path.name + ".partial")
    with _open(path, "wb", partial) as file:
        file.write(f"{len(words)} {vectors.shape[1]}\n".encode())
        for word, vector in zip(words, vectors):
            if binary:
                file.write(word.encode() + b" " + vector.astype("<f4").tobytes())
            else:
                file.write(f"{word} {' '.join(map(str, vector))}\n".encode())
    os.replace(partial, path)
    return path


def load_word2vec(path, limit: int | None = None, binary: bool | None = None):
    """Read words and vectors.

    Args:
        path: Of the file; one that ends with `.gz` is unpacked while reading.
        limit: How many words to read, from the start; all if `None`. Of the 3,000,000
            GoogleNews vectors of 300 numbers 100,000 take 120 MB.
        binary: What the file is; by its first row if `None`.

    Returns:
        `(words, vectors)`, a list of N texts and `(N, D)` of float32. Of a word that comes
        twice the first is kept, as in gensim.

    Raises:
        FileNotFoundError: No such file.
        ValueError: No header, a row that is no word with D finite numbers, text that is no
            UTF-8, or fewer rows than the header promises.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = save_word2vec(Path(folder) / "two.bin", ["la", "été"], [[1, 2], [3, 4]], True)
    ...     load_word2vec(path, limit=1)
    (['la'], array([[1., 2.]], dtype=float32))
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"`path` must be a file of word vectors, got {path}: none is there")
    if limit is not None:
        limit = require_integer("limit", limit, 1, "one word is the least, None reads all")
    with _open(path, "rb") as file:
        rows, dimensions = _header(path, file)
        if binary is None:
            binary = _looks_binary(path, file, dimensions)
        _require_length(path, file, rows, dimensions, binary)
        count = rows if limit is None else min(rows, limit)
        read = _binary_rows if binary else _text_rows
        places, vectors = {}, _table(path, count, dimensions)
        for row, (word, vector) in enumerate(read(path, file, count, dimensions)):
            if word not in places:
                if not np.isfinite(vector).all():
                    raise ValueError(
                        f"{path.name} must hold finite numbers, got a NaN or an infinity in "
                        f"row {row + 1}, {word!r}: the training that made it diverged"
                    )
                vectors[len(places)] = vector
                places[word] = row
    return list(places), vectors[: len(places)]


def to_keyed_vectors(words, vectors):
    """The same as gensim's `KeyedVectors`.

    Raises:
        As `save_word2vec`.
    """
    from gensim.models import KeyedVectors

    words, vectors = _require_table(words, vectors)
    keyed = KeyedVectors(vectors.shape[1])
    keyed.add_vectors(words, vectors)
    return keyed


def from_keyed_vectors(keyed):
    """Words and vectors of gensim's `KeyedVectors`, `(words, vectors)`, in its order.

    Where gensim met a word twice in a file, a row without a word is left; it is passed over.
    """
    places = [i for i, word in enumerate(keyed.index_to_key) if word is not None]
    return [keyed.index_to_key[i] for i in places], np.array(keyed.vectors[places], np.float32)


def _require_table(words, vectors):
    if isinstance(words, str | bytes):
        raise TypeError("`words` must be a list of words, got a single text: pass [word]")
    words, vectors = list(words), require_numbers("vectors", vectors)
    with np.errstate(over="ignore"):  # told below, as an infinity
        vectors = vectors.astype(np.float32)
    for row, word in enumerate(words):
        if not isinstance(word, str):
            raise TypeError(f"`words` must hold texts, got {type(word).__name__} at {row}")
        if not word or BLANKS & set(word) or not _encodes(word):
            raise ValueError(
                f"`words` must hold texts without blanks, none empty, got {word!r} at {row}: "
                "put something else there, _ for instance"
            )
    if not words:
        raise ValueError("`words` must hold at least one word, got none")
    if len(set(words)) < len(words):
        seen = set()
        twice = next(word for word in words if word in seen or seen.add(word))
        raise ValueError(f"`words` must differ from each other, got {twice!r} twice: keep one")
    require_size("vectors", vectors.shape, (len(words), "D"), "one row for each word")
    if vectors.shape[1] == 0:
        raise ValueError(f"`vectors` must have D ≥ 1, got {vectors.shape}: pass some numbers")
    require_finite("vectors", vectors)
    return words, vectors


def _encodes(word):
    try:
        return bool(word.encode())
    except UnicodeEncodeError:
        return False


def _open(path, mode, partial=None):
    return (gzip.open if path.suffix == ".gz" else open)(partial or path, mode)


def _header(path, file):
    line = file.readline(100)
    try:
        rows, dimensions = map(int, line.split())
        if rows < 1 or dimensions < 1 or not line.endswith(b"\n"):
            raise ValueError
    except ValueError:
        raise ValueError(
            f"{path.name} must start with a line of two numbers, how many words and how many "
            f"dimensions, got {line[:40]!r}: is it a file of word2vec? GloVe's have no such line"
        ) from None
    return rows, dimensions


def _looks_binary(path, file, dimensions):
    """Whether the first row is no line of a word and D numbers, nor the beginning of one."""
    start = file.tell()
    line = file.readline(LONGEST + 32 * dimensions)
    file.seek(start)
    try:
        _parse(path, 0, line, dimensions)
    except ValueError:
        _, _, rest = file.read(len(line) + 4 * dimensions).partition(b" ")
        file.seek(start)
        # Text has D numbers with D - 1 spaces between them, so no fewer bytes than these.
        return bool(rest[: 2 * dimensions - 1].strip(NUMERALS))
    return False


def _table(path, count, dimensions):
    try:
        return np.empty((count, dimensions), np.float32)
    except (MemoryError, ValueError) as error:
        raise ValueError(
            f"{path.name} must fit into memory, got {count:,} words of {dimensions:,} numbers, "
            "as its first line says: pass `limit`, or a file whose first line is right"
        ) from error


def _require_length(path, file, rows, dimensions, binary):
    """A header that promises more than the file can hold is told at once, before any memory."""
    least = rows * (2 + (4 if binary else 2) * dimensions) - 1
    held = path.stat().st_size - file.tell()
    if path.suffix != ".gz" and held < least:
        raise ValueError(
            f"{path.name} must hold {rows:,} words of {dimensions} numbers, as its first line "
            f"says, got {held:,} bytes after that line: the file is cut short, or the line is wrong"
        )


def _text_rows(path, file, count, dimensions):
    for row in range(count):
        line = file.readline()
        if not line.endswith(b"\n"):  # a number may have lost its last digits
            raise _cut_short(path, row, count)
        yield _parse(path, row, line, dimensions)


def _parse(path, row, line, dimensions):
    word, *numbers = line.rstrip().split(b" ")
    try:
        vector = np.array(numbers, dtype=np.float32)
    except ValueError:
        vector = None
    if vector is None or len(vector) != dimensions or not word:
        raise ValueError(
            f"{path.name} must hold a word and {dimensions} numbers in each row, got "
            f"{line[:40]!r} in row {row + 1}: the file is damaged or cut short"
        )
    return _decode(path, row, word), vector


def _binary_rows(path, file, count, dimensions):
    held, at, size = b"", 0, 4 * dimensions
    for row in range(count):
        while (space := held.find(b" ", at)) < 0 or len(held) < space + 1 + size:
            more = file.read(max(AT_ONCE, size))
            if not more or len(held) - at > LONGEST + size:
                raise _cut_short(path, row, count)
            held, at = held[at:] + more, 0
        word = held[at:space].lstrip(b"\n")
        yield _decode(path, row, word), np.frombuffer(held, "<f4", dimensions, space + 1)
        at = space + 1 + size


def _decode(path, row, word):
    try:
        return word.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(
            f"{path.name} must hold words in UTF-8, got {word[:40]!r} in row {row + 1}: "
            "the file is damaged, or made in another encoding"
        ) from None


def _cut_short(path, row, count):
    return ValueError(
        f"{path.name} must hold {count:,} rows, got {row:,} whole ones: the file is cut short, "
        "its first line is wrong, or the last one lacks a line end"
    )
