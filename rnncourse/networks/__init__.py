"""Networks that do something with what they remember: recurrent layers and a head.

| module        | what it makes of a sequence                          |
|---------------|------------------------------------------------------|
| `classifiers` | one class for the whole of it                        |
| `forecasters` | what comes next, at every step                       |
| `language_models` | the next word, at every step of a text            |
| `melodists`   | the next note of a tune: its length, then its pitch  |
| `next_words`  | the next word, after a window of words               |
| `readers`     | one class for a text, through a table of vectors     |
"""
