"""What titles of incidents are about: their words, without what says nothing.

No dictionary and no language: words that differ only in a common ending are one, if
the shorter one is used, too; words found in a large part of all titles tell nothing
apart. Numbers are left out, since they name the case and not the kind.
"""

import re
from collections import Counter

SHORTEST = 3
#: The stem that an ending may be taken from.
SHORTEST_STEM = 4
ENDINGS = ("s", "es", "en", "n", "e", "ing", "ed", "er")
#: Words in more than this share of the titles are like "the": they tell nothing apart.
COMMON = 0.2
#: So many titles are needed for that to be said.
ENOUGH = 50
MOST_WORDS = 12
WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
#: Words that carry no meaning, in languages that desks often write.
EMPTY = {
    word
    for line in (
        "about after all and any are auf aus avec bei beim but can cannot could dans",
        "das de dem den der des die does don't ein eine einen einer est for from fuer",
        "für had has have her his how ich ihr ist its kein keine les mehr mein mit",
        "nach nicht non not off only our out over para pas por pour que qui she sich",
        "sie sind some still sur than that the their them then there they this too",
        "une und une very von vom was were what when which while who why will wird",
        "with without you your zum zur",
    )
    for word in line.split()
}


def split_words(text):
    """Return the words of a title, in order and once each, in small letters."""
    words = dict.fromkeys(
        word
        for word in WORD.findall((text or "").casefold())
        if len(word) >= SHORTEST
        and word not in EMPTY
        and not any(character.isdigit() for character in word)
    )
    return list(words)[:MOST_WORDS]


def find_words(titles):
    """Return the telling words of each title, endings aside.

    :param titles: list of texts
    :return: list of lists of words, and ``{word: how it is mostly written}``
    """
    found = [split_words(title) for title in titles]
    used = Counter(word for words in found for word in words)
    stems = {word: _find_stem(word, used) for word in used}
    found = [list(dict.fromkeys(stems[word] for word in words)) for words in found]
    spread = Counter(word for words in found for word in words)
    most = max(COMMON * len(found), ENOUGH)
    spelled = {}
    for word in sorted(used, key=lambda word: (-used[word], word)):
        spelled.setdefault(stems[word], word)
    return [[word for word in words if spread[word] <= most] for words in found], {
        stem: spelled[stem] for stem, number in spread.items() if number <= most
    }


def _find_stem(word, used):
    """Return the shortest word in use that this one is with an ending."""
    shorter = [
        word[: -len(ending)]
        for ending in ENDINGS
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM
    ]
    known = [stem for stem in shorter if stem in used]
    return _find_stem(min(known, key=len), used) if known else word
