import gzip
import struct
import tracemalloc

import numpy as np
import pytest
from gensim.models import KeyedVectors
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.word_vectors.files import (
    from_keyed_vectors,
    load_word2vec,
    save_word2vec,
    to_keyed_vectors,
)

# Accents, ligatures, other scripts, emoji, a space that does not break, and a bare number.
WORDS = ["la", "été", "cœur", "Ωmega", "日本", "🐭", "10\u00a0000", "3.5", "nan", "</s>", "-"]
VECTORS = np.random.default_rng(0).normal(size=(len(WORDS), 5)).astype(np.float32)
both = pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])


def gensims(path, binary, words=WORDS, vectors=VECTORS):
    """The file that gensim writes."""
    keyed = KeyedVectors(vectors.shape[1])
    keyed.add_vectors(words, vectors)
    keyed.save_word2vec_format(str(path), binary=binary)
    return path


@both
def test_the_file_is_gensims_byte_for_byte(tmp_path, binary):
    ours = save_word2vec(tmp_path / "ours", WORDS, VECTORS, binary)
    assert ours.read_bytes() == gensims(tmp_path / "gensims", binary).read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gensims", "ours"]


def test_the_binary_format_is_what_the_page_says(tmp_path):
    path = save_word2vec(tmp_path / "two.bin", ["a", "é"], [[1, -2], [0.5, 3]], binary=True)
    expected = b"2 2\na " + struct.pack("<2f", 1, -2) + "é ".encode() + struct.pack("<2f", 0.5, 3)
    assert path.read_bytes() == expected


@both
def test_what_we_write_gensim_reads(tmp_path, binary):
    path = save_word2vec(tmp_path / "ours", WORDS, VECTORS, binary)
    keyed = KeyedVectors.load_word2vec_format(str(path), binary=binary)
    assert keyed.index_to_key == WORDS
    np.testing.assert_array_equal(keyed.vectors, VECTORS)


@both
@pytest.mark.parametrize("told", [True, False])
def test_what_gensim_writes_we_read(tmp_path, binary, told):
    path = gensims(tmp_path / "gensims", binary)
    words, vectors = load_word2vec(path, binary=binary if told else None)
    assert words == WORDS and vectors.dtype == np.float32
    np.testing.assert_array_equal(vectors, VECTORS)


def test_gensims_own_objects_go_round_without_a_file():
    keyed = to_keyed_vectors(WORDS, VECTORS)
    assert keyed.most_similar("la", topn=1)[0][0] in WORDS
    words, vectors = from_keyed_vectors(keyed)
    assert words == WORDS
    np.testing.assert_array_equal(vectors, VECTORS)
    vectors[:] = 0  # a copy
    np.testing.assert_array_equal(keyed.vectors, VECTORS)


tokens = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters=" \t\n\r\v\f"), min_size=1
)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(tokens, min_size=1, max_size=8, unique=True),
    st.integers(8, 12),
    st.booleans(),
    st.integers(0, 999),
)
def test_any_words_and_any_numbers_come_back(tmp_path_factory, words, dimensions, binary, seed):
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 2**32, (len(words), dimensions), dtype=np.uint32)
    vectors = np.nan_to_num(bits.view(np.float32), posinf=1, neginf=-1)
    path = save_word2vec(tmp_path_factory.mktemp("any") / "file", words, vectors, binary)
    back, numbers = load_word2vec(path, binary=binary)
    assert back == words
    np.testing.assert_array_equal(numbers, vectors)


@both
def test_a_limit_keeps_the_first_words(tmp_path, binary):
    path = save_word2vec(tmp_path / "ours", WORDS, VECTORS, binary)
    for limit in (1, 4, len(WORDS), 1000):
        words, vectors = load_word2vec(path, limit=limit)
        assert words == WORDS[:limit]
        np.testing.assert_array_equal(vectors, VECTORS[:limit])


@both
def test_memory_is_what_is_kept(tmp_path, binary):
    count, dimensions, limit = 20_000, 50, 500
    vectors = np.ones((count, dimensions), np.float32)
    path = save_word2vec(tmp_path / "large", [f"word{i}" for i in range(count)], vectors, binary)
    kept = limit * dimensions * 4

    def peak():
        tracemalloc.start()
        load_word2vec(path, limit=limit)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak()
    # Beside the table: the words, and a piece of the file.
    assert kept < peak() < kept + 500_000 < path.stat().st_size


@both
def test_compressed_files_are_read_and_written(tmp_path, binary):
    path = save_word2vec(tmp_path / "ours.gz", WORDS, VECTORS, binary)
    assert gzip.decompress(path.read_bytes()).startswith(b"11 5\n")
    assert load_word2vec(path, limit=3)[0] == WORDS[:3]
    keyed = KeyedVectors.load_word2vec_format(str(path), binary=binary)
    assert keyed.index_to_key == WORDS


def test_the_first_word2vec_ended_its_rows_with_a_line_feed(tmp_path):
    path = tmp_path / "old.bin"
    row = struct.pack("<3f", 1, 2, 3)
    path.write_bytes(b"2 3\nthe " + row + b"\ncat " + row + b"\n")
    words, vectors = load_word2vec(path)
    assert words == ["the", "cat"] and vectors.tolist() == [[1, 2, 3]] * 2


def test_text_with_blanks_and_carriage_returns_at_line_ends_is_read(tmp_path):
    path = tmp_path / "old.txt"
    path.write_bytes(b"2 2 \r\nthe 1 2 \r\ncat 3e-1 -4\r\n")
    words, vectors = load_word2vec(path)
    assert words == ["the", "cat"]
    np.testing.assert_allclose(vectors, [[1, 2], [0.3, -4]])


