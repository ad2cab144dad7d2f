"""Words become vectors: counted, or learned from pairs; then neighbours and analogies.

| module       | what happens there                                             |
|--------------|----------------------------------------------------------------|
| `pairs`      | which words stand near which: skip-gram and CBOW               |
| `counts`     | how often they do: co-occurrence, information, factorisation   |
| `noise`      | what the words to tell from the true one are drawn from        |
| `objectives` | full softmax, noise-contrastive estimation, negative sampling  |
| `blocks`     | a text laid out for training, many words at a time             |
| `skip_gram`  | vectors trained on a text: skip-gram, CBOW                     |
| `neighbours` | the nearest words, and analogies                               |
| `files`      | the format that word2vec, gensim and others read and write     |
| `lent`       | 3,000 words of Wikipedia that come with the course             |
"""
