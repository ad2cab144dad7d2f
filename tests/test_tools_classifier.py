import numpy as np

from rnncourse.reference import rnn_step, unroll
from tools import classifier
from tools.contenders import OURS

TASK = classifier.classifier_task(n=1)


def test_the_first_loss_is_that_of_the_equations():
    *recurrent, W_hy, b_y = TASK.weights
    start = np.zeros((150, 150), "float32")
    _, last = unroll(lambda x, h: rnn_step(x, h, *recurrent), TASK.x[0], start)
    logits = last @ W_hy + b_y
    logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
    wanted = -logits[np.arange(150), TASK.y[0]].mean()
    (loss,) = TASK.contenders[OURS](TASK)(1, lambda: None)
    np.testing.assert_allclose(loss, wanted, rtol=1e-5)


def test_images_have_the_shape_of_mnist_and_all_ten_labels():
    task = classifier.classifier_task(n=3)
    assert (task.x.shape, task.x.dtype) == ((3, 150, 28, 28), "float32")
    assert 0 <= task.x.min() and task.x.max() < 1
    assert set(task.y.ravel()) == set(range(10))


def test_the_course_and_stock_networks_have_equal_shapes():
    shapes = []
    for network in (classifier.course_network(), classifier.stock_network()):
        network.build((None, 28, 28))
        shapes.append([w.shape for w in network.weights])
    assert shapes == [[w.shape for w in TASK.weights]] * 2
