"""Networks that do something with what they remember: recurrent layers and a head.

| module        | what it makes of a sequence                          |
|---------------|------------------------------------------------------|
| `classifiers` | one class for the whole of it                        |
| `forecasters` | what comes next, at every step                       |
"""
