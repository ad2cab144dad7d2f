"""Where sequences come from.

| module   | what it makes                                        |
|----------|------------------------------------------------------|
| `series` | generated streams, cut into rows and into windows    |
| `gym`    | a gym plan that missed days shift, and what can be known |
| `images` | handwritten digits, read row by row                  |
| `recordings` | an EEG and share prices that Matplotlib ships    |
| `distances` | tasks in which something early matters late       |
| `counting` | a toy that hops as often as it was wound up        |
| `text`   | words, their ids, and batches of them                |
| `spelling` | how far one word is from another in its letters    |
| `corpora` | a fable, news and the Penn Treebank, as tokens      |
| `contexts` | what stood before each word, and what may follow    |
| `prompts` | three words to read of whatever is typed            |
| `melodies` | notes and bars as text, as numbers and as sound      |
| `tunes`    | 57 tunes in the public domain, and parts of them     |
| `grammars` | sentences of which all odds are known              |
"""
