"""The checks speak: expected, got, remedy."""

import re

import numpy as np
import pytest

from rnncourse.shapes import (
    REMEDIES,
    require_finite,
    require_ids,
    require_integer,
    require_integer_dtype,
    require_length_shape,
    require_lengths,
    require_numbers,
    require_numeric_dtype,
    require_rank,
    require_size,
    spell,
)

EXPECTED_GOT_REMEDY = re.compile(r"^`\w+` must .+, got .+: .+")


@pytest.mark.parametrize(
    ("axes", "spelled"),
    [("BTF", "(B, T, F)"), ("BH", "(B, H)"), ("B", "(B,)")],
    ids=["3", "2", "1"],
)
def test_axes_are_spelled_as_python_writes_shapes(axes, spelled):
    assert spell(axes) == spelled


@pytest.mark.parametrize(
    ("shape", "axes"),
    [((4, 3, 2), "BTF"), ((None, None, 2), "BTF"), ((1, 1), "BF"), ([4, 3], "BH")],
    ids=["known", "unknown", "ones", "list"],
)
def test_a_fitting_rank_passes_in_silence(shape, axes):
    assert require_rank("x", shape, axes) is None


@pytest.mark.parametrize(
    ("shape", "axes", "remedy"),
    [
        ((32, 10), "BTF", "x[..., None]"),
        ((10,), "BTF", "x[None, :, None]"),
        ((2, 3, 4, 5), "BTF", "reshape it to 3 dimensions"),
        ((), "BTF", "reshape it to 3 dimensions"),
        ((3,), "BF", "x[None]"),
        ((4, 3, 2), "BF", "x[:, t]"),
        ((5,), "BH", "state[None]"),
    ],
    ids=str,
)
def test_a_wrong_rank_is_answered_with_its_remedy(shape, axes, remedy):
    with pytest.raises(ValueError, match=re.escape(f"got {shape}: ")) as error:
        require_rank("x", shape, axes)
    assert EXPECTED_GOT_REMEDY.match(str(error.value))
    assert spell(axes) in str(error.value)
    assert remedy in str(error.value)


@pytest.mark.parametrize(
    ("expected", "got"), [key for key in REMEDIES if key[0] in {"BTF", "BT", "BF"}], ids="-".join
)
def test_following_the_remedy_gives_the_expected_rank(expected, got):
    x, t = np.zeros(range(2, 2 + len(got))), 0
    expression = re.search(r"x\[[^\]]*\]", REMEDIES[expected, got]).group()
    fixed = eval(expression, {"x": x, "t": t})
    assert require_rank("x", fixed.shape, expected) is None


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((0, 3, 2), "B ≥ 1, got (0, 3, 2): pass at least one sequence"),
        ((4, 0, 2), "T ≥ 1, got (4, 0, 2): pass at least one time step"),
        ((4, 3, 0), "F ≥ 1, got (4, 3, 0): pass at least one feature"),
    ],
    ids=["zero batch", "empty sequence", "no feature"],
)
def test_an_empty_axis_is_named(shape, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        require_rank("x", shape, "BTF")


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((4, 5), (4, 5)), ((4, 5), (None, 5)), ((None, 5), (4, 5)), ((), ())],
    ids=["equal", "anything expected", "unknown got", "scalar"],
)
def test_sizes_that_may_be_equal_pass(shape, expected):
    assert require_size("x", shape, expected, "why") is None


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((4, 5), (4, 6)), ((4,), (4, 5)), ((4, 5, 6), (4, 5)), ((5, 4), (4, 5)), ((), (1,))],
    ids=["one size", "too few axes", "too many axes", "transposed", "scalar"],
)
def test_sizes_that_differ_are_told_apart(shape, expected):
    with pytest.raises(
        ValueError, match=re.escape(f"`W` must have shape {expected}, got {shape}: because")
    ):
        require_size("W", shape, expected, "because")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_floats_keep_their_precision(dtype):
    assert require_numbers("x", np.ones(2, dtype)).dtype == dtype


