"""Where sequences come from.

| module   | what it makes                                        |
|----------|------------------------------------------------------|
| `series` | generated streams, cut into rows and into windows    |
| `gym`    | a gym plan that missed days shift, and what can be known |
| `images` | handwritten digits, read row by row                  |
| `recordings` | an EEG and share prices that Matplotlib ships    |
| `distances` | tasks in which something early matters late       |
"""
