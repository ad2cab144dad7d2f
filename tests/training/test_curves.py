"""What TensorBoard reads is what happened, once, also after a kill."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.training.curves import TAGS, curves
from rnncourse.training.loop import train


def read(folder):
    """Steps and values of each curve, by the reader that TensorBoard itself uses."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    reader = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    reader.Reload()
    points = {tag: reader.Scalars(tag) for tag in reader.Tags()["scalars"]}
    return {tag: ([p.step for p in line], [p.value for p in line]) for tag, line in points.items()}


def fit(folder, **settings):
    """One weight from 0 to 3 by halves: losses (w - 3)² / 2, gradients w - 3."""
    w = tf.Variable(0.0)
    rates = keras.optimizers.schedules.PiecewiseConstantDecay([3], [0.5, 0.25])
    sgd = keras.optimizers.SGD(rates)
    return train(lambda step: (w - 3) ** 2 / 2, [w], sgd, logs=folder, **settings)


def test_each_step_stands_in_the_curves(tmp_path):
    losses = fit(tmp_path, steps=7, steps_per_call=3)
    found = read(tmp_path)
    assert found.keys() == set(TAGS)
    for steps, _ in found.values():
        assert steps == list(range(7))
    assert found["loss"][1] == pytest.approx(losses)
    assert found["learning_rate"][1] == [0.5] * 4 + [0.25] * 3
    assert found["gradient_norm"][1] == pytest.approx(np.sqrt(2 * losses))


def test_the_norm_is_that_before_clipping(tmp_path):
    fit(tmp_path, steps=1, clip=0.1)
    assert read(tmp_path)["gradient_norm"] == ([0], [3.0])


def test_a_resumed_training_leaves_one_curve(tmp_path):
    class Killed(Exception):
        pass

    def dies(step, losses):
        if step == 6:
            raise Killed

    checkpoint = {"checkpoint": tmp_path / "saved", "checkpoint_every": 3600}
    fit(tmp_path / "logs", steps=3, steps_per_call=3, **checkpoint)
    with pytest.raises(Killed):
        fit(tmp_path / "logs", steps=9, steps_per_call=3, after_call=dies, **checkpoint)
    losses = fit(tmp_path / "logs", steps=9, steps_per_call=3, **checkpoint)
    steps, values = read(tmp_path / "logs")["loss"]
    assert steps == list(range(9))
    assert values == pytest.approx(losses)


def test_without_the_mark_of_a_restart_steps_would_stand_twice(tmp_path):
    for first in 0, 2:
        with curves(tmp_path, first=first) as write:
            write(first, np.full((3, 4), first))
    assert read(tmp_path)["loss"] == ([0, 1, 2, 3, 4, 5], [0, 0, 2, 2, 2, 2])
    with curves(tmp_path, first=6) as write:
        write(2, np.full((3, 4), 9))
    assert len(read(tmp_path)["loss"][0]) == 10


def test_without_a_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with curves(None, 0) as write:
        write(0, np.zeros((3, 1)))
    assert list(tmp_path.iterdir()) == []