@pytest.mark.parametrize(
    "numbers",
    [[1, 0], (1, 0), [True, False], np.array([1, 0], np.uint8), [np.int64(1), 0.0]],
    ids=["list", "tuple", "bool", "uint8", "mixed"],
)
def test_whole_numbers_become_float64(numbers):
    array = require_numbers("x", numbers)
    assert array.dtype == np.float64
    assert array.tolist() == [1.0, 0.0]


NOT_NUMBERS = {
    "text": "hello",
    "words": ["a", "b"],
    "bytes": b"ab",
    "complex": [1j],
    "objects": [object()],
    "None": None,
    "dict": {"x": 1},
    "dates": np.array(["2020-01-01"], "datetime64[D]"),
    "number among words": [1, "b"],
}


@pytest.mark.parametrize("value", NOT_NUMBERS.values(), ids=NOT_NUMBERS)
def test_what_is_no_number_is_refused_with_its_dtype(value):
    with pytest.raises(
        TypeError, match=r"must hold numbers, got dtype .+: turn words or categories"
    ) as error:
        require_numbers("x", value)
    assert EXPECTED_GOT_REMEDY.match(str(error.value))


def test_rows_of_unequal_length_are_sent_to_padding():
    with pytest.raises(TypeError, match=r"rectangular array.+got rows of unequal length: pad them"):
        require_numbers("x", [[1.0, 2.0], [3.0]])


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64", "int8", "uint64", "bool"])
def test_names_of_numeric_dtypes_pass(dtype):
    assert require_numeric_dtype("x", dtype) is None


@pytest.mark.parametrize("dtype", ["string", "complex64", "object", "variant", "resource"])
def test_names_of_other_dtypes_are_refused(dtype):
    with pytest.raises(TypeError, match=f"got dtype {dtype}: "):
        require_numeric_dtype("x", dtype)


@pytest.mark.parametrize(
    ("value", "least"),
    [(1, 1), (0, 0), (-3, -3), (10**30, 2), (np.int8(2), 2), (np.uint64(2**63), 1)],
    ids=["least", "zero", "negative", "huge", "int8", "uint64"],
)
def test_whole_numbers_from_the_least_on_come_back_as_python_integers(value, least):
    checked = require_integer("steps", value, least, "because")
    assert checked == value
    assert type(checked) is int


@pytest.mark.parametrize(
    "value",
    [1, -(10**30), np.int64(1), 2.0, np.float32(3), True, np.True_, "2", None, 2j, [2], np.ones(2)],
    ids=str,
)
def test_what_is_no_integer_or_too_small_is_refused(value):
    with pytest.raises(ValueError, match=r"^`steps` must be an integer ≥ 2, got .+: ") as error:
        require_integer("steps", value, 2, "because")
    assert str(error.value).endswith(f", got {value!r}: because")


@pytest.mark.parametrize("value", [np.nan, np.inf], ids=str)
def test_an_integer_is_never_compared_with_what_is_no_number(value):
    with pytest.raises(ValueError, match=f"integer ≥ 0, got {value}: "):
        require_integer("steps", value, 0, "because")


@pytest.mark.parametrize(
    "lengths",
    [[3, 0], (3, 0), np.array([3, 0], np.int8), np.array([3, 0], np.uint64), [np.int64(3), 0]],
    ids=["list", "tuple", "int8", "uint64", "np.int64"],
)
def test_whole_lengths_of_any_type_are_accepted(lengths):
    checked = require_lengths(lengths, batch=2, steps=3)
    assert checked.tolist() == [3, 0]
    assert checked.dtype == np.int64


def test_lengths_are_checked_as_far_as_sizes_are_known():
    assert require_lengths([7, 2], batch=None, steps=None).tolist() == [7, 2]
    with pytest.raises(ValueError, match="between 0 and T, got -1 for sequence 1"):
        require_lengths([7, -1], batch=None, steps=None)


