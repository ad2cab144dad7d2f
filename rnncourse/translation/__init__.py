"""From one language to another: an encoder reads a sentence, a decoder says it in other words.

| module         | what is there                                                   |
|----------------|-----------------------------------------------------------------|
| `batches`      | pairs of sentences as arrays: `<go>`, `<eos>`, reversed sources |
| `loops`        | a cell over rows of unequal length, as fast as XLA can have it  |
| `models`       | what every encoder-decoder can do, and the plain one            |
| `attention`    | one question to every word: additive, or a dot product          |
| `looking_back` | an encoder-decoder that looks back at the sentence              |
| `decoding`     | the decoder on its own: greedy, and several hypotheses at once  |
| `fitting`      | training with teacher forcing, or with what the decoder said    |
| `translator`   | text in, text out                                               |
| `saving`       | a translator as one file                                        |
| `learned`      | a translator for small sentences, trained once and kept         |
"""