@both
def test_of_a_word_that_comes_twice_the_first_is_kept_as_in_gensim(tmp_path, binary):
    path = tmp_path / "twice"
    rows = [("a", [1.0, 2.0]), ("b", [3.0, 4.0]), ("a", [5.0, 6.0]), ("c", [7.0, 8.0])]
    with path.open("wb") as file:
        file.write(b"4 2\n")
        for word, numbers in rows:
            if binary:
                file.write(word.encode() + b" " + struct.pack("<2f", *numbers))
            else:
                file.write(f"{word} {numbers[0]} {numbers[1]}\n".encode())
    words, vectors = load_word2vec(path)
    assert words == ["a", "b", "c"] and vectors[:, 0].tolist() == [1, 3, 7]
    keyed = KeyedVectors.load_word2vec_format(str(path), binary=binary)
    kept, numbers = from_keyed_vectors(keyed)
    assert kept == words  # gensim's own list ends with None
    np.testing.assert_array_equal(numbers, vectors)


@both
@pytest.mark.parametrize("share", [0.3, 0.6, 0.99, 1])
def test_a_file_cut_short_is_told_with_and_without_compression(tmp_path, binary, share):
    path = save_word2vec(tmp_path / "whole", WORDS, VECTORS, binary)
    whole = path.read_bytes()
    cut = whole[: int(len(whole) * share) - 1]
    (tmp_path / "cut").write_bytes(cut)
    (tmp_path / "cut.gz").write_bytes(gzip.compress(cut))
    for name in ("cut", "cut.gz"):
        with pytest.raises(ValueError, match="cut short"):
            load_word2vec(tmp_path / name, binary=binary)


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"\n",
        b"the 0.1 0.2\n",
        b"11\n",
        b"0 5\n",
        b"3 0\n",
        b"-1 5\n",
        b"2 x\n",
        b"2 3",
        b"1 2 3\n",
    ],
)
def test_a_file_without_the_first_line_is_told(tmp_path, header):
    path = tmp_path / "headless"
    path.write_bytes(header)
    with pytest.raises(ValueError, match=r"must start with a line of two numbers.*GloVe"):
        load_word2vec(path)


@pytest.mark.parametrize("name", ["huge", "huge.gz"])
def test_a_first_line_that_promises_too_much_takes_no_memory(tmp_path, name):
    content = b"9999999999999 300\nthe 1 2\n"
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    with pytest.raises(ValueError, match=r"its first line|damaged"):
        load_word2vec(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"2 2\nthe 1 2\ncat 1 2 3\n", r"a word and 2 numbers in each row.*row 2"),
        (b"2 2\nthe 1 2\ncat 1 two\n", r"a word and 2 numbers in each row.*row 2"),
        (b"2 2\nthe 1 nan\ncat 1 2\n", r"finite numbers.*row 1, 'the'"),
        (b"2 2\nthe 1 2\ncat inf 2\n", r"finite numbers.*row 2, 'cat'"),
        (b"2 2\nthe 1 2\n\xff\xfe 1 2\n", r"UTF-8.*row 2"),
        (b"2 2\n 1 2\ncat 1 2\n", r"a word and 2 numbers"),
        (b"1 2\nthe " + struct.pack("<2f", 1, np.nan), r"finite numbers.*row 1, 'the'"),
        (b"1 2\n\xff\xff " + struct.pack("<2f", 1, 2), r"UTF-8.*row 1"),
    ],
)
def test_a_damaged_row_is_told_with_its_place(tmp_path, content, message):
    path = tmp_path / "damaged"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        load_word2vec(path)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="must be a file of word vectors, got"):
        load_word2vec(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="must be a file of word vectors, got"):
        load_word2vec(tmp_path)
    with pytest.raises(ValueError, match="`limit` must be an integer ≥ 1"):
        load_word2vec(gensims(tmp_path / "g", True), limit=0)


@pytest.mark.parametrize(
    ("words", "vectors", "error", "message"),
    [
        ([], np.zeros((0, 2)), ValueError, "at least one word"),
        (["a", "a"], np.zeros((2, 2)), ValueError, "must differ from each other, got 'a' twice"),
        (["New York"], np.zeros((1, 2)), ValueError, "without blanks, none empty, got 'New York'"),
        (["a\nb"], np.zeros((1, 2)), ValueError, "without blanks"),
        ([""], np.zeros((1, 2)), ValueError, "none empty, got ''"),
        (["\ud800"], np.zeros((1, 2)), ValueError, "`words` must hold texts"),
        (["a", 3], np.zeros((2, 2)), TypeError, "must hold texts, got int at 1"),
        ("ab", np.zeros((2, 2)), TypeError, "got a single text"),
        (["a"], np.zeros((2, 2)), ValueError, r"must have shape \(1, D\), got \(2, 2\)"),
        (["a"], np.zeros(2), ValueError, r"must have shape \(1, D\)"),
        (["a"], np.zeros((1, 0)), ValueError, "D ≥ 1"),
        (["a"], [[np.nan, 1]], ValueError, "must be finite, got nan"),
        (["a"], [[1e300]], ValueError, "must be finite, got inf"),
        (["a"], [["x"]], TypeError, "must hold numbers"),
    ],
)
def test_what_cannot_be_written_is_said_so_and_leaves_no_file(
    tmp_path, words, vectors, error, message
):
    with pytest.raises(error, match=message):
        save_word2vec(tmp_path / "file", words, vectors)
    with pytest.raises(error, match=message):
        to_keyed_vectors(words, vectors)
    assert list(tmp_path.iterdir()) == []
