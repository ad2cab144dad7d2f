"""How the English-French grammar builds a sentence: phrase by phrase, in both languages.

Cast: a `Writer` has a source of chances and some room; its `sentence` returns English
words, French words and the content words that met. Each method below it writes one
kind of phrase, the English and the French side by side.
"""

from typing import NamedTuple

from rnncourse.data.grammars.french_words import (
    ADJECTIVES,
    ADVERBS,
    BE,
    ETRE,
    FITTING,
    FIXED,
    KINDS,
    LINKS,
    MANY,
    NOUNS,
    OBJECTS,
    ODD_TOGETHER,
    ONE,
    OWN,
    PERSON,
    PLACES,
    PRONOUNS,
    STATES,
    TIMES,
    VERBS,
    VOWELS,
    agreed,
    article_for,
    finish,
)

__all__ = ["SINGERS", "Sentence", "Writer"]

ALIKE = ("sick", "sad", "young")  # one French form for both genders
SINGERS = ("girl", "boy", "woman", "man", "child", "bird", None)
NOT_UPON = {"i": {"me", "us"}, "we": {"me", "us"}, "you": {"you"}}
# What a person (False) and what an animal (True) does, alone and to something.
ALONE, UPON = (
    {
        beast: [
            verb
            for verb, about in VERBS.items()
            if bool(about.objects) == acting and not (beast and about.beasts is None)
        ]
        for beast in (False, True)
    }
    for acting in (False, True)
)


class Sentence(NamedTuple):
    """English and French as words, and which content words meet in it.

    A combination is (adjective, noun), (noun, verb) of a subject, (verb, noun) of an
    object, or (noun or pronoun, verb, noun), all in the English dictionary form.
    """

    english: tuple[str, ...]
    french: tuple[str, ...]
    combinations: frozenset[tuple[str, ...]]


class Phrase(NamedTuple):
    """A subject or an object; `who` is the English pronoun that would stand for it."""

    english: list[str]
    french: list[str]
    who: str
    feminine: bool
    noun: str | None = None

    @property
    def kind(self):
        return NOUNS[self.noun].kind if self.noun else "person"


