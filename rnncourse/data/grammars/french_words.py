"""The words of the English-French grammar, and how French joins and parts them.

Cast: `NOUNS`, `VERBS` and `ADJECTIVES` hold every form and say what goes with what, so
that nobody drinks shoes; `VERBS` gives French five persons (je, tu, il, nous, ils).
`finish` turns words in a row into French: `le eau` into `l' eau`, `de le` into `du`,
`ma orange` into `mon orange`. `split_french` and `join_french` lead from text to such
words and back.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rnncourse.data.text import split_words

__all__ = [
    "ADJECTIVES",
    "NOUNS",
    "VERBS",
    "agreed",
    "article_for",
    "finish",
    "join_french",
    "split_french",
]


@dataclass(frozen=True)
class Noun:
    """English and French, singular and plural (`None`: not counted), gender, kind."""

    many: str | None
    french: str
    french_many: str | None
    feminine: bool
    kind: str


@dataclass(frozen=True)
class Verb:
    """Third person and French persons; objects (none: of oneself), animals' objects, places."""

    third: str
    french: str
    objects: str = ""
    beasts: str | None = None  # what an animal does this to; `None`: animals do not
    where: str = ""  # prepositions that may follow
    acts: bool = True  # takes often, every day …


@dataclass(frozen=True)
class Adjective:
    """French: he, she, they, they (feminine), and he before a vowel; what it is said of."""

    french: str
    nouns: str
    before: bool = False
    vowel: str | None = None


NOUNS = {
    "girl": Noun("girls", "fille", "filles", True, "person"),
    "boy": Noun("boys", "garçon", "garçons", False, "person"),
    "woman": Noun("women", "femme", "femmes", True, "person"),
    "man": Noun("men", "homme", "hommes", False, "person"),
    "child": Noun("children", "enfant", "enfants", False, "person"),
    "cat": Noun("cats", "chat", "chats", False, "animal"),
    "dog": Noun("dogs", "chien", "chiens", False, "animal"),
    "mouse": Noun("mice", "souris", "souris", True, "animal"),
    "bird": Noun("birds", "oiseau", "oiseaux", False, "animal"),
    "milk": Noun(None, "lait", None, False, "food"),
    "water": Noun(None, "eau", None, True, "food"),
    "tea": Noun(None, "thé", None, False, "food"),
    "coffee": Noun(None, "café", None, False, "food"),
    "bread": Noun(None, "pain", None, False, "food"),
    "meat": Noun(None, "viande", None, True, "food"),
    "soup": Noun(None, "soupe", None, True, "food"),
    "apple": Noun("apples", "pomme", "pommes", True, "thing"),
    "orange": Noun("oranges", "orange", "oranges", True, "thing"),
    "house": Noun("houses", "maison", "maisons", True, "thing"),
    "garden": Noun("gardens", "jardin", "jardins", False, "thing"),
    "tree": Noun("trees", "arbre", "arbres", False, "thing"),
    "book": Noun("books", "livre", "livres", False, "thing"),
    "letter": Noun("letters", "lettre", "lettres", True, "thing"),
    "flower": Noun("flowers", "fleur", "fleurs", True, "thing"),
}

PERSONS = "girl boy woman man child"
BEASTS = "cat dog mouse bird"
FOOD = "milk water tea coffee bread meat soup apple orange"

