import numpy as np

from tools import forecaster
from tools.contenders import OURS

TASK = forecaster.forecaster_task(n=1)


def test_the_first_loss_is_that_of_the_equations():
    W_xh, W_hh, b_h, W_hy, b_y = TASK.weights
    h, errors = np.zeros((50, 100), "float32"), []
    for t in range(20):
        h = np.maximum(TASK.x[0, :, t] @ W_xh + h @ W_hh + b_h, 0)
        errors.append(h @ W_hy + b_y - TASK.y[0, :, t])
    (loss,) = TASK.contenders[OURS](TASK)(1, lambda: None)
    np.testing.assert_allclose(loss, np.square(errors).mean(), rtol=1e-5)


def test_the_target_is_the_series_one_step_later():
    assert (TASK.x.shape, TASK.x.dtype, TASK.y.dtype) == ((1, 50, 20, 1), "float32", "float32")
    np.testing.assert_array_equal(TASK.y[:, :, :-1], TASK.x[:, :, 1:])
    beginnings = TASK.x[0, :, 0, 0]
    assert len(np.unique(beginnings)) == 50


def test_the_course_and_stock_networks_have_equal_shapes():
    shapes = []
    for network in (forecaster.course_network(), forecaster.stock_network()):
        network.build((None, 20, 1))
        shapes.append([w.shape for w in network.weights])
    assert shapes == [[w.shape for w in TASK.weights]] * 2
