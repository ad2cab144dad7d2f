"""What several test modules share: one kind of cell in its four forms, and what "equal" means."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

from rnncourse import reference
from rnncourse.evaluation import relative_difference

TOLERANCES = {"float32": 1e-5, "float64": 1e-12}


class Kind(NamedTuple):
    """A cell as NumPy step, as ours, as Keras's cell and as Keras's layer."""

    step: Callable
    ours: Callable
    keras_cell: Callable
    keras_layer: Callable
    gates: int
    states: int = 1
    biases: int = 1

    def weights(self, features, units, dtype="float64", seed=0):
        """Random weights without any symmetry, biases included, in Keras's order."""
        rng = np.random.default_rng(seed)
        wide = self.gates * units
        shapes = (
            (features, wide),
            (units, wide),
            (wide,) if self.biases == 1 else (self.biases, wide),
        )
        return [(0.7 * rng.normal(size=shape)).astype(dtype) for shape in shapes]

    def random_state(self, batch, units, dtype="float64", seed=1):
        rng = np.random.default_rng(seed)
        return [rng.uniform(-0.9, 0.9, (batch, units)).astype(dtype) for _ in range(self.states)]

    def unrolled_reference(self, weights, x, state, lengths=None):
        """NumPy's answer in the form of ours: outputs and a list of states."""
        start = state[0] if self.states == 1 else tuple(state)
        outputs, final = reference.unroll(
            lambda x, s: self.step(x, s, *weights), x, start, lengths=lengths
        )
        return outputs, [final] if self.states == 1 else list(final)


def make_kind(name):
    # Imported here, so that modules which test NumPy rooms do not wait for TensorFlow.
    from functools import partial

    from keras import layers

    from rnncourse import cells

    def keras_forms(stem, **kwargs):
        return (
            partial(getattr(cells, f"{stem}Cell"), **kwargs),
            partial(getattr(layers, f"{stem}Cell"), **kwargs),
            partial(getattr(layers, stem), **kwargs),
        )

    if name == "rnn":
        return Kind(reference.rnn_step, *keras_forms("SimpleRNN"), gates=1)
    if name.startswith("lstm"):
        forms = keras_forms("LSTM", unit_forget_bias=name == "lstm")
        return Kind(reference.lstm_step, *forms, gates=4, states=2)
    after = name == "gru"
    step = partial(reference.gru_step, reset_after=after)
    return Kind(step, *keras_forms("GRU", reset_after=after), gates=3, biases=2 if after else 1)


ALL_KINDS = ["rnn", "lstm", "lstm_without_forget_bias", "gru", "gru_reset_before"]


@pytest.fixture(scope="session", params=ALL_KINDS)
def kind(request):
    return make_kind(request.param)


@pytest.fixture(scope="session")
def kind_named():
    return make_kind


@pytest.fixture(scope="session")
def assert_close():
    """Norm-wise equality of two arrays, or of two dictionaries of arrays name by name."""

    def compare(actual, expected, dtype="float64"):
        if not isinstance(expected, dict):
            actual, expected = {"array": actual}, {"array": expected}
        assert actual.keys() == expected.keys()
        for name, wanted in expected.items():
            gap = relative_difference(actual[name], wanted)
            assert gap <= TOLERANCES[dtype], f"{name} differs by {gap:.2g} of its size"

    return compare
