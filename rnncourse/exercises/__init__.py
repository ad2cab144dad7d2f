"""Self-checks for the learner, one module a lesson.

| module      | what happens there                                        |
|-------------|-----------------------------------------------------------|
| `feedback`  | what every check returns: text that says what is off and why |
| `lesson_01` | Predict what comes next                                   |
| `lesson_02` | Build a recurrent neuron                                  |
| `lesson_03` | Unroll through time                                       |
| `lesson_04` | Backpropagate through time                                |
| `lesson_05` | Train on a stream                                         |
| `lesson_06` | Read an image row by row                                  |
| `lesson_07` | Predict a series, then invent one                         |
| `lesson_08` | Stack layers, drop units                                  |
| `lesson_09` | Remember for longer                                       |
| `lesson_10` | Open the LSTM                                             |
| `lesson_11` | Simplify it: the GRU                                      |
| `lesson_12` | Write a language model                                    |
| `lesson_13` | Finish the fable                                          |
| `lesson_14` | Give words a place                                        |
| `lesson_15` | Borrow vectors that others trained                        |
| `lesson_16` | Translate                                                 |
| `lesson_17` | Look back: attention                                      |
| `lesson_18` | Compose a melody                                          |
"""