class Writer:
    """Writes one sentence.

    Args:
        draw: `draw()` gives chances, uniform in [0, 1).
        room: About how many English words the sentence may have.
    """

    def __init__(self, draw, room):
        self.draw, self.room = draw, room
        self.met, self.mentioned = set(), []

    def chance(self, p, words=0):
        """True with probability `p` or more, if there is room; much room makes talkative."""
        return self.room >= words and self.draw() < p * (1 + self.room / 8)

    def one_of(self, options):
        options = options if isinstance(options, list | tuple) else list(options)
        return options[int(self.draw() * len(options))]

    def take(self, text):
        """English words, which use up room."""
        words = text.split()
        self.room -= len(words)
        return words

    def sentence(self) -> Sentence:
        """One to many clauses with "and", "but", "because", "when" between them."""
        clauses, rest = 1, self.room
        while rest >= 7 and self.draw() < 0.6:
            clauses, rest = clauses + 1, rest - 6
        words, french, before, total = [], [], None, self.room
        for left in range(clauses, 0, -1):
            if before:
                link = self.one_of(LINKS)
                words, french = [*words, link], french + LINKS[link].split()
            self.room = (total - len(words) - left + 1) // left
            subject = self.subject(before)
            english, said = self.predicate(subject)
            words += subject.english + english
            french += subject.french + said
            before = subject
        return Sentence(tuple(words), tuple(finish(french)), frozenset(self.met))

    def subject(self, before):
        if self.room < 4 or self.draw() < 0.35:
            return self.pronoun(before)
        kind = self.one_of(("person", "person", "person", "animal", "animal", "thing"))
        if kind == "thing" and self.draw() < 0.4:
            kind = "food"
        self.room -= 2
        phrase = self.relative(
            self.noun_phrase(self.one_of(KINDS[kind]), plain=kind == "food"), 0.3
        )
        self.room += 2
        return phrase

    def pronoun(self, before):
        """ "It", and "they" in a later clause, only where nothing else can be meant."""
        options = list(PRONOUNS)
        if before:
            options.remove("they")
            many = before.who == "they"
            genders = {f for noun, n, f in self.mentioned if n == many}
            if before.noun and before.who in ("it", "they") and genders == {before.feminine}:
                options += [before.who] * 4
        who = self.one_of(options)
        if before and who in ("it", "they"):
            french = ("elle" if before.feminine else "il") + "s" * (who == "they")
            return Phrase(self.take(who), [french], who, before.feminine, before.noun)
        return Phrase(self.take(who), [PRONOUNS[who]], who, who == "she")

    def noun_phrase(self, noun, verb=None, negated=False, plain=False):
        """Article, adjectives unless `plain`, noun; as an object perhaps without article."""
        about = NOUNS[noun]
        many = about.many is not None and self.draw() < 0.35
        may_be_bare = verb is not None and about.kind != "person" and (many or not about.many)
        if may_be_bare and (self.room < 2 or self.draw() < 0.6):
            article, english = "", []
        else:
            options = list(MANY if many else ONE)
            if not (many or about.many) or verb == "like":
                options = [article for article in options if article not in ("a", "two")]
            if negated and "two" in options:
                options.remove("two")
            options += ["the"] * 3 + ["a"] * 3 * ("a" in options)
            if about.kind != "person":
                options += OWN
            article = self.one_of(options)
            english = self.take(article)
        self.room -= 1
        before = self.adjective(noun, True) if not plain and self.chance(0.2, 1) else []
        after = self.adjective(noun, False) if not plain and self.chance(0.2, 1) else []
        english += before + after + [about.many if many else noun]
        if article == "a" and english[1][0] in "aeo":
            english[0] = "an"
        french = [about.french_many if many else about.french]
        for adjective in before:
            vowel = ADJECTIVES[adjective].vowel if french[0].startswith(VOWELS) else None
            single = not many and not about.feminine
            french.insert(0, vowel if vowel and single else agreed(adjective, about.feminine, many))
        french += [agreed(adjective, about.feminine, many) for adjective in after]
        french = article_for(article, about, many, verb, negated, bool(before)) + french
        one = ("she" if about.feminine else "he") if about.kind == "person" else "it"
        who = "they" if many else one
        if many or about.kind != "person":
            self.mentioned.append((noun, many, about.feminine))
        return Phrase(english, french, who, about.feminine, noun)

    def unsaid(self, noun):
        """Adjectives that go with the noun and with what was said of it."""
        said = {pair[0] for pair in self.met if pair[1:] == (noun,)}
        said |= {adjective for odd in ODD_TOGETHER if odd & said for adjective in odd}
        return [adjective for adjective in FITTING[noun] if adjective not in said]

    def adjective(self, noun, before):
        """One adjective, as a list, that French puts before the noun or after it; or none."""
        options = [a for a in self.unsaid(noun) if ADJECTIVES[a].before == before]
        if not options:
            return []
        adjective = self.take(self.one_of(options))
        self.met.add((adjective[0], noun))
        return adjective

    def relative(self, phrase, p):
        """Perhaps a clause with "that", in which the noun acts or is acted upon."""
        if not self.chance(p, 3):
            return phrase
        self.room -= 1
        if phrase.kind in ("person", "animal") and self.draw() < 0.5:
            that, (english, french) = "qui", self.predicate(phrase, inside=True)
        else:
            that, who = "que", self.one_of(("i", "you", "he", "she", "we", "the", "the", "the"))
            subject = Phrase([who], [PRONOUNS.get(who)], who, who == "she")
            self.room -= 1
            if who == "the":
                subject = self.noun_phrase(
                    self.one_of(n for n in KINDS["person"] if n != phrase.noun)
                )
            verbs = [v for v, about in VERBS.items() if phrase.noun in about.objects.split()]
            verb = self.one_of(v for v in verbs if v not in ("have", "want", "buy"))
            self.met |= {(verb, phrase.noun), (subject.noun or subject.who, verb, phrase.noun)}
            english, french, _, _ = self.verb_group(subject, verb)
            english, french = subject.english + english, subject.french + french
        return phrase._replace(
            english=[*phrase.english, "that", *english], french=[*phrase.french, that, *french]
        )

    def verb_group(self, subject, verb, pronoun=None):
        """The verb and what goes round it, in both languages; is it denied, is there an adverb?"""
        about, third = VERBS[verb], subject.who in ("he", "she", "it")
        core = [OBJECTS[pronoun]] if pronoun else []
        core.append(about.french.split()[PERSON.get(subject.who, 2)])
        if subject.noun:
            self.met.add((subject.noun, verb))
        if self.chance(0.25, 3):
            english = self.take(f"{'does' if third else 'do'} not {verb}")
            return english, ["ne", *core, "pas"], True, None
        adverb = self.one_of(ADVERBS) if about.acts and self.chance(0.2, 2) else None
        english = self.take(f"{adverb or ''} {about.third if third else verb}")
        if adverb == "never":
            return english, ["ne", *core, "jamais"], True, adverb
        return english, core + ([ADVERBS[adverb]] if adverb else []), False, adverb

    def predicate(self, subject, inside=False):
        """What is said of a subject: how it is, or what it does."""
        if subject.kind in ("food", "thing") or self.chance(0.15, 2):
            return self.state(subject)
        beast = subject.kind == "animal"
        if self.room < 2 or self.draw() < 0.3:
            alone = ALONE[beast]
            if subject.noun not in SINGERS:
                alone = [verb for verb in alone if verb != "sing"]
            verb = self.one_of(alone)
            english, french, _, adverb = self.verb_group(subject, verb)
            return self.circumstances(subject, verb, adverb, english, french)
        verb = self.one_of(UPON[beast])
        if verb in ("see", "hear") and (self.room < 3 or self.draw() < 0.4):
            pronoun = self.one_of(p for p in OBJECTS if p not in NOT_UPON.get(subject.who, ()))
            self.room -= 1
            english, french, _, adverb = self.verb_group(subject, verb, pronoun)
            english.append(pronoun)
            return self.circumstances(subject, verb, adverb, english, french)
        told = (VERBS[verb].beasts if beast else VERBS[verb].objects).split()
        noun = self.one_of(n for n in told if n != subject.noun)
        self.room -= 1
        english, french, negated, adverb = self.verb_group(subject, verb)
        self.room += 1
        self.met |= {(verb, noun), (subject.noun or subject.who, verb, noun)}
        upon = self.noun_phrase(noun, verb, negated)
        if not inside:
            upon = self.relative(upon, 0.2)
        english, french = english + upon.english, french + upon.french
        return self.circumstances(subject, verb, adverb, english, french)

    def state(self, subject):
        """Be and an adjective."""
        if subject.noun:
            again = [a for a in FITTING[subject.noun] if (a, subject.noun) in self.met]
            adjective = self.one_of(self.unsaid(subject.noun) or again)
            self.met.add((adjective, subject.noun))
        else:
            more = ("old", "young", "happy", "tired", "sick", "sad")
            adjective = self.one_of(ALIKE if subject.who in ("i", "you", "we") else more)
        english = self.take(BE.get(subject.who, "is"))
        french = [ETRE[PERSON.get(subject.who, 2)]]
        if self.chance(0.25, 2):
            english, french = english + self.take("not"), ["ne", *french, "pas"]
        elif adjective in STATES and self.chance(0.2, 2):
            adverb = self.one_of(ADVERBS)
            english += self.take(adverb)
            french = ["ne", *french, "jamais"] if adverb == "never" else [*french, ADVERBS[adverb]]
        english += self.take(adjective)
        french.append(agreed(adjective, subject.feminine, subject.who in ("we", "they")))
        if adjective in STATES and self.chance(0.15, 1):
            english, french = english + self.take("today"), [*french, "aujourd'hui"]
        return english, french

    def circumstances(self, subject, verb, adverb, english, french):
        """Perhaps where, and perhaps when."""
        where = VERBS[verb].where.split()
        if where and self.chance(0.3, 2):
            place = self.one_of(where)
            if place in FIXED:
                words, said = FIXED[place]
                english, french = english + self.take(words), french + said.split()
            else:
                said, nouns = PLACES[place]
                english = english + self.take(place)
                phrase = self.noun_phrase(self.one_of(n for n in nouns if n != subject.noun))
                english, french = english + phrase.english, french + said.split() + phrase.french
        if VERBS[verb].acts and self.chance(0.25, 1):
            times = [t for t in TIMES if len(t.split()) <= self.room]
            if adverb:
                times = [t for t in times if t.startswith("in")]
            if times:
                time = self.one_of(times)
                english, french = english + self.take(time), french + TIMES[time].split()
        return english, french
