"""What the sweeps of lesson 08 compare is comparable."""

import pytest

from rnncourse.reproduce.depth import width
from rnncourse.reproduce.depth_sweeps import ALL, DIGITS, FEW, PARITY, SWEEPS
from rnncourse.reproduce.stacked import PLACES, shapes

BY_NAME = {sweep.name: sweep.config for sweep in SWEEPS}


def parameters(config, features, classes):
    options = {name: config.get(name, False) for name in ("shared", "project")}
    units = config.get("units") or width(
        config["parameters"], features, config["layers"], classes, **options
    )
    wanted = shapes(features, units, config["layers"], classes, **options)
    return sum(rows * columns for rows, columns in wanted.values())


def test_stacks_that_are_called_equal_have_equal_parameters():
    config = BY_NAME["stack-depth"]
    counts = {parameters(config | case, 8, 10) for case in config["cases"] if "units" not in case}
    assert max(counts) < 1.05 * min(counts)


def test_wide_shared_layers_have_the_parameters_of_those_that_are_not():
    config = BY_NAME["stack-shared"]
    own, _, wide, _ = (parameters(config | case, 8, 10) for case in config["cases"][:4])
    assert wide == pytest.approx(own, rel=0.05)


def test_one_wide_layer_has_the_parameters_of_two_and_of_three():
    config = BY_NAME["stack-parity"]
    counts = {
        (case["layers"], case["units"]): parameters(config | case, 1, 2) for case in config["cases"]
    }
    assert max(counts[1, 20], counts[2, 12], counts[3, 9]) < 1.1 * min(
        counts[1, 20], counts[2, 12], counts[3, 9]
    )


def test_dropout_is_tried_in_every_place_and_without():
    cases = BY_NAME["stack-dropout"]["cases"]
    for train in (FEW, ALL):
        tried = [case for case in cases if case["train"] == train]
        assert {"train": train, "drop": 0} in tried
        assert {place for case in tried for place in case.get("places", ())} == set(PLACES)


def test_all_learn_from_the_same_number_of_updates_within_a_sweep():
    for config in (*BY_NAME.values(), DIGITS, PARITY):
        assert not any("updates" in case for case in config.get("cases", ()))
