"""The curves of a training as TensorBoard reads them.

Cast: an array with one row a curve and one column a step goes in; out comes an
event file in a folder. View it with `tensorboard --logdir FOLDER`.
"""

import contextlib
import os
import socket
import time

import tensorflow as tf

__all__ = ["TAGS", "curves"]

TAGS = ("loss", "learning_rate", "gradient_norm")


@contextlib.contextmanager
def curves(folder, first):
    """A function that writes steps into an event file, one event a step.

    Args:
        folder: Where the file is made; with `None` nothing is written.
        first: The step the file begins with. What older files in the folder say about
            it and later steps, TensorBoard forgets: a training that goes on from a
            checkpoint leaves one curve.

    Yields:
        `write(step, record)`: `record` is `(3, steps)`, rows in the order of `TAGS`,
        and `step` the number of its first column.

    >>> import numpy as np, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with curves(folder, 0) as write:
    ...         write(0, np.ones((3, 20)))
    ...     len(os.listdir(folder))
    1
    """
    if folder is None:
        yield lambda step, record: None
        return
    os.makedirs(folder, exist_ok=True)
    # Files are read in the order of their names.
    name = f"events.out.tfevents.{time.time():017.6f}.{socket.gethostname()}"
    with tf.io.TFRecordWriter(os.path.join(folder, name)) as file:

        def put(**fields):
            event = tf.compat.v1.Event(wall_time=time.time(), **fields)
            file.write(event.SerializeToString())

        def write(step, record):
            value = tf.compat.v1.Summary.Value
            for k, numbers in enumerate(record.T):
                values = [value(tag=tag, simple_value=number) for tag, number in zip(TAGS, numbers)]
                put(step=step + k, summary=tf.compat.v1.Summary(value=values))
            file.flush()

        put(file_version="brain.Event:2")
        start = tf.compat.v1.SessionLog(status=tf.compat.v1.SessionLog.START)
        put(step=first, session_log=start)
        yield write
