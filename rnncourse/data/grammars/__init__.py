"""Grammars: sentences of which everything that can be known is computed.

| module      | what it makes                                                |
|-------------|--------------------------------------------------------------|
| `agreement` | a pronoun that agrees with a noun far away; scenes in a bar  |
| `french_alignment` | which English word a French one stands for            |
| `sentences` | stories whose entropy per word is known                      |
| `small_world` | a world in which it is written down what every word means  |
"""
