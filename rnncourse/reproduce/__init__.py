"""Sweeps over seeds, and the records they leave for the lessons to plot.

| module      | what happens there                                     |
|-------------|--------------------------------------------------------|
| `records`   | one JSON a sweep: configuration, versions, every seed   |
| `sweeps`    | the sweeps themselves, run by `make sweep`              |
| `echo`      | the echo task in NumPy: twenty networks side by side    |
| `unrolling` | what a walk over time costs, a fresh process each time  |
| `walks`     | the ways to write a walk, and what one of them costs    |
"""
