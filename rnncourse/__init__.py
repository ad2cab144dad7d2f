"""Networks That Remember: the package the lessons import.

Text or numbers come in as sequences, become batches `(B, T, F)`, pass a cell
over time `(B, T, H)`, become outputs and are compared. One noun a room:

| room          | what happens there                                            |
|---------------|---------------------------------------------------------------|
| `shapes`      | checks and their messages: expected, got, remedy              |
| `evaluation`  | how far apart, how accurate, how sure over seeds              |
| `ngrams`      | language models that count words, without a network           |
| `tensors`     | the same checks for tensors, at once or inside a graph        |
| `data`        | where sequences come from, and how they become batches        |
| `training`    | one loop: progress, checkpoints, resume, several workers      |
| `reference`   | the oracle: every step in plain NumPy                         |
| `bptt`        | its way back: backpropagation through time                    |
| `peepholes`   | the way back of the LSTM whose gates look at the cell         |
| `migration`   | weights of TensorFlow 1 brought to our order                  |
| `cells`       | the same steps as Keras cells                                 |
| `variants`    | two relatives of the LSTM as Keras cells                      |
| `wrappers`    | a cell around a cell                                          |
| `unroll`      | a cell over time, statically or in a loop, with lengths       |
| `networks`    | cells and a head: classifiers, forecasters, language models   |
| `word_vectors` | words become vectors: counted, or learned from pairs          |
| `translation` | an encoder reads a sentence, a decoder says it in other words  |
| `generation`  | a trained network goes on by itself                           |
| `storytelling` | a network that has a fable by heart, and goes on from any words |
| `reproduce`   | sweeps over seeds and the records they leave                  |
| `exercises`   | the self-checks of the lessons                                |
| `plots`       | figures of data                                               |
| `diagrams`    | drawings of ideas                                             |
| `cli`         | the fable and small translations, from a command line         |

Nothing is imported here, so that `import rnncourse.reference` costs NumPy alone.
"""

__version__ = "0.1.0"
