"""Networks That Remember: the package the lessons import.

Text or numbers come in as sequences, become batches `(B, T, F)`, pass a cell
over time `(B, T, H)`, become outputs and are compared. One noun a room:

| room          | what happens there                                            |
|---------------|---------------------------------------------------------------|
| `shapes`      | checks and their messages: expected, got, remedy              |
| `evaluation`  | how far apart, how accurate, how sure over seeds              |
| `tensors`     | the same checks for tensors, at once or inside a graph        |
| `data`        | where sequences come from, and how they become batches        |
| `training`    | one loop: progress, checkpoints, resume, several workers      |
| `reference`   | the oracle: every step in plain NumPy                         |
| `bptt`        | its way back: backpropagation through time                    |
| `cells`       | the same steps as Keras cells                                 |
| `wrappers`    | a cell around a cell                                          |
| `unroll`      | a cell over time, statically or in a loop, with lengths       |
| `networks`    | a cell and a head: classifiers, forecasters                   |
| `generation`  | a trained network goes on by itself                           |
| `reproduce`   | sweeps over seeds and the records they leave                  |
| `exercises`   | the self-checks of the lessons                                |
| `plots`       | figures of data                                               |
| `diagrams`    | drawings of ideas                                             |

Nothing is imported here, so that `import rnncourse.reference` costs NumPy alone.
"""

__version__ = "0.1.0"
