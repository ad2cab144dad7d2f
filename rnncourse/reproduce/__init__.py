"""Sweeps over seeds, and the records they leave for the lessons to plot.

| module        | what happens there                                     |
|---------------|--------------------------------------------------------|
| `records`     | one JSON a sweep: configuration, versions, every seed  |
| `experiments` | what a sweep is                                        |
| `sweeps`      | all sweeps there are, run by `make sweep`              |
| `latches`     | a neuron holds a bit in noise; one product for two     |
| `echo`        | the echo task in NumPy: twenty networks side by side   |
| `echo_sweeps` | what is varied around the echo task                    |
| `unrolling`   | what a walk over time costs, a fresh process each time |
| `walks`       | the ways to write a walk, and what one of them costs   |
"""
