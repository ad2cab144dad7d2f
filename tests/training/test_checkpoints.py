"""A training that was killed and went on ends with the bits of one that was not."""

import random
import shutil
import signal
import time
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from rnncourse.training import checkpoints, loop, steps
from rnncourse.training.checkpoints import Checkpoints, describe, is_chief
from rnncourse.training.loop import train

STEPS, PER_CALL, DIES_AFTER = 23, 5, 10


class Killed(Exception):
    """Stands for the end of the process."""


def dies(step, losses):
    if step == DIES_AFTER:
        raise Killed


@pytest.fixture(scope="module")
def whole(problem, numbers):
    """The training that nothing disturbs."""
    mine = problem()
    losses = train(**mine, steps=STEPS, steps_per_call=PER_CALL)
    return numbers(mine), losses


@pytest.fixture(scope="module")
def half(problem, tmp_path_factory):
    """A folder with the checkpoint of a training that died halfway."""
    folder = tmp_path_factory.mktemp("half")
    with pytest.raises(Killed):
        train(
            **problem(),
            steps=STEPS,
            steps_per_call=PER_CALL,
            checkpoint=folder,
            checkpoint_every=0,
            after_call=dies,
        )
    return folder


@pytest.fixture
def folder(half, tmp_path):
    return shutil.copytree(half, tmp_path / "half")


def went_on(problem, numbers, folder):
    """Other weights at first, so that nothing is right by chance."""
    mine = problem(seed=2)
    losses = train(**mine, steps=STEPS, steps_per_call=PER_CALL, checkpoint=folder)
    return numbers(mine), losses


def test_a_resumed_training_equals_one_without_a_break(
    whole, folder, problem, numbers, assert_same
):
    assert_same(*went_on(problem, numbers, folder), *whole)


# Mutations: what is forgotten must be missed.


def forgetful(choose):
    """`Checkpoints` that do not bring back what `choose(variables, carry)` picks."""

    class Forgetful(Checkpoints):
        def __init__(self, folder, every, about, variables, carry, strategy):
            super().__init__(folder, every, about, variables, carry, strategy)
            self.forgotten = choose(variables, carry)

        def restore(self, most):
            kept = [(v, v.numpy()) for v in self.forgotten]
            losses = super().restore(most)
            for variable, value in kept:
                variable.assign(value)
            return losses

    return Forgetful


def named(part):
    return lambda variables, carry: [v for v in variables if part in v.name]


def one_step(more):
    class Shifted(Checkpoints):
        def restore(self, most):
            losses = super().restore(most)
            return np.append(losses, losses[-1]) if more else losses[:-1]

    return Shifted


MUTATIONS = {
    "carry forgotten": (loop, "Checkpoints", forgetful(lambda variables, carry: carry)),
    "slots forgotten": (loop, "Checkpoints", forgetful(named("velocity"))),
    "iterations forgotten": (loop, "Checkpoints", forgetful(named("iteration"))),
    "statistics forgotten": (loop, "Checkpoints", forgetful(named("moving_mean"))),
    "a weight forgotten": (loop, "Checkpoints", forgetful(named("recurrent_kernel"))),
    "a step left out": (loop, "Checkpoints", one_step(more=True)),
    "a step taken twice": (loop, "Checkpoints", one_step(more=False)),
    "seeds not set": (steps, "_set_seeds", lambda *_: None),
    "seeds without the step": (
        steps,
        "_set_seeds",
        lambda generators, seed, step, replicas: SET_SEEDS(generators, seed, 0 * step, replicas),
    ),
}
SET_SEEDS = steps._set_seeds


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_what_is_forgotten_is_missed(
    mutation, monkeypatch, whole, folder, problem, numbers, assert_same
):
    monkeypatch.setattr(*MUTATIONS[mutation])
    with pytest.raises(AssertionError):
        assert_same(*went_on(problem, numbers, folder), *whole)


# Kills.

KILLED = """
import time


def run(seed, **settings):
    problem = make_problem(seed, kind="GRU")
    losses = train(**problem, steps=120, steps_per_call=7, **settings)
    return [losses, *list_numbers(problem)]


def tell(step, losses):
    print(step)
    time.sleep(0.03)


seed, saved = int(sys.argv[2]), {"checkpoint": sys.argv[1], "checkpoint_every": 0}
resumed = run(seed, **saved, after_call=tell)
print(all(map(np.array_equal, resumed, run(1))))
"""


def test_kill_9_at_random_moments_changes_no_bit(start_python, tmp_path):
    for start in 1, 2:
        process = start_python(KILLED, tmp_path / "saved", start)
        for _ in range(random.randint(1, 4)):
            assert process.stdout.readline(), process.stderr.read()
        time.sleep(random.uniform(0, 0.05))
        process.kill()
        assert process.wait() == -signal.SIGKILL
    last = start_python(KILLED, tmp_path / "saved", 3)
    said, errors = last.communicate()
    assert last.returncode == 0, errors
    first, *_, same = said.split()
    assert int(first) > 14, "it began anew"
    assert same == "True"


