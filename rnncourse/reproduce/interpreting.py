"""What it costs to let a decoder speak, for each way to call it: a timing sweep.

Cast: `speeds` decodes one batch greedily in one compiled call, in a Python loop over a
compiled step, in a Python loop over `step`, and in a loop over Keras's `predict`, side by
side in alternating rounds, and says how many sentences a second each way says.
"""

import time

import keras
import numpy as np
import tensorflow as tf

from rnncourse.reproduce.experiments import Sweep, one_by_one
from rnncourse.translation.decoding import greedy
from rnncourse.translation.models import EncoderDecoder

GO, EOS = 1, 0


def ways(model: EncoderDecoder, length: int) -> dict:
    """Functions `(B, S)` ids → `(B, length)` ids, each saying the same in another way.

    Args:
        model: A model that never says `<eos>`, so that all ways take `length` steps.
        length: How many words.

    Returns:
        `compiled`: all in one call. `step`: a compiled step called again and again.
        `eager`: the same, not compiled. `predict`: Keras's `predict` for each step, as
        many a page on translation has it.
    """
    encode, step = tf.function(model.encode), tf.function(model.step)
    reader, speaker = _keras_models(model)

    def by_steps(encode, step):
        def decode(source):
            state, memory = encode(tf.constant(source))
            words, said = tf.fill([len(source)], model.go), []
            for _ in range(length):
                logits, state = step(words, state, memory)
                words = tf.argmax(logits, axis=-1, output_type=tf.int32)
                said.append(words)
            return tf.stack(said, axis=1).numpy()

        return decode

    def by_predict(source):
        state, words, said = reader.predict(source, verbose=0), np.full(len(source), model.go), []
        for _ in range(length):
            logits, state = speaker.predict([words[:, None], state], verbose=0)
            words = logits[:, 0].argmax(axis=-1)
            said.append(words)
        return np.stack(said, axis=1).astype(np.int32)

    return {
        "compiled": lambda source: greedy(model, source, length),
        "step": by_steps(encode, step),
        "eager": by_steps(model.encode, model.step),
        "predict": by_predict,
    }


def silent(config: dict, seed: int) -> EncoderDecoder:
    """A model with random weights that never says `<eos>`."""
    keras.utils.set_random_seed(seed)
    sizes = {name: config[name] for name in ("source_size", "target_size", "units", "embedding")}
    model = EncoderDecoder(**sizes, go=GO, eos=EOS)
    model.head.bias.assign(-1e9 * (np.arange(config["target_size"]) == EOS))
    return model


def speeds(config: dict, seed: int) -> dict[str, float]:
    """Sentences a second of each of the `ways`, the median of alternating rounds.

    Args:
        config: `source_size`, `target_size`, `units`, `embedding`, `batch`, `words` of the
            source, `length`, `rounds`.
        seed: Of the weights and the sources.
    """
    model = silent(config, seed)
    shape = (config["batch"], config["words"])
    source = np.random.default_rng(seed).integers(2, config["source_size"], shape).astype(np.int32)
    functions = ways(model, config["length"])
    for function in functions.values():
        function(source)  # compile
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(config["rounds"]):
        for name, function in functions.items():
            start = time.perf_counter()
            function(source)
            seconds[name].append(time.perf_counter() - start)
    return {name: config["batch"] / float(np.median(taken)) for name, taken in seconds.items()}


def _keras_models(model):
    """The same weights as two functional models, of Keras's own layers."""
    settings = model.settings
    width, units = settings["embedding"], settings["units"]
    source = keras.Input((None,), dtype="int32")
    embedded = keras.layers.Embedding(settings["source_size"], width, name="source")(source)
    state = keras.layers.GRU(units, name="encoder")(embedded)
    reader = keras.Model(source, state)
    word, before = keras.Input((1,), dtype="int32"), keras.Input((units,))
    embedded = keras.layers.Embedding(settings["target_size"], width, name="target")(word)
    layer = keras.layers.GRU(units, return_sequences=True, return_state=True, name="decoder")
    outputs, after = layer(embedded, initial_state=before)
    logits = keras.layers.Dense(settings["target_size"], name="head")(outputs)
    speaker = keras.Model([word, before], [logits, after])
    for theirs, name, ours in (
        (reader, "source", model.source_embedding),
        (reader, "encoder", model.encoder),
        (speaker, "target", model.target_embedding),
        (speaker, "decoder", model.decoder),
        (speaker, "head", model.head),
    ):
        theirs.get_layer(name).set_weights(ours.get_weights())
    return reader, speaker


SWEEPS = (
    Sweep(
        "decoding-speed",
        {
            "source_size": 200,
            "target_size": 300,
            "units": 128,
            "embedding": 64,
            "batch": 64,
            "words": 10,
            "length": 12,
            "rounds": 5,
        },
        one_by_one(speeds),
        seeds=tuple(range(3)),
        kind="timing",
    ),
)
