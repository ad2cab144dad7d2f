"""Self-checks for the learner, one module a lesson.

| module      | what happens there                                        |
|-------------|-----------------------------------------------------------|
| `feedback`  | what every check returns: text that says what is off and why |
| `lesson_02` | Build a recurrent neuron                                  |
| `lesson_03` | Unroll through time                                       |
| `lesson_05` | Train on a stream                                         |
"""
