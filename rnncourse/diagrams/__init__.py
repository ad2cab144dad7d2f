"""Drawings of ideas.

| module      | what it draws                                              |
|-------------|------------------------------------------------------------|
| `drawing`   | the shapes that all drawings are made of                    |
| `neurons`   | a neuron, a layer, the shapes of one step                   |
| `sequences` | a walk over time: written out or a loop, its axes, its end  |
| `streams`   | a stream in rows, and what a network says to it             |
"""
