"""One training loop: a loss and built layers go in, trained weights and a curve come out.

Cast: `loss(step)` is written by the caller and picks its batch by the number of
the step; `train` compiles many steps into one call, and between calls shows
progress, saves, logs and listens for Ctrl-C. `shard` gives each replica of a
`tf.distribute` strategy its rows of a batch. Layers, optimizers and schedules
are Keras's.

A step depends on the variables, the seed and its own number, on nothing else.
Before step s the states of all Keras seed generators in the layers are set from
(seed, s), so dropout repeats; a loss with randomness of its own takes
`tf.random.stateless_uniform(shape, seed=[seed, step])` and the like. A training
that was killed and went on from its checkpoint therefore ends with the very bits
of one that was not: on the same machine, with the same versions, `jit` and
`steps_per_call`. On a GPU this needs `tf.config.experimental.enable_op_determinism()`.
With and without `jit` the numbers differ by rounding, and the masks of dropout
are others.
"""

import contextlib
import signal
import threading
from numbers import Integral, Real

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from rnncourse.training.checkpoints import Checkpoints, describe, is_chief
from rnncourse.training.curves import curves
from rnncourse.training.steps import (
    compile_steps,
    over_replicas,
    require_replicable,
    tensorflow_variable,
)

__all__ = ["shard", "train"]


