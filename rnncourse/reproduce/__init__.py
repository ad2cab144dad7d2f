"""Sweeps over seeds, and the records they leave for the lessons to plot.

| module    | what happens there                                   |
|-----------|------------------------------------------------------|
| `records` | one JSON a sweep: configuration, versions, every seed |
| `sweeps`  | the sweeps themselves, run by `make sweep`            |
"""
