"""Many training steps in one compiled call, on one replica or several.

Cast: a loss, variables and an optimizer go in; out comes a function that takes
steps `first … first + count - 1` and says for each what `TAGS` name. The bounds
are tensors, so the last, shorter call and a resumed training run the same program.

Replicas: each differentiates its share of the loss, the shares are added up, and
every replica updates its copy of the variables alike.
"""

import functools

import keras
import tensorflow as tf

from rnncourse.training.curves import TAGS

__all__ = ["compile_steps", "over_replicas", "require_replicable", "tensorflow_variable"]


def compile_steps(
    loss,
    trained,
    others,
    carry,
    optimizer,
    strategy,
    *,
    seed,
    steps_per_call,
    jit=False,
    clip=None,
    measure=False,
):
    """Compile `steps_per_call` steps into one call.

    Args:
        loss: `loss(step) -> ()`.
        trained: The variables to train; the optimizer is built for them.
        others: Further variables; those of seed generators are set before each step.
        carry: Variables that `loss` assigns.
        optimizer: A Keras optimizer.
        strategy: A `tf.distribute` strategy.
        seed: What random numbers follow from.
        steps_per_call: Most steps in a call.
        jit: Compile with XLA.
        clip: Largest global norm of the gradient, or `None`.
        measure: Record learning rate and gradient norm; otherwise they are 0.

    Returns:
        `run(first, count)`: two int32 tensors → `(3, steps_per_call)` in float64, rows in
        the order of `TAGS`, of which `count` columns are filled.

    Raises:
        ValueError: The loss is no scalar, uses a variable that is not among the given,
            or does not depend on a trained one.

    >>> w, sgd = tf.Variable(1.0), keras.optimizers.SGD(0.5)
    >>> sgd.build([w])
    >>> run = compile_steps(
    ...     lambda step: w**2 / 2, [w], [], [], sgd, tf.distribute.get_strategy(),
    ...     seed=0, steps_per_call=3,
    ... )
    >>> run(tf.constant(0), tf.constant(2))[0].numpy().tolist(), float(w)
    ([0.5, 0.125, 0.0], 0.25)
    """
    generators = [v for v in others if v.name == "seed_generator_state"]
    sources = [tensorflow_variable(v) for v in trained]
    replicas = strategy.num_replicas_in_sync

    def add_up(tensors):
        if replicas == 1:
            return tensors
        return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, tensors)

    def take(step):
        _set_seeds(generators, seed, step, replicas)
        with tf.GradientTape() as tape:
            value = _scalar(loss(step))
            share = value / replicas
        gradients = tape.gradient(share, sources)
        _require_gradients(trained, gradients)
        # Dense also for embeddings: threads add up sparse rows in an order left to chance.
        gradients = [tf.convert_to_tensor(g) for g in gradients]
        norm = 0.0
        if clip or measure:
            whole = add_up(gradients)
            norm = tf.linalg.global_norm(whole)
            if clip:
                clipped, _ = tf.clip_by_global_norm(whole, clip, norm)
                # Keras adds up the gradients of all replicas, here equal ones.
                gradients = [g / replicas for g in clipped]
        rate = optimizer.learning_rate if measure else 0.0
        optimizer.apply(gradients, trained)
        return tf.stack([tf.cast(number, tf.float64) for number in (add_up(share), rate, norm)])

    @tf.function(autograph=False, jit_compile=jit)
    def run(first, count):
        def body(step, records):
            taken = strategy.experimental_local_results(strategy.run(take, (step,)))
            return step + 1, records.write(step - first, taken[0])

        # With `maximum_iterations`, which `for step in tf.range(...)` sets, XLA would compile
        # anew for each `first`.
        _, records = tf.while_loop(
            lambda step, _: step < first + count,
            body,
            (first, tf.TensorArray(tf.float64, steps_per_call, element_shape=(len(TAGS),))),
        )
        return tf.transpose(records.stack())

    traced = run.get_concrete_function(tf.constant(0), tf.constant(0)).graph
    known = [*trained, *others, *carry, *optimizer.variables]
    _require_known(traced.variables, known, strategy)
    return run


@functools.cache
def over_replicas(strategy):
    """A function that adds up a few numbers over all replicas.

    >>> over_replicas(tf.distribute.get_strategy())([2, 3])
    [2, 3]
    """
    if strategy.num_replicas_in_sync == 1:
        return list

    @tf.function(autograph=False)
    def add_up(numbers):
        return strategy.reduce("SUM", strategy.run(tf.identity, (numbers,)), axis=None)

    return lambda numbers: add_up(tf.constant(numbers, tf.float64)).numpy().tolist()


def require_replicable(strategy, variables, optimizer, jit):
    """Check that a training can run on all replicas of `strategy`.

    Raises:
        ValueError: On several replicas: XLA, an optimizer that clips, or a variable made
            outside of the scope.
    """
    replicas = strategy.num_replicas_in_sync
    if replicas == 1:
        return
    if jit:
        raise ValueError(
            f"`jit` must be False with {replicas} replicas, got True: "
            "XLA does not compile what goes from one to the other"
        )
    if optimizer.clipnorm or optimizer.global_clipnorm or optimizer.clipvalue:
        raise ValueError(
            f"`optimizer` must not clip with {replicas} replicas, for each would clip its own "
            "share: pass `clip` to train instead"
        )
    for variable in variables:
        if not strategy.extended.variable_created_in_scope(tensorflow_variable(variable)):
            raise ValueError(
                f"`strategy` must know every variable, got {variable.name} made outside of it: "
                "make layers, optimizer and carry inside `with strategy.scope():`"
            )


def tensorflow_variable(variable):
    """TensorFlow's variable inside Keras's, or the variable itself."""
    return variable.value if isinstance(variable, keras.Variable) else variable


def _set_seeds(generators, seed, step, replicas):
    """Give every seed generator a state that follows from seed, step and replica alone."""
    if generators:
        shape = (replicas, len(generators), 2)
        states = tf.random.stateless_uniform(shape, [seed, step], 0, 2**31 - 2, tf.int64, "philox")
        own = states[tf.distribute.get_replica_context().replica_id_in_sync_group]
        for k, generator in enumerate(generators):
            generator.assign(own[k])


def _scalar(value):
    shape = None if value is None else tf.convert_to_tensor(value).shape
    if shape is None or shape.rank != 0:
        got = "None" if value is None else f"shape {shape}"
        raise ValueError(
            f"`loss` must return a scalar, got {got}: end it with return tf.reduce_mean(...)"
        )
    return tf.convert_to_tensor(value)


def _require_gradients(trained, gradients):
    for variable, gradient in zip(trained, gradients):
        if gradient is None:
            name = getattr(variable, "path", variable.name)
            raise ValueError(
                f"`loss` must depend on every trained variable, got no gradient for {name}: "
                "leave its layer out of `layers`, or set trainable=False"
            )


def _require_known(used, known, strategy):
    """What nobody has told about, a checkpoint would miss, and a layer would stay untrained."""
    copies = [strategy.experimental_local_results(tensorflow_variable(v)) for v in known]
    known = {copy.ref() for each in copies for copy in each}
    strangers = sorted(v.name.split(":")[0] for v in used if v.ref() not in known)
    if strangers:
        raise ValueError(
            f"`loss` must use the variables of `layers` and `carry` alone, got {strangers[0]}: "
            "list its layer, built, in `layers`, or the variable itself in `carry`"
        )
