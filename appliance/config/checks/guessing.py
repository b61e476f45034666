"""How many guesses a secret withstands: a lower bound in bits.

PURE. The secret is cut into the pieces that cost a guesser least: words, the number itself, walks
on the keyboard, runs, years, single characters (all cuts are weighed, after the idea of Wheeler's
zxcvbn, USENIX Security 2016). Disguises are seen through: capitals, 4 for a and $ for s, Russian
words typed on Latin keys, a word backwards, two interleaved halves, a repeated block.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise

from appliance.config.checks.guessable_words import WALKS, WORDS
from appliance.config.checks.weak_secrets import COMMON

#: Longer secrets are judged by their beginning: it is enough when that is.
_LOOKED_AT = 40
_LONGEST_PIECE = 20
# Bits of one piece: the logarithm of how many such pieces a guesser tries first.
_NUMBER, _RUN, _WALK, _SHORT_WALK, _YEAR, _WORD, _BACKWARDS = 2.0, 5.5, 6.5, 8.5, 7.0, 9.5, 1.0
_AGAIN = 5.0  # what stood in the secret before
_DIGIT, _LETTER, _SIGN = math.log2(10), math.log2(26), math.log2(32)
_SPOKEN = 2.6  # a letter of a word that can be pronounced
_MIXED_CASE = 1.0  # a letter more, where capitals stand in the middle of words
_SHORTEST_SPOKEN = 5
_PAIRS_A_MISS = 8  # one strange pair among so many letters makes no word strange
_LEET = str.maketrans("013457@$!|+", "oieastasilt")
_SHIFTED = str.maketrans('~!@#$%^&*()_+{}|:"<>?', "`1234567890-=[]\\;',./")
_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_CYRILLIC = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_TO_CYRILLIC, _TO_LATIN = str.maketrans(_LATIN, _CYRILLIC), str.maketrans(_CYRILLIC, _LATIN)
_LETTERS = re.compile(r"[a-zа-яё]+")

#: What needs no table: runs of one character from each of its places on, and years of our time.
_PATTERNS = (
    (re.compile(r"(?=((.)\2{2,}))"), _RUN),
    (re.compile(r"(?=((?:19\d|20[0-4])\d))"), _YEAR),
)


def guess_bits(secret: str, number: str) -> float:
    """Bits that the secret of this number is worth at most (in its first 40 characters)."""
    text, number = secret[:_LOOKED_AT], number.lower()
    whole = _cheapest_cut(text, number, _singles(text, is_spoken_cheap=True))
    block = _repeated_block(text)
    if block:
        repeated = _cheapest_cut(block, number, _singles(block, is_spoken_cheap=True))
        whole = min(whole, repeated + _NUMBER)
    halves = (text[::2], text[1::2])
    if len(halves[1]) > 2:
        each = (_cheapest_cut(h, number, _singles(h, is_spoken_cheap=False)) for h in halves)
        whole = min(whole, sum(each) + _RUN)
    return whole


def _cheapest_cut(text: str, number: str, singles: list[float]) -> float:
    """The least sum of bits over all ways to cut the text into pieces; singles: bits of each letter
    by itself."""
    best = [math.inf] * len(text) + [math.inf]
    best[0] = 0.0
    pieces = _pieces(text.lower(), number)
    for start, single in enumerate(singles):
        here = best[start]
        best[start + 1] = min(best[start + 1], here + single)
        for end, bits in pieces.get(start, ()):
            best[end] = min(best[end], here + bits)
    return best[-1]


def _pieces(lowered: str, number: str) -> dict[int, list[tuple[int, float]]]:
    """Where in the text something guessable begins -> its ends and bits."""
    found: dict[int, list[tuple[int, float]]] = {}
    known, beginnings = _known_pieces(), _beginnings()
    for view in _disguises(lowered):
        for start in range(len(view) - 2):
            if view[start : start + 3] in beginnings:
                for end in range(start + 3, min(len(view), start + _LONGEST_PIECE) + 1):
                    if (bits := known.get(view[start:end])) is not None:
                        found.setdefault(start, []).append((end, bits))
    for number_as_said in {number, number[::-1]} if len(number) > 1 else ():
        start = lowered.find(number_as_said)
        while start >= 0:  # no pattern: one for each number takes longer than all else here
            end = start + len(number_as_said)
            found.setdefault(start, []).append((end, _NUMBER))
            start = lowered.find(number_as_said, end)
    for pattern, bits in _PATTERNS:
        for match in pattern.finditer(lowered):
            found.setdefault(match.start(), []).append((match.end(1), bits))
    for start, end in _said_before(lowered):
        found.setdefault(start, []).append((end, _AGAIN))
    return found


def _said_before(text: str) -> Iterator[tuple[int, int]]:
    """Stretches of three characters or more that stood in the text before."""
    first: dict[str, int] = {}
    for start in range(len(text) - 2):
        earlier = first.setdefault(text[start : start + 3], start)
        end = start + 3
        while earlier + 3 <= start and text.find(text[start:end], 0, start) >= 0:
            yield start, end
            end += 1
            if end > len(text):
                break


@cache
def _known_pieces() -> Mapping[str, float]:
    """Words, words backwards and walks -> bits."""
    pieces = {word[::-1]: _WORD + _BACKWARDS for word in WORDS}
    pieces |= {way: _WALK if len(way) > 3 else _SHORT_WALK for way in _walks()}
    return pieces | dict.fromkeys(COMMON, _WORD) | dict.fromkeys(WORDS, _WORD)


@cache
def _beginnings() -> frozenset[str]:
    """The first three characters of everything that is known."""
    return frozenset(piece[:3] for piece in _known_pieces())


def _disguises(lowered: str) -> tuple[str, ...]:
    """The text as it is and as it may be meant; all of one length, without repeats.

    Figures alone stand for no letters: a random number must not be read as a word.
    """
    if not any(map(str.isalpha, lowered)):
        return tuple({lowered: None, lowered.translate(_SHIFTED): None})
    views = (
        lowered,
        lowered.translate(_LEET),
        lowered.replace("1", "l").translate(_LEET) if "1" in lowered else lowered,
        lowered.translate(_SHIFTED),
        lowered.translate(_TO_CYRILLIC if lowered.isascii() else _TO_LATIN),
    )
    return tuple(dict.fromkeys(view for view in views if len(view) == len(lowered)))


@cache
def _walks() -> frozenset[str]:
    """Every stretch of three keys or more along a walk, forwards and backwards."""
    both = (way for walk in WALKS for way in (walk, walk[::-1]))
    return frozenset(way[start:end] for way in both for start, end in _stretches(len(way)))


def _stretches(length: int) -> Iterator[tuple[int, int]]:
    for start in range(length - 2):
        for end in range(start + 3, min(length, start + _LONGEST_PIECE) + 1):
            yield start, end


def _singles(text: str, *, is_spoken_cheap: bool) -> list[float]:
    """Bits of each character by itself; letters of what can be spoken are worth less."""
    inner_capitals = any(a.islower() and b.isupper() for a, b in pairwise(text))
    letter_bits = _LETTER + (_MIXED_CASE if inner_capitals else 0.0)
    bits = [_DIGIT if c.isdigit() else letter_bits if c.isalpha() else _SIGN for c in text]
    if is_spoken_cheap:
        for run in _LETTERS.finditer(text.lower()):
            if _is_spoken(run.group()):
                bits[run.start() : run.end()] = [_SPOKEN] * len(run.group())
    return bits


def _is_spoken(letters: str) -> bool:
    """Whether letters could be a word: they follow each other as in the words that we know."""
    if len(letters) < _SHORTEST_SPOKEN:
        return False
    unheard_of = sum(a + b not in _pairs() for a, b in pairwise(letters))
    return unheard_of <= len(letters) // _PAIRS_A_MISS


@cache
def _pairs() -> frozenset[str]:
    """Pairs of letters that at least two words have; of our fewer Russian ones, one."""
    found = Counter(a + b for word in WORDS for a, b in pairwise(word))
    return frozenset(pair for pair, n in found.items() if n > 1 or not pair.isascii())


def _repeated_block(text: str) -> str:
    """The block that the text repeats at least twice, or empty."""
    period = (text + text).find(text, 1)
    return text[:period] if 0 < period < len(text) else ""
