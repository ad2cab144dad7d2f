"""One training loop for the whole course: a loss and built layers in, trained weights out.

| module        | what is there                                                     |
|---------------|-------------------------------------------------------------------|
| `loop`        | `train`: the loop, its progress, its interruption; `shard`        |
| `steps`       | many steps in one compiled call, on one replica or several        |
| `checkpoints` | what a training needs to go on as if it had never stopped         |
| `curves`      | loss, learning rate and gradient norm as TensorBoard reads them   |
"""