def train(
    loss,
    layers,
    optimizer,
    steps,
    *,
    carry=(),
    seed=0,
    steps_per_call=100,
    jit=False,
    clip=None,
    after_call=None,
    checkpoint=None,
    checkpoint_every=60.0,
    logs=None,
    progress=None,
    strategy=None,
):
    """Take `steps` steps down the gradient of `loss`.

    Args:
        loss: `loss(step) -> ()`, the scalar to make small. `step` is an int32 tensor
            that counts from 0 over the whole training: index the data with it. Say
            `training=True` to layers that drop out, add regularizers' `layer.losses`.
            Python's `if` and `for` on tensors need a `@tf.function` above it.
        layers: All that `loss` calls: built Keras layers, models, cells or plain
            variables. Trained is what is trainable; the rest (frozen weights, statistics
            of a normalization, the seeds of dropout) is saved with it.
        optimizer: A Keras optimizer; its `learning_rate` may be a schedule.
        steps: Length of the whole training.
        carry: Variables of TensorFlow that `loss` assigns, such as a state carried from
            chunk to chunk; saved and restored with the rest.
        seed: What dropout follows from, an integer ≥ 0.
        steps_per_call: Steps in one compiled call. Between calls Python has its say.
        jit: Compile with XLA: faster for small networks unrolled over T ≤ 50.
        clip: Largest global norm of the gradient; a longer one is scaled down.
        after_call: `after_call(step, losses)` runs between calls, with the number of
            steps taken and their losses: draw or evaluate there.
        checkpoint: A folder. Training goes on from the newest checkpoint in it, if any.
        checkpoint_every: Seconds between two checkpoints; 0 saves after every call.
        logs: A folder for TensorBoard: loss, learning rate and norm of the gradient
            (before clipping) at each step.
        progress: Show a bar on stderr; `None` shows it if that is a terminal.
        strategy: A mirrored `tf.distribute` strategy in whose scope layers, optimizer
            and carry were made. Each replica runs `loss` on its share of the batch (see
            `shard`) with masks and carry of its own. Losses and gradients are averaged,
            so N replicas equal one on the whole batch, but for the statistics of a
            batch normalization. Workers run the same script, each with its `TF_CONFIG`,
            and share the folder of checkpoints.

    Returns:
        The loss at each step, `(steps,)` in float64, those before a restart included.

    Raises:
        ValueError: Numbers out of range, layers not built or not in the scope, nothing
            to train, a loss that is no scalar, leaves a trained variable without
            gradient or uses one not given, the checkpoint of another training.
        TypeError: Something of the wrong kind.
        FloatingPointError: A loss or a weight became NaN or infinite; not saved.
        KeyboardInterrupt: Ctrl-C, after the current call and a checkpoint. A second
            Ctrl-C does not wait for the checkpoint.

    >>> layer = keras.layers.Dense(1)
    >>> layer.build((None, 1))
    >>> x = tf.constant([[1.0], [2.0]])
    >>> losses = train(
    ...     lambda step: tf.reduce_mean((layer(x) - 3 * x) ** 2),
    ...     [layer], keras.optimizers.SGD(0.2), steps=300,
    ... )
    >>> losses.shape, bool(losses[-1] < 1e-6)
    ((300,), True)
    """
    integers = {"steps": (steps, 1), "steps_per_call": (steps_per_call, 1), "seed": (seed, 0)}
    _require_arguments(loss, optimizer, carry, integers, clip, checkpoint_every)
    steps, steps_per_call, seed = int(steps), int(steps_per_call), int(seed)
    clip = None if clip is None else float(clip)
    trained, others = _variables(layers)
    strategy = strategy or tf.distribute.get_strategy()
    made = [*trained, *others, *carry, optimizer.iterations]
    require_replicable(strategy, made, optimizer, jit)
    if not optimizer.built:
        with strategy.scope():
            optimizer.build(trained)
    replicas, add_up = strategy.num_replicas_in_sync, over_replicas(strategy)
    equal = {"seed": seed, "clip": clip, "replicas": replicas}
    about = describe(trained + others, carry, optimizer, **equal)
    variables = [tensorflow_variable(v) for v in [*trained, *others, *optimizer.variables]]
    saved = Checkpoints(checkpoint, checkpoint_every, about, variables, carry, strategy)
    with contextlib.ExitStack() as stack:
        stack.callback(saved.close)
        losses = saved.restore(most=steps)
        done = len(losses)
        if add_up([done]) != [done * replicas]:
            raise ValueError(
                f"`checkpoint` must be one folder for all workers, got {checkpoint} with step "
                f"{done} here and another elsewhere: use a folder that they share"
            )
        if done == steps:
            return losses
        losses = np.pad(losses, (0, steps - done))
        run = compile_steps(
            *(loss, trained, others, carry, optimizer, strategy),
            seed=seed,
            steps_per_call=steps_per_call,
            jit=jit,
            clip=clip,
            measure=logs is not None,
        )
        chief = is_chief(strategy)
        interrupted = stack.enter_context(_ctrl_c_postponed())
        log = stack.enter_context(curves(logs if chief else None, done))
        hidden = (None if progress is None else not progress) if chief else True
        bar = stack.enter_context(tqdm(total=steps, initial=done, unit=" steps", disable=hidden))
        while done < steps:
            count = min(steps_per_call, steps - done)
            record = run(tf.constant(done), tf.constant(count)).numpy()[:, :count]
            _require_finite_losses(record[0], done, checkpoint)
            log(done, record)
            losses[done : done + count] = record[0]
            done += count
            bar.set_postfix_str(f"loss {record[0].mean():.4g}", refresh=False)
            bar.update(count)
            # What one worker wants all do: they wait for each other at every step.
            stop, due = add_up([interrupted.is_set(), saved.due()])
            if stop or due or done == steps:
                _require_finite_weights(trained, done, checkpoint)
                saved.save(losses[:done])
            if after_call is not None:
                after_call(done, losses[:done])
            if stop and done < steps:
                remedy = (
                    "train with the same arguments to go on"
                    if checkpoint
                    else "pass a folder as `checkpoint` to be able to go on next time"
                )
                raise KeyboardInterrupt(f"stopped after step {done} of {steps}: {remedy}")
        if interrupted.is_set():
            raise KeyboardInterrupt(f"stopped after all {steps} steps")
    return losses


