"""Where sequences come from.

| module   | what it makes                                        |
|----------|------------------------------------------------------|
| `series` | generated streams, cut into rows and into windows    |
"""
