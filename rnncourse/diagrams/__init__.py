"""Drawings of ideas.

| module      | what it draws                                              |
|-------------|------------------------------------------------------------|
| `booths`    | a translator in training and alone, its first word         |
| `drawing`   | the shapes that all drawings are made of                    |
| `forecasts` | a window and its target, one projection, inventions         |
| `gradients` | the way back: a neuron's paths, a cost of some outputs      |
| `gru`       | a GRU with its numbers, and what an LSTM has beyond it      |
| `guesses`   | a language model, floor by floor; what each word cost       |
| `lending`   | a borrowed table, and where a lender puts words             |
| `looks`     | one vector or all of them; where a translator looks         |
| `lstm`      | a cell with its numbers, sentences gate by gate, blanks     |
| `neurons`   | a neuron, a layer, the shapes of one step                   |
| `problems`  | a plan and its diary, five shapes, a shift by one           |
| `rails`     | a window on its own words, the ways through a story         |
| `rankings`  | one list ranked twice, a column for each task               |
| `rows`      | images, how they are read, what is taken for what           |
| `sequences` | a walk over time: written out or a loop, its axes, its end  |
| `scores`    | a tune on its staff                                         |
| `sides`     | a note heard and said as length and pitch, tune by tune     |
| `stacks`    | layers above layers, masks, what dropping brought           |
| `streams`   | a stream in rows, and what a network says to it             |
| `strips`    | contestants in rows, tasks side by side, a dot a network    |
| `whispers`  | nested steps, and a complaint that comes back smaller       |
| `wordmaps`  | tasks for word vectors, words on a plane, moment by moment  |
"""