def shard(batch):
    """The rows of `batch` for this replica; all of them without a strategy.

    Args:
        batch: `(B, ...)` with a static B that the number of replicas divides.

    Returns:
        `(B / replicas, ...)`.

    Raises:
        ValueError: B is not static or not divisible.

    >>> shard(tf.zeros((4, 9))).shape
    TensorShape([4, 9])
    """
    context = tf.distribute.get_replica_context()
    replicas = context.num_replicas_in_sync if context else 1
    if replicas == 1:
        return batch
    rows = batch.shape[0]
    if rows is None or rows % replicas:
        raise ValueError(
            f"`batch` must have a static B divisible by the {replicas} replicas, "
            f"got shape {tuple(batch.shape)}: change the size of the batch"
        )
    first = context.replica_id_in_sync_group * (rows // replicas)
    return batch[first : first + rows // replicas]


@contextlib.contextmanager
def _ctrl_c_postponed():
    """An event that the first Ctrl-C sets; the second does what it did before."""
    pressed, previous = threading.Event(), None
    if threading.current_thread() is threading.main_thread():
        previous = signal.getsignal(signal.SIGINT)
    if previous in (None, signal.SIG_IGN):
        yield pressed
        return

    def note(*_):
        pressed.set()
        signal.signal(signal.SIGINT, previous)

    signal.signal(signal.SIGINT, note)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, previous)


def _variables(layers):
    """The variables to train and the others, each once."""
    if not isinstance(layers, list | tuple):
        raise TypeError(f"`layers` must be a list, got {type(layers).__name__}: write [layer]")
    trained, others = {}, {}
    for layer in layers:
        if isinstance(layer, keras.Variable | tf.Variable):
            (trained if layer.trainable else others)[id(layer)] = layer
            continue
        if not isinstance(layer, keras.layers.Layer):
            raise TypeError(
                f"`layers` must hold Keras layers or variables, got {layer!r}: "
                "pass the layers that `loss` calls"
            )
        if not layer.built:
            raise ValueError(
                f"`layers` must be built, got {layer.name} without weights: "
                "call it on a batch first, or layer.build(shape)"
            )
        trained |= {id(v): v for v in layer.trainable_variables}
        others |= {id(v): v for v in layer.non_trainable_variables}
    if not trained:
        raise ValueError(
            "`layers` must hold something to train, got no trainable variable: "
            "add a layer, or set trainable=True"
        )
    return list(trained.values()), list(others.values())


def _require_arguments(loss, optimizer, carry, integers, clip, checkpoint_every):
    if not callable(loss):
        raise TypeError(
            f"`loss` must be a function of the step, got {loss!r}: write def loss(step): ..."
        )
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        raise TypeError(
            f"`optimizer` must be a Keras optimizer, got {optimizer!r}: "
            "make one, for instance keras.optimizers.Adam(0.001)"
        )
    if not (isinstance(carry, list | tuple) and all(isinstance(v, tf.Variable) for v in carry)):
        raise TypeError(
            f"`carry` must be a list of TensorFlow's variables, got {carry!r}: "
            "make them with tf.Variable(..., trainable=False)"
        )
    for name, (number, least) in integers.items():
        if isinstance(number, bool) or not isinstance(number, Integral):
            raise TypeError(f"`{name}` must be an integer, got {number!r}: pass a whole number")
        if not least <= number < 2**31:
            raise ValueError(
                f"`{name}` must be at least {least} and below 2³¹, got {number}: choose another"
            )
    if clip is not None and not (isinstance(clip, Real) and clip > 0):
        raise ValueError(f"`clip` must be a positive number, got {clip!r}: leave it out for none")
    if not (isinstance(checkpoint_every, Real) and checkpoint_every >= 0):
        raise ValueError(
            f"`checkpoint_every` must be seconds, at least 0, got {checkpoint_every!r}: "
            "leave it out for 60"
        )


def _require_finite_losses(losses, first, checkpoint):
    bad = np.flatnonzero(~np.isfinite(losses))
    if bad.size:
        _diverged(f"the loss is {losses[bad[0]]} at step {first + bad[0]}", checkpoint)


def _require_finite_weights(trained, done, checkpoint):
    for variable in trained:
        if not np.all(np.isfinite(variable.numpy())):
            _diverged(f"{variable.name} is no longer finite after step {done - 1}", checkpoint)


def _diverged(what, checkpoint):
    kept = f"; {checkpoint} keeps the checkpoints before" if checkpoint else ""
    raise FloatingPointError(
        f"the training diverged: {what}: lower the learning rate or pass clip=1.0, "
        f"and start with new layers{kept}"
    )