VERBS = {
    "drink": Verb(
        "drinks",
        "bois bois boit buvons boivent",
        "milk water tea coffee",
        "milk water",
        "in near with home",
    ),
    "eat": Verb(
        "eats",
        "mange manges mange mangeons mangent",
        "bread meat soup apple orange",
        "bread meat",
        "in near with home",
    ),
    "buy": Verb(
        "buys",
        "achète achètes achète achetons achètent",
        "milk tea coffee bread meat apple orange house book flower cat dog bird",
        where="market",
    ),
    "want": Verb(
        "wants",
        "veux veux veut voulons veulent",
        FOOD + " book flower letter cat dog house",
        "milk water bread meat",
        acts=False,
    ),
    "like": Verb(
        "likes",
        "aime aimes aime aimons aiment",
        FOOD + " cat dog bird house garden tree book flower",
        "milk water bread meat garden",
        acts=False,
    ),
    "have": Verb(
        "has",
        "ai as a avons ont",
        "milk water tea coffee bread soup apple orange house garden book letter flower "
        "cat dog bird",
        acts=False,
    ),
    "see": Verb(
        "sees",
        "vois vois voit voyons voient",
        f"{PERSONS} {BEASTS} house garden tree book letter flower apple orange",
        f"{PERSONS} {BEASTS} house tree",
        "in near behind",
    ),
    "hear": Verb(
        "hears",
        "entends entends entend entendons entendent",
        f"{PERSONS} {BEASTS}",
        f"{PERSONS} {BEASTS}",
        "in near behind",
    ),
    "read": Verb("reads", "lis lis lit lisons lisent", "book letter", None, "in near home"),
    "write": Verb("writes", "écris écris écrit écrivons écrivent", "book letter", None, "in home"),
    "sleep": Verb("sleeps", "dors dors dort dormons dorment", "", "", "in near behind home"),
    "sing": Verb(
        "sings", "chante chantes chante chantons chantent", "", "", "in near with home market"
    ),
    "work": Verb(
        "works",
        "travaille travailles travaille travaillons travaillent",
        "",
        None,
        "in near with home market",
    ),
    "dance": Verb("dances", "danse danses danse dansons dansent", "", None, "in with home"),
    "arrive": Verb("arrives", "arrive arrives arrive arrivons arrivent", "", "", "with market"),
}

ADJECTIVES = {
    "small": Adjective(
        "petit petite petits petites",
        "girl boy cat dog mouse bird apple orange house garden tree book letter flower",
        before=True,
    ),
    "big": Adjective("grand grande grands grandes", "house garden tree book flower", before=True),
    "old": Adjective(
        "vieux vieille vieux vieilles",
        "woman man cat dog mouse bird house garden tree book letter",
        before=True,
        vowel="vieil",
    ),
    "young": Adjective("jeune jeune jeunes jeunes", PERSONS + " cat dog bird", before=True),
    "beautiful": Adjective(
        "beau belle beaux belles",
        "woman man child cat dog bird apple orange house garden tree book letter flower",
        before=True,
        vowel="bel",
    ),
    "black": Adjective("noir noire noirs noires", "cat dog mouse bird tea coffee"),
    "white": Adjective("blanc blanche blancs blanches", "cat dog mouse bird bread house flower"),
    "red": Adjective("rouge rouge rouges rouges", "bird meat apple house book flower"),
    "cold": Adjective("froid froide froids froides", "milk water tea coffee soup meat"),
    "hot": Adjective("chaud chaude chauds chaudes", "milk water tea coffee soup bread"),
    "sick": Adjective("malade malade malades malades", f"{PERSONS} {BEASTS}"),
    "sad": Adjective("triste triste tristes tristes", f"{PERSONS} {BEASTS}"),
    "happy": Adjective("heureux heureuse heureux heureuses", f"{PERSONS} {BEASTS}"),
    "tired": Adjective("fatigué fatiguée fatigués fatiguées", f"{PERSONS} {BEASTS}"),
}

PRONOUNS = {"i": "je", "you": "tu", "he": "il", "she": "elle", "we": "nous", "they": "ils"}
PERSON = {"i": 0, "you": 1, "we": 3, "they": 4}
BE = {"i": "am", "you": "are", "we": "are", "they": "are"}
ETRE = ("suis", "es", "est", "sommes", "sont")
OBJECTS = {"me": "me", "you": "te", "him": "le", "her": "la", "us": "nous", "them": "les"}
ONE = {"the": "le la", "a": "un une", "this": "ce cette"}
MANY = {"the": "les", "these": "ces", "two": "deux"}
OWN = {"my": "mon ma mes", "your": "ton ta tes", "his": "son sa ses", "her": "son sa ses"}
OWN |= {"our": "notre notre nos"}
ADVERBS = {"often": "souvent", "always": "toujours", "never": "jamais"}
PLACES = {
    "in": ("dans", ("house", "garden")),
    "near": ("près de", ("house", "tree", "garden", "woman", "man", "bird")),
    "behind": ("derrière", ("house", "tree")),
    "with": ("avec", ("girl", "boy", "woman", "man", "child", "cat", "dog")),
}
FIXED = {"home": ("at home", "à la maison"), "market": ("at the market", "à le marché")}
TIMES = {
    "in the morning": "le matin",
    "in the evening": "le soir",
    "today": "aujourd'hui",
    "every day": "tous les jours",
}
LINKS = {"and": "et", "but": "mais", "because": "parce que", "when": "quand"}

