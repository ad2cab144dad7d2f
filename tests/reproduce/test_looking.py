"""The translators of the sweep are those of the package, and what is asked of them is known."""

import numpy as np
import pytest
import tensorflow as tf

from rnncourse.evaluation import relative_difference
from rnncourse.reproduce import looking
from rnncourse.translation.looking_back import AttentiveEncoderDecoder
from rnncourse.translation.models import EncoderDecoder

SMALL = {"units": 6, "embedding": 4, "score": "additive", "reverse": False}
QUICK = SMALL | {"rate": 0.02, "updates": 40, "batch_size": 32}


@pytest.fixture(autouse=True)
def fewer_sentences(monkeypatch):
    monkeypatch.setattr(looking, "TRAIN", 300)
    monkeypatch.setattr(looking, "TEST", 8)
    for cached in (looking.material, looking.arrays):
        cached.cache_clear()
    yield
    for cached in (looking.material, looking.arrays):
        cached.cache_clear()


def as_model(score, w, k):
    """The package's model with the weights of network `k`."""
    words = looking.material()[2]
    kind = EncoderDecoder if score == "none" else AttentiveEncoderDecoder
    settings = {} if score == "none" else {"score": score}
    model = kind.for_vocabularies(*words, units=6, embedding=4, **settings)
    v = {name: value[k].numpy() for name, value in w.items()}
    model.source_embedding.set_weights([v["E"]])
    model.target_embedding.set_weights([v["F"]])
    model.encoder.set_weights([v["W_e"], v["U_e"], v["b_e"]])
    model.decoder.set_weights([v["W_d"], v["U_d"], v["b_d"]])
    model.head.set_weights([v["W_y"], v["b_y"][0]])
    if score in ("additive", "dot"):
        model.query_kernel.assign(v["W_q"])
        model.memory_kernel.assign(v["W_m"])
    if score == "additive":
        model.scale.assign(v["v"][:, 0])
    if score != "none":
        model.combine.set_weights([v["W_c"], v["b_c"][0]])
    return model


@pytest.mark.parametrize("score", ["none", "mean", "dot", "additive"])
@pytest.mark.parametrize("reverse", [False, True], ids=["in order", "reversed"])
def test_each_network_is_the_packages_own(score, reverse):
    config = SMALL | {"score": score, "reverse": reverse}
    w = looking.start(config, (3, 4))
    held = looking.arrays("test", reverse)
    source, inputs = (np.broadcast_to(a, (2, *a.shape)) for a in (held.source, held.inputs))
    said, weights = looking.logits(config, w, tf.constant(source), tf.constant(inputs))
    for k in range(2):
        model = as_model(score, w, k)
        theirs = model.logits(held.source, held.inputs).numpy()
        assert relative_difference(said[k].numpy()[held.mask], theirs[held.mask]) < 1e-5
        assert sum(int(np.prod(v.shape[1:])) for v in w.values()) == model.count_params()
        if score != "none":
            _, looked = model.look(held.source, held.inputs)
            assert np.allclose(weights[k].numpy()[held.mask], looked.numpy()[held.mask], atol=1e-5)


def test_networks_side_by_side_learn_as_one_alone():
    """Each seed has weights and batches of its own, whoever stands beside it."""
    both, alone = looking.learn(QUICK, (5, 6)), looking.learn(QUICK, (6,))
    for name, value in alone.items():
        assert np.allclose(both[name][1], value[0], atol=2e-3), name
    right, weights = looking.ask(QUICK, both, "validation", bins=2)
    known = looking.arrays("validation", False).rows(slice(0, 2 * looking.TEST))
    assert right.shape == (2, *known.targets.shape)
    assert weights.shape == (*right.shape, known.source.shape[1])
    untrained, _ = looking.ask(QUICK, looking.start(QUICK, (5, 6)), "validation", bins=2)
    assert right[:, known.mask].mean() > 0.15 > untrained[:, known.mask].mean()
    assert np.all(right[:, ~known.mask])
