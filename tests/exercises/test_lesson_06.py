"""Right answers pass; each likely slip is named."""

from math import comb

import numpy as np
import pytest

from rnncourse.data.images import digits
from rnncourse.exercises import lesson_06 as exercises


@pytest.mark.parametrize(
    "answer",
    [
        lambda x: x.transpose(0, 2, 1),
        lambda x: np.swapaxes(x, 1, 2),
        lambda x: np.stack([x[:, :, f] for f in range(x.shape[2])], axis=1),
    ],
)
def test_columns_in_any_spelling_pass(answer):
    feedback = exercises.check_columns(answer)
    assert feedback.passed, feedback


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda x: x[:, :, ::-1], "read from the right"),
        (lambda x: x[:, ::-1], "from the last to the first"),
        (lambda x: x, "unchanged"),
        (lambda x: x.transpose(0, 2, 1)[:, ::-1], "from the right to the left"),
        (lambda x: x.transpose(0, 2, 1)[:, :, ::-1], "from the bottom up"),
        (lambda x: x.T, "image 0 must stay image 0"),
        (lambda x: x.reshape(len(x), x.shape[2], x.shape[1]), "does not turn anything"),
        (lambda x: x[0], "expected five steps"),
        (lambda x: None, "returned nothing"),
        (lambda x: x["a"], "IndexError"),
        ("columns", "expected a function"),
    ],
)
def test_what_are_no_columns_is_told_why(answer, hint):
    feedback = exercises.check_columns(answer)
    assert not feedback.passed
    assert hint in str(feedback)


ERROR = np.sqrt(148 / 150 * 2 / 150 / 150)


@pytest.mark.parametrize(("step", "error"), [(1 / 150, ERROR), (0.00667, 0.00937)])
def test_the_right_resolution_passes(step, error):
    assert exercises.check_resolution(step, error).passed


@pytest.mark.parametrize(
    ("step", "error", "hint"),
    [
        (1e-6, ERROR, "many digits are printed"),
        (1e-4, ERROR, "10,000 of the test"),
        (1 / 360, ERROR, "this page's test part"),
        (0.01, ERROR, "a percent is a habit"),
        (0.5, ERROR, "out of how many"),
        (100 / 150, ERROR, "not a percentage"),
        ("0.0067", ERROR, "expected a number for `step`, got '0.0067'"),
        (1 / 150, 148 / 150 * 2 / 150 / 150, "take the root"),
        (1 / 150, np.sqrt(148 / 150 * 2 / 150), "the spread of one image"),
        (1 / 150, np.sqrt(148 / 150 * 2 / 150 / 10_000), "the error on 10,000"),
        (1 / 150, np.sqrt(0.25 / 150), "a share of a half"),
        (1 / 150, 100 * ERROR, "not a percentage"),
        (0.67, ERROR, "not a percentage"),
        (1 / 150, 0.0093, "round less"),
        (1 / 150, None, "expected a number for `standard_error`, got None"),
        (1 / 150, float("nan"), "expected a number"),
    ],
)
def test_a_wrong_resolution_is_told_why(step, error, hint):
    feedback = exercises.check_resolution(step, error)
    assert not feedback.passed
    assert hint in str(feedback)


def gru_weights(features, units, classes):
    return 3 * (features * units + units**2 + 2 * units) + (units + 1) * classes


def test_the_right_count_of_weights_passes():
    assert exercises.check_weights(gru_weights).passed


def test_the_count_is_the_one_that_keras_makes():
    import keras

    from rnncourse.networks.classifiers import SequenceClassifier

    made = SequenceClassifier(keras.layers.GRU(86, return_sequences=True), 10)
    made.build((None, 8, 8))
    assert made.count_params() == gru_weights(8, 86, 10) == 25_638


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda F, H, K: F * H + H * H + H + H * K + K, "three parts, two gates"),
        (lambda F, H, K: 3 * (F * H + H * H + H) + H * K + K, "two biases"),
        (lambda F, H, K: gru_weights(F, H, K) - H * K - K, "the head is missing"),
        (lambda F, H, K: gru_weights(F, H, K) - K, "the biases of the head"),
        (lambda F, H, K: 4 * (F * H + H * H + H) + H * K + K, "that is an LSTM"),
        (lambda F, H, K: 25_638, "weights(28, 150, 10)"),
        (lambda F, H, K: "many", "expected a number"),
        (lambda F, H: 3, "TypeError"),
        (25_638, "expected a function"),
    ],
)
def test_a_wrong_count_is_told_why(answer, hint):
    feedback = exercises.check_weights(answer)
    assert not feedback.passed
    assert hint in str(feedback)


def confusion(was, said, classes):
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (was, said), 1)
    return counts


def confusion_by_bins(was, said, classes):
    return np.bincount(classes * was + said, minlength=classes**2).reshape(classes, classes)


@pytest.mark.parametrize("answer", [confusion, confusion_by_bins])
def test_a_right_table_passes(answer):
    assert exercises.check_confusion(answer).passed


