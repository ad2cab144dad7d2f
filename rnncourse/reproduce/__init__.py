"""Sweeps over seeds, and the records they leave for the lessons to plot.

| module        | what happens there                                     |
|---------------|--------------------------------------------------------|
| `records`     | one JSON a sweep: configuration, versions, every seed  |
| `experiments` | what a sweep is                                        |
| `sweeps`      | all sweeps there are, run by `make sweep`              |
| `habits`      | a gym plan: windows of a diary against a state         |
| `comebacks`   | what a state must be taught for the day you come back  |
| `interpreters` | a language of 54 sentences, on the fly or waited for  |
| `language`    | language models on a grammar and on news, recipes tried |
| `feeding`     | how words get into a step: three ways, timed           |
| `latches`     | a neuron holds a bit in noise; one product for two     |
| `echo`        | the echo task in NumPy: twenty networks side by side   |
| `echo_sweeps` | what is varied around the echo task                    |
| `digits`      | digits read row by row: advice, readers, what they know |
| `patience`    | readers of digits with three times as long, or no time |
| `fading`      | gradients, first inputs and old days that fade         |
| `remedies`    | small networks with remedies, many trained at once     |
| `remedy_sweeps` | remedies on two tasks, clipping, a verdict's distance |
| `agreements`  | a pronoun far from its noun: cells, gate biases, gates |
| `rests`       | how long an interval a cell can time, with peepholes   |
| `packings`    | a state in one tensor or in two, timed                 |
| `contests`    | cells of equal size on equal terms, many side by side  |
| `contest_sweeps` | three tasks on which cells compete, the screws one by one, a clock |
| `forecasting` | forecasters in NumPy: twenty networks side by side     |
| `waves`       | two waves to forecast and to invent, and the floors    |
| `markets`     | prices nobody can forecast, an EEG, a share            |
| `projections` | one projection for all steps, written three ways       |
| `stacked`     | stacks in NumPy, twenty side by side, dropout anywhere |
| `depth`       | how deep, how shared, what to drop: the trainings      |
| `depth_sweeps` | stacks of the same size on two tasks, and dropout     |
| `treebank`    | what the Penn Treebank holds, and what counting predicts |
| `skip_grams`  | our word vectors beside gensim's: how good, how fast   |
| `fable`       | three words in, the fourth out: words as ids and as rows |
| `chains`      | Markov chains of tunes: lengths and pitches apart       |
| `tunesmiths`  | who guesses best how a tune goes on: chains, networks  |
| `tales`       | where a network goes that has the fable by heart       |
| `places`      | words of the small world get their places              |
| `place_controls` | what else could explain where the words come to lie |
| `drinks`      | who has heard of milk only, and is asked about water   |
| `noise_costs` | what an update costs: all words in the loss, or a few  |
| `news_words`  | vectors from news, and how far people agree with them  |
| `wikipedia`   | the vectors that the course lends, and what they know  |
| `reviewers`   | readers of texts, many side by side                    |
| `borrowing`   | what borrowed vectors are worth, by amount of labels   |
| `freezing`    | what an update costs, with the table frozen or trained |
| `polarity`    | real sentences about films, with vectors of two lenders |
| `translating` | translators and combinations that they never met       |
| `simultaneous` | to translate while listening, or afterwards           |
| `looking`     | translators that look back, many side by side          |
| `look_sweeps` | quality by length, where the finger lies, words hidden |
| `look_costs`  | what looking back costs as sentences grow              |
| `unrolling`   | what a walk over time costs, a fresh process each time |
| `walks`       | the ways to write a walk, and what one of them costs   |
"""
