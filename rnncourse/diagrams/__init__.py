"""Drawings of ideas.

| module    | what it draws                                          |
|-----------|--------------------------------------------------------|
| `drawing` | the shapes that all drawings are made of                |
| `neurons` | a neuron, a layer, the shapes of one step               |
"""