KINDS = {
    kind: [noun for noun, about in NOUNS.items() if about.kind == kind]
    for kind in ("person", "animal", "food", "thing")
}
FITTING = {
    noun: [a for a, about in ADJECTIVES.items() if noun in about.nouns.split()] for noun in NOUNS
}

ODD_TOGETHER = ({"cold", "hot"}, {"sad", "happy"}, {"young", "old"}, {"small", "big"})
ODD_TOGETHER += ({"black", "white", "red"},)
STATES = ("sick", "sad", "happy", "tired")

# All h of this grammar are mute; elision asks for the sound of a vowel.
VOWELS = tuple("aeiouhàâéèêîôœ")
ELIDED = {"le", "la", "je", "me", "te", "ne", "de", "que"}
SWAPPED = {"ce": "cet", "ma": "mon", "ta": "ton", "sa": "son"}
JOINED = {"le": {"de": "du", "à": "au"}, "les": {"de": "des", "à": "aux"}}
APOSTROPHE = re.compile(r"\b((?:[cdjlmnst]|qu)')(?=\w)")


def finish(words: Iterable[str]) -> list[str]:
    """French words in a row as they are written: elided, joined, and easy to say.

    Args:
        words: French words; `le`, `la`, `ce`, `ma` … stand for all their forms.

    Returns:
        The words, an elided one with its apostrophe and apart from the next.

    >>> finish("je ne aime pas ma orange près de le arbre ou de le jardin".split())[:6]
    ['je', "n'", 'aime', 'pas', 'mon', 'orange']
    """
    words = list(words)
    for i, word in enumerate(words[:-1]):
        if words[i + 1].startswith(VOWELS):
            words[i] = word[:-1] + "'" if word in ELIDED else SWAPPED.get(word, word)
    written = []
    for word in words:
        if written and (joined := JOINED.get(word, {}).get(written[-1])):
            written[-1] = joined
        else:
            written.append(word)
    return written


def split_french(text: str) -> list[str]:
    """Take French apart: what is elided becomes a word of its own.

    Raises:
        TypeError: No text.

    >>> split_french("J'aime l'eau aujourd'hui")
    ["j'", 'aime', "l'", 'eau', "aujourd'hui"]
    """
    return [part for word in split_words(text) for part in APOSTROPHE.sub(r"\1 ", word).split()]


def join_french(words: Iterable[str]) -> str:
    """Put French words together for display.

    >>> join_french(["j'", "aime", "l'", "eau"])
    "j'aime l'eau"
    """
    return re.sub(r"(\b(?:[cdjlmnst]|qu)') (?=\w)", r"\1", " ".join(words))


def agreed(adjective: str, feminine: bool, many: bool) -> str:
    """The French form of an English adjective that agrees with a noun.

    >>> agreed("white", feminine=True, many=True)
    'blanches'
    """
    return ADJECTIVES[adjective].french.split()[bool(feminine) + 2 * bool(many)]


def article_for(article, about, many, verb, negated, adjective_first) -> list[str]:
    """French for an English article, or for none at all.

    Args:
        article: The English one, or an empty text.
        about: The `Noun`.
        many: Several of it?
        verb: Whose object it is; after "like" French has an article where English has none.
        negated: After a negation "de" stands for "a" and for no article.
        adjective_first: So it does before an adjective, if there are several.

    >>> article_for("", NOUNS["meat"], False, "eat", False, False)
    ['de', 'la']
    """
    one = ONE["the"].split()[about.feminine]
    if article in OWN:
        return [OWN[article].split()[2 if many else about.feminine]]
    if article == "" and verb == "like":
        return ["les" if many else one]
    if article in ("", "a") and negated:
        return ["de"]
    if article == "":
        return (["de"] if adjective_first else ["des"]) if many else ["de", one]
    return [MANY[article]] if many else [ONE[article].split()[about.feminine]]