@pytest.mark.parametrize(
    ("lengths", "error", "message"),
    [
        ([1.0, 2.0], TypeError, r"must be integers, got dtype float64: round and cast"),
        ([True, False], TypeError, r"must be integers, got dtype bool: a mask\? sum it over time"),
        (["1", "2"], TypeError, r"must be integers, got dtype str"),
        ("12", TypeError, r"must be integers, got dtype str"),
        ([1, None], TypeError, r"must be integers, got dtype object"),
        ([1j, 2], TypeError, r"must be integers, got dtype complex"),
        ([[1], [2, 3]], TypeError, r"must be integers, got nested lists: one number for each"),
        ([-1, 2], ValueError, r"between 0 and T = 3, got -1 for sequence 0: clip"),
        ([1, 4], ValueError, r"between 0 and T = 3, got 4 for sequence 1: clip"),
        ([1, 2, 3], ValueError, r"shape \(2,\), got \(3,\): one length for each"),
        ([], ValueError, r"shape \(2,\), got \(0,\): one length for each"),
        (3, ValueError, r"shape \(2,\), got \(\): one length for each"),
        ([[1, 2]], ValueError, r"shape \(2,\), got \(1, 2\): one length for each"),
        (np.array([1, 2**63], np.uint64), ValueError, r"got 9223372036854775808 for sequence 1"),
    ],
    ids=[
        "float",
        "bool",
        "strings",
        "text",
        "none",
        "complex",
        "nested",
        "negative",
        "too large",
        "too many",
        "empty",
        "scalar",
        "rank 2",
        "beyond int64",
    ],
)
def test_bad_lengths_are_refused(lengths, error, message):
    with pytest.raises(error, match=message) as caught:
        require_lengths(lengths, batch=2, steps=3)
    assert EXPECTED_GOT_REMEDY.match(str(caught.value))


def test_the_two_halves_of_the_lengths_check_stand_alone():
    assert require_integer_dtype("uint8") is None
    assert require_length_shape((None,), 3) is None
    with pytest.raises(TypeError, match="got dtype float32"):
        require_integer_dtype("float32")
    with pytest.raises(ValueError, match=r"shape \(3,\), got \(2,\)"):
        require_length_shape((2,), 3)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf], ids=str)
def test_the_first_value_that_is_not_finite_is_located(value):
    array = np.zeros((2, 3))
    array[1, 2] = value
    with pytest.raises(
        ValueError, match=re.escape(f"must be finite, got {value} at (1, 2): replace it")
    ):
        require_finite("x", array)


@pytest.mark.parametrize(
    "array",
    [np.zeros((2, 0)), np.array(1e308), [1, 2], np.ones(2, bool)],
    ids=["empty", "big", "list", "bool"],
)
def test_finite_values_pass_in_silence(array):
    assert require_finite("x", array) is None


@pytest.mark.parametrize("ids", [[0, 4], (3,), range(5), np.arange(5, dtype=np.uint8), iter([1])])
def test_ids_of_any_kind_become_an_array(ids):
    array = require_ids("ids", ids, size=5)
    assert array.dtype.kind in "iu" and array.ndim == 1


def test_no_ids_are_integers_too():
    assert require_ids("ids", []).dtype == np.int64


@pytest.mark.parametrize(
    ("ids", "error", "match"),
    [
        ([5], ValueError, "`ids` must lie in 0 … 4, got 5 at 0: use the vocabulary"),
        ([0, -1], ValueError, "got -1 at 1"),
        ([[1]], ValueError, r"`ids` must have shape \(N,\), got \(1, 1\)"),
        (np.array(1), ValueError, r"got \(\)"),
        ([1.0], TypeError, "integers, got dtype float64"),
        ([True], TypeError, "integers, got dtype bool"),
        ("ids", TypeError, "integers, got dtype <U1"),
        ([2**80], TypeError, "integers, got dtype object"),
        ([[1], [1, 2]], TypeError, r"integers \(N,\), got list"),
        (None, TypeError, "got NoneType: encode the words first"),
    ],
    ids=repr,
)
def test_what_is_no_stream_of_ids_is_refused(ids, error, match):
    with pytest.raises(error, match=match):
        require_ids("ids", ids, size=5)
