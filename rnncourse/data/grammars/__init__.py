"""Grammars: sentences of which everything that can be known is computed.

| module      | what it makes                                                |
|-------------|--------------------------------------------------------------|
| `agreement` | a pronoun that agrees with a noun far away; scenes in a bar  |
| `french`    | English sentences and their French                           |
| `french_words` | the words of both, and how French joins them              |
| `french_clauses` | how a sentence is built in both                         |
| `french_alignment` | which English word a French one stands for            |
| `reviews`   | short film reviews, and how well the verdict can be known    |
| `sentences` | stories whose entropy per word is known                      |
| `small_world` | a world in which it is written down what every word means  |
"""
