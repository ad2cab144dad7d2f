"""What a training needs to go on as if it had never stopped.

Cast: the variables of a training, its `carry` and its losses so far go into a
folder and come back. Each checkpoint is written under another name and renamed
when whole, so a process killed in the middle of it leaves the one before. It
also says which training it belongs to; any other is refused.

Of several workers the chief alone writes into the folder; the others write into
temporary ones, since saving a distributed variable may need them all. All read
from the folder, so it must be one that they share.
"""

import json
import os
import shutil
import tempfile
import time
from itertools import zip_longest

import numpy as np
import tensorflow as tf

__all__ = ["Checkpoints", "describe", "is_chief"]


class Checkpoints:
    """The checkpoints of one training; the last two are kept.

    Args:
        folder: Where they are; with `None` nothing is saved or restored.
        every: Seconds between two of them.
        about: What must be equal for a checkpoint to fit, from `describe`.
        variables: Variables with one value for all replicas.
        carry: Variables with a value for each replica.
        strategy: The `tf.distribute` strategy.

    >>> import tempfile
    >>> weight, strategy = tf.Variable(3.0), tf.distribute.get_strategy()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = Checkpoints(folder, 60, {"seed": 0}, [weight], [], strategy)
    ...     store.save(np.array([0.5, 0.25]))
    ...     _ = weight.assign(0.0)
    ...     store.restore(most=2).tolist(), float(weight)
    ([0.5, 0.25], 3.0)
    """

    def __init__(self, folder, every, about, variables, carry, strategy):
        self.folder, self.every, self.last = folder, every, time.monotonic()
        self.temporary = None
        if folder is None:
            return
        self.folder = os.fspath(folder)
        os.makedirs(self.folder, exist_ok=True)
        self.expected = json.loads(json.dumps(about, default=str))
        replicas = strategy.num_replicas_in_sync
        with tf.device("CPU:0"):
            self.about = tf.Variable("{}")
            self.losses = tf.Variable(np.zeros(0), shape=(None,))
            self.rows = [tf.Variable(tf.zeros((replicas, *v.shape), v.dtype)) for v in carry]
        self.whole = tf.train.Checkpoint(
            about=self.about, losses=self.losses, carry=self.rows, variables=list(variables)
        )
        if not is_chief(strategy):
            self.temporary = tempfile.mkdtemp()
        target = self.temporary or self.folder
        self.manager = tf.train.CheckpointManager(self.whole, target, max_to_keep=2)

        @tf.function(autograph=False)
        def collect():
            for variable, rows in zip(carry, self.rows, strict=True):
                each = strategy.run(lambda v=variable: tf.convert_to_tensor(v)[None])
                rows.assign(strategy.gather(each, axis=0))

        @tf.function(autograph=False)
        def distribute():
            def put_back():
                replica = tf.distribute.get_replica_context().replica_id_in_sync_group
                for variable, rows in zip(carry, self.rows, strict=True):
                    variable.assign(rows[replica])

            strategy.run(put_back)

        self.collect, self.distribute = collect, distribute

    def restore(self, most):
        """Set every variable as it was and return the losses until then, none if there are none.

        Raises:
            ValueError: The checkpoint belongs to another training, or has more than `most`
                steps; no variable is changed.
        """
        newest = self.folder and tf.train.latest_checkpoint(self.folder)
        if not newest:
            return np.zeros(0)
        tf.train.Checkpoint(about=self.about, losses=self.losses).restore(newest).expect_partial()
        found = json.loads(self.about.numpy())
        for name, expected in self.expected.items():
            if found.get(name) != expected:
                expected, got = _first_difference(expected, found.get(name))
                raise ValueError(
                    f"`checkpoint` must hold this training, expected {name} {expected}, got {got} "
                    f"in {newest}: choose another folder to start anew"
                )
        losses = self.losses.numpy()
        if len(losses) > most:
            raise ValueError(
                f"`checkpoint` must hold at most the {most} steps asked for, got {len(losses)} "
                f"in {newest}: raise `steps`, or choose another folder to start anew"
            )
        self.whole.restore(newest).assert_consumed()
        self.distribute()
        return losses

    def due(self):
        """Is it time for the next one?"""
        return self.folder is not None and time.monotonic() - self.last >= self.every

    def save(self, losses):
        """Save everything after `len(losses)` steps."""
        if self.folder is None:
            return
        self.collect()
        self.about.assign(json.dumps(self.expected))
        self.losses.assign(losses)
        self.manager.save(checkpoint_number=len(losses))
        self.last = time.monotonic()

    def close(self):
        """Remove what a worker that is no chief has written."""
        if self.temporary:
            shutil.rmtree(self.temporary, ignore_errors=True)


def describe(variables, carry, optimizer, **rest):
    """What two trainings have in common if one may go on with the checkpoint of the other.

    Names that Keras counts up (`gru_1`) are left out, so that a notebook cell may
    be run again.
    """

    def spell(variable):
        dtype = tf.as_dtype(variable.dtype).name
        return f"{variable.name.split(':')[0]} {tuple(variable.shape)} {dtype}"

    config = {key: value for key, value in optimizer.get_config().items() if key != "name"}
    return {
        "variables": [spell(v) for v in variables],
        "carry": [f"{tuple(v.shape)} {v.dtype.name}" for v in carry],
        "optimizer": type(optimizer).__name__,
        **config,
        **rest,
    }


def is_chief(strategy):
    """Is this the one process that writes files and draws progress?"""
    resolver = strategy.cluster_resolver
    if resolver is None or not resolver.task_type:
        return True
    first = "chief" if "chief" in resolver.cluster_spec().jobs else "worker"
    return (resolver.task_type, resolver.task_id) == (first, 0)


def _first_difference(expected, got):
    """Of two lists the first entries that differ; anything else as it is."""
    if not (isinstance(expected, list) and isinstance(got, list)):
        return expected, got
    return next(pair for pair in zip_longest(expected, got) if pair[0] != pair[1])