def test_a_kill_while_writing_leaves_the_checkpoint_before(
    whole, folder, problem, numbers, assert_same, monkeypatch
):
    class Dying(Checkpoints):
        def save(self, losses):
            self.losses.assign(losses)
            written = self.whole.write(f"{self.folder}/ckpt-{len(losses)}")
            with open(f"{written}.data-00000-of-00001", "r+b") as file:
                file.truncate(99)
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(loop, "Checkpoints", Dying)
        with pytest.raises(Killed):
            went_on(problem, numbers, folder)
    assert len(list(folder.glob("*.index"))) == 3
    assert_same(*went_on(problem, numbers, folder), *whole)


# When is saved, and what fits.


def test_the_last_two_checkpoints_are_kept(folder):
    assert sorted(file.stem for file in folder.glob("*.index")) == ["ckpt-10", "ckpt-5"]


def test_saving_is_due_after_the_given_seconds(tmp_path, monkeypatch):
    now = 100.0
    monkeypatch.setattr(checkpoints.time, "monotonic", lambda: now)
    store = Checkpoints(tmp_path, 30, {}, [], [], tf.distribute.get_strategy())
    assert not store.due()
    now = 130.0
    assert store.due()
    store.save(np.zeros(1))
    assert not store.due()


def test_a_training_without_a_folder_saves_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = Checkpoints(None, 0, {}, [], [], tf.distribute.get_strategy())
    store.save(np.zeros(1))
    assert (store.due(), store.restore(most=9).tolist()) == (False, [])
    assert list(tmp_path.iterdir()) == []


def test_a_finished_training_returns_at_once(folder, problem, numbers):
    _, losses = went_on(problem, numbers, folder)
    again = problem() | {"loss": lambda step: pytest.fail("a step was taken")}
    assert np.array_equal(train(**again, steps=STEPS, checkpoint=folder), losses)


def test_a_finished_training_goes_on_when_more_steps_are_asked_for(
    whole, tmp_path, problem, numbers, assert_same
):
    train(**problem(), steps=15, steps_per_call=PER_CALL, checkpoint=tmp_path)
    assert_same(*went_on(problem, numbers, tmp_path), *whole)


def adam(**settings):
    return {"optimizer": keras.optimizers.Adam(**settings)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 1}, r"expected seed 1, got 0 in .*ckpt-10: choose another folder"),
        ({"clip": None}, r"expected clip None, got 0\.5 in "),
        ({"optimizer": keras.optimizers.SGD()}, r"expected optimizer SGD, got Adam in "),
        (adam(learning_rate=0.5), r"expected learning_rate 0\.5, got \{"),
        ({"carry": []}, r"expected carry None, got \(4, 3\) float32 in "),
        ({"steps": 9}, r"must hold at most the 9 steps asked for, got 10 in .*: raise `steps`"),
    ],
    ids=["seed", "clip", "optimizer", "rate", "carry", "steps"],
)
def test_the_checkpoint_of_another_training_is_refused(folder, problem, changes, message):
    with pytest.raises(ValueError, match=message):
        train(**{**problem(), "steps": STEPS, "checkpoint": folder} | changes)


def test_the_checkpoint_of_another_model_is_refused(folder, problem):
    expected = r"expected variables kernel \(2, 9\) float32, got kernel \(2, 3\) float32"
    with pytest.raises(ValueError, match=expected):
        train(**problem(kind="GRU"), steps=STEPS, checkpoint=folder)


def test_a_checkpoint_that_is_not_ours_is_refused(tmp_path, problem):
    theirs = tf.train.Checkpoint(v=tf.Variable(1.0))
    tf.train.CheckpointManager(theirs, tmp_path, max_to_keep=1).save()
    with pytest.raises(ValueError, match=r"expected variables .* got None in "):
        train(**problem(), steps=STEPS, checkpoint=tmp_path)


def test_running_a_cell_again_makes_a_training_that_fits(problem):
    def about():
        mine = problem()
        layers = [v for layer in mine["layers"] for v in layer.variables]
        return describe(layers, mine["carry"], mine["optimizer"])

    assert about() == about()


def worker(kind, index, kinds=("worker",)):
    """As much of a strategy as says which process this is."""
    spec = SimpleNamespace(jobs=kinds)
    resolver = SimpleNamespace(task_type=kind, task_id=index, cluster_spec=lambda: spec)
    return SimpleNamespace(cluster_resolver=resolver, num_replicas_in_sync=2)


@pytest.mark.parametrize(
    ("strategy", "chief"),
    [
        (worker("worker", 0), True),
        (worker("worker", 1), False),
        (worker("chief", 0, ("chief", "worker")), True),
        (worker("worker", 0, ("chief", "worker")), False),
        (worker(None, None), True),
        (tf.distribute.get_strategy(), True),
    ],
    ids=["worker 0", "worker 1", "chief", "worker 0 beside a chief", "alone", "no cluster"],
)
def test_one_process_is_the_chief(strategy, chief):
    assert is_chief(strategy) == chief


@pytest.mark.parametrize("index", [0, 1])
def test_only_the_chief_writes_into_the_folder(index, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints.tempfile, "mkdtemp", lambda: str(tmp_path / "elsewhere"))
    store = Checkpoints(tmp_path / "saved", 60, {}, [], [], worker("worker", index))
    store.save(np.zeros(1))
    assert (tmp_path / "saved/checkpoint").exists() == (index == 0)
    assert (tmp_path / "elsewhere/checkpoint").exists() == (index == 1)
    store.close()
    assert not (tmp_path / "elsewhere").exists()
