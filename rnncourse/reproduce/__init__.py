"""Sweeps over seeds, and the records they leave for the lessons to plot.

| module        | what happens there                                     |
|---------------|--------------------------------------------------------|
| `records`     | one JSON a sweep: configuration, versions, every seed  |
| `experiments` | what a sweep is                                        |
| `sweeps`      | all sweeps there are, run by `make sweep`              |
| `habits`      | a gym plan: windows of a diary against a state         |
| `comebacks`   | what a state must be taught for the day you come back  |
| `interpreters` | a language of 54 sentences, on the fly or waited for  |
| `latches`     | a neuron holds a bit in noise; one product for two     |
| `echo`        | the echo task in NumPy: twenty networks side by side   |
| `echo_sweeps` | what is varied around the echo task                    |
| `digits`      | digits read row by row: advice, readers, what they know |
| `patience`    | readers of digits with three times as long, or no time |
| `fading`      | gradients, first inputs and old days that fade         |
| `remedies`    | small networks with remedies, many trained at once     |
| `remedy_sweeps` | remedies on two tasks, clipping, a verdict's distance |
| `forecasting` | forecasters in NumPy: twenty networks side by side     |
| `waves`       | two waves to forecast and to invent, and the floors    |
| `markets`     | prices nobody can forecast, an EEG, a share            |
| `projections` | one projection for all steps, written three ways       |
| `stacked`     | stacks in NumPy, twenty side by side, dropout anywhere |
| `depth`       | how deep, how shared, what to drop: the trainings      |
| `depth_sweeps` | stacks of the same size on two tasks, and dropout     |
| `unrolling`   | what a walk over time costs, a fresh process each time |
| `walks`       | the ways to write a walk, and what one of them costs   |
"""