def counted_once(was, said, classes):
    counts = np.zeros((classes, classes), int)
    counts[was, said] += 1
    return counts


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (counted_once, "adds once for each place"),
        (lambda w, s, k: confusion(s, w, k), "rows and columns are exchanged"),
        (lambda w, s, k: confusion(w, s, k) / len(w), "shares; expected counts"),
        (
            lambda w, s, k: confusion(w, s, k) / confusion(w, s, k).sum(1, keepdims=True),
            "shares of each row",
        ),
        (lambda w, s, k: confusion(w, s, k) * (1 - np.eye(k)), "on the diagonal"),
        (lambda w, s, k: 2 * confusion(w, s, k), "add up to 400"),
        (lambda w, s, k: confusion(w, s, k)[0], "expected a table (4, 4)"),
        (lambda w, s, k: None, "returned nothing"),
        (None, "expected a function"),
    ],
)
def test_a_wrong_table_is_told_why(answer, hint):
    feedback = exercises.check_confusion(answer)
    assert not feedback.passed
    assert hint in str(feedback)


def wires(recurrent=0.0, seed=0):
    rng = np.random.default_rng(seed)
    shapes = ((8, 12), (12, 12), (12,), (12, 10), (10,))
    kernel, loop, *others = (rng.normal(size=shape) for shape in shapes)
    return [kernel, recurrent * loop, *others]


def deaf_share(weights):
    kernel, _, bias, head, head_bias = weights
    x, y = digits().validation
    return np.mean(np.argmax(np.tanh(x[:, 7] @ kernel + bias) @ head + head_bias, 1) == y)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_share_of_the_weights_handed_over_passes_for_the_deaf(seed):
    weights = wires(seed=seed)
    feedback = exercises.check_deaf(deaf_share(weights), weights)
    assert feedback.passed, feedback


@pytest.mark.parametrize(
    ("own", "hint"),
    [
        (0.52, "never seen a state"),
        (0.96, "nothing of rows 0 to 6"),
        (0.75, "count with the weights"),
        (100 * deaf_share(wires()), "not a percentage"),
        ("0.1", "expected a number"),
        (None, "expected a number"),
    ],
)
def test_other_shares_of_the_deaf_are_told_why(own, hint):
    feedback = exercises.check_deaf(own, wires())
    assert not feedback.passed
    assert hint in str(feedback)


@pytest.mark.parametrize(
    ("share", "weights", "hint"),
    [
        (0.1, wires(recurrent=1.0), "set them to zero"),
        (0.52, wires(recurrent=1.0), "never seen a state"),
        (0.1, wires()[:4], "five arrays"),
        (0.1, [np.zeros(3)] * 5, "shapes"),
        (0.1, None, "five arrays"),
    ],
)
def test_a_guess_without_the_weights_does_not_pass_for_the_deaf(share, weights, hint):
    feedback = exercises.check_deaf(share, weights)
    assert not feedback.passed
    assert hint in str(feedback)


def sign_test(a, b):
    only_a, only_b = np.sum(a & ~b), np.sum(b & ~a)
    n, least = int(only_a + only_b), int(min(only_a, only_b))
    return 2 * sum(comb(n, k) for k in range(least + 1)) / 2**n


def test_the_right_sign_test_passes():
    assert exercises.check_sign_test(sign_test).passed


def all_images(a, b):
    n, k = len(a), int(a.sum())
    return min(1.0, 2 * sum(comb(n, i) for i in range(min(k, n - k) + 1)) / 2**n)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda a, b: sign_test(a, b) / 2, "count both tails"),
        (lambda a, b: comb(12, 3) / 2**12, "exactly this split"),
        (lambda a, b: 1 - sign_test(a, b) / 2, "less uneven"),
        (all_images, "say nothing about which is better"),
        (lambda a, b: 0.5, "only images on which the two differ"),
        (lambda a, b: (1, 2), "expected one probability"),
        (lambda a, b: None, "returned nothing"),
        (lambda a, b: 1 / 0, "ZeroDivisionError"),
        (0.146, "expected a function"),
    ],
)
def test_a_wrong_sign_test_is_told_why(answer, hint):
    feedback = exercises.check_sign_test(answer)
    assert not feedback.passed
    assert hint in str(feedback)


CHECKS = [
    (exercises.check_columns, 1),
    (exercises.check_resolution, 2),
    (exercises.check_weights, 1),
    (exercises.check_confusion, 1),
    (exercises.check_deaf, 2),
    (exercises.check_sign_test, 1),
]


@pytest.mark.parametrize(("check", "answers"), CHECKS, ids=lambda c: getattr(c, "__name__", ""))
@pytest.mark.parametrize(
    "rubbish", [None, "text", [], {}, object(), np.nan, 1j, np.zeros((2, 2)), lambda *a: object()]
)
def test_rubbish_gets_words_and_no_exception(check, answers, rubbish):
    assert not check(*[rubbish] * answers).passed
