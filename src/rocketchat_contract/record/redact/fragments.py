"""Secrets that this run did not make: found whole or in part, by groups of letters that are looked up, in linear time.

Every group of six letters of a secret is known, and every third place of a text is looked at: a part of eight letters
holds at least one such group whole. Only there is compared further, so that the number of secrets costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rocketchat_contract.record.redact.encodings import BASE64, grown, in_base64, in_hexadecimal
from rocketchat_contract.record.redact.forms import SHORT_SECRET, folded_letters, forms_of, is_public, looks_random
from rocketchat_contract.record.redact.names import Alias, GivenNames, without_tokens

_GROUP = 6
_STRIDE = 3

_MOST_FORMS = 4
"""Secrets known for one group: of more, which begin alike, the groups in which they differ tell them apart."""

_INDEXED = 512
"""Letters of a secret of which groups are known."""

_AROUND = 24
"""Letters around a known group in which others are looked for, to find the one that tells most."""

_INNER = 12
"""Letters that a part from the middle of a secret must have."""

_WORD = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz-")
_LONGEST_WORD = 512

_MOST_WORDS = 5_000
"""Words that are remembered as holding nothing; an answer repeats most words of the one before."""

_MOST_LOOKS = 4_000
"""Places of a text where parts are compared letter by letter; in a text with more, whole words are hidden instead."""

_WORDS = re.compile("[0-9a-z+/=_-]{6,}")

_GAPS = dict.fromkeys(map(ord, " \t.,:;|/+*~_-"))
_SPELT = re.compile(r"[ \t.,:;|/+*~_-][0-9A-Za-z](?:[ \t.,:;|/+*~_-]{1,3}[0-9A-Za-z]){5,}")
_MEMBER_NAME = re.compile(r'[\w$.-]{0,64}"\s{0,8}:')


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """One way in which a secret is written; ``folded`` for comparison, ``plain`` when it is the secret itself.

    ``strict`` says that parts are hidden even when they may be words, ``stands`` that the whole form goes by the
    secret's name; ``spread`` that letters around it belong to the same encoded text.
    """

    folded: str
    text: str
    name: str
    plain: bool
    strict: bool
    stands: bool
    spread: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """What a place of a text has in common with a form, letter for letter: from ``start`` to ``stop`` in the text."""

    start: int
    stop: int
    form: Form
    offset: int

    @property
    def is_whole(self) -> bool:
        return self.stop - self.start == len(self.form.folded)

    @property
    def size(self) -> int:
        return self.stop - self.start


class Fragments:
    """Knows secrets by their names, and finds what is left of them in a text."""

    def __init__(self, names: GivenNames) -> None:
        self._names = names
        self._groups: dict[str, tuple[tuple[Form, int], ...]] = {}
        self._words: dict[str, Form] = {}
        self._is_wordy = True
        self._clean: set[str] = set()
        self._clean_groups: set[str] = set()

    def add(self, secret: str, name: str, *, strict: bool, stands: bool = True) -> None:
        """Know a secret that is long enough to be found anywhere; ``strict`` for credentials.

        What does not ``stand`` for itself is part of a secret, and goes by no name.
        """
        groups: set[str] = set()
        for form in _forms(secret, name, strict=strict, stands=stands):
            if form.stands:
                self._words.setdefault(form.text, form)
                self._is_wordy = self._is_wordy and _WORDS.fullmatch(form.folded) is not None
            inner = form.folded[:_INDEXED]
            last = len(inner) - _GROUP if form.plain else min(len(inner) - _GROUP, _STRIDE - 1)
            for offset in range(last + 1):
                group = inner[offset : offset + _GROUP]
                groups.add(group)
                known = self._groups.get(group, ())
                if len(known) < _MOST_FORMS:
                    self._groups[group] = (*known, (form, offset))
        if not groups.isdisjoint(self._clean_groups):
            self._forget_words()

    def shows_in(self, folded: str) -> bool:
        """Whether a group of letters is there that is known, in a text of small letters."""
        if not self._groups:
            return False
        return self._shows_in_words(folded) if self._is_wordy else bool(self._hits(folded))

    def hides_in(self, text: str) -> bool:
        """Whether something is spelt out, a letter at a time."""
        return bool(self._groups) and _SPELT.search(text) is not None

    def pieces(self, text: str) -> Iterator[str]:
        """The text with what is known apart."""
        folded = folded_letters(text)
        end = looks = 0
        for at in self._hits(folded) if self.shows_in(folded) else ():
            if at < end:
                continue
            looks += 1
            shown = self._found(text, folded, at, end) if looks <= _MOST_LOOKS else self._hurried(text, at, end)
            if shown is not None:
                start, stop, name = shown
                yield text[end:start]
                yield name
                end = stop
        yield text[end:]

    def _found(self, text: str, folded: str, at: int, floor: int) -> tuple[int, int, Alias] | None:
        part = self._part(text, folded, at, floor)
        return None if part is None else self._shown(text, part, floor)

    def _hurried(self, text: str, at: int, floor: int) -> tuple[int, int, Alias]:
        """The word around a place that holds letters of a secret, without a look at how many."""
        start, stop = _word_at(text, at, floor)
        start, stop = min(start, at), max(stop, at + _GROUP)
        form = self._words.get(text[start:stop])
        return start, stop, Alias(f"${form.name}") if form is not None else self._names.nameless(text[start:stop])

    def hidden(self, text: str) -> Iterator[str]:
        """The text without secrets that are spelt out, a letter at a time."""
        return without_tokens(text, self._spelt_spans(text), self._names.nameless)

    def _spelt_spans(self, text: str) -> Iterator[tuple[int, int]]:
        for match in _SPELT.finditer(text):
            start = max(0, match.start() - 1)  # the first letter has no gap before it
            if any(isinstance(piece, Alias) for piece in self.pieces(text[start : match.end()].translate(_GAPS))):
                yield start, match.end()

    def _shows_in_words(self, folded: str) -> bool:
        """Like ``shows_in``, where no secret goes beyond a word; words that held nothing are not read anew."""
        shows = False
        for word in set(_WORDS.findall(folded)) - self._clean:
            groups = {word[at : at + _GROUP] for at in range(0, len(word) - _GROUP + 1, _STRIDE)}
            if self._groups.keys().isdisjoint(groups):
                self._clean.add(word)
                self._clean_groups |= groups
            else:
                shows = True
        if len(self._clean) > _MOST_WORDS:
            self._forget_words()
        return shows

    def _forget_words(self) -> None:
        self._clean.clear()
        self._clean_groups.clear()

    def _hits(self, folded: str) -> list[int]:
        groups = self._groups
        return [at for at in range(0, len(folded) - _GROUP + 1, _STRIDE) if folded[at : at + _GROUP] in groups]

    def _part(self, text: str, folded: str, at: int, floor: int) -> _Part | None:
        """The longest part of a secret at a place that tells something; one behind it has its own turn."""
        word = _word_at(text, at, floor)
        form = self._words.get(text[slice(*word)])
        if form is not None:
            return _Part(*word, form, 0)
        found: _Part | None = None
        tried: set[tuple[Form, int]] = set()
        for place in range(max(floor, at - _STRIDE + 1), min(at + _AROUND, len(folded) - _GROUP + 1)):
            for form, offset in self._groups.get(folded[place : place + _GROUP], ()):
                if (form, place - offset) in tried:
                    continue
                tried.add((form, place - offset))
                part = _extended(folded, place, floor, form, offset)
                is_longer = found is None or part.size > found.size
                if is_longer and part.start < at + _GROUP and _tells(text, part):
                    found = part
        return found

    def _shown(self, text: str, part: _Part, floor: int) -> tuple[int, int, Alias]:
        """Where a part begins and ends, and what stands in for it."""
        form, found = part.form, text[part.start : part.stop]
        if form.spread:
            start, stop = grown(text, part.start, part.stop, floor, BASE64)
            return start, stop, self._names.nameless(text[start:stop])
        if part.is_whole and found == form.text and form.stands:
            return part.start, part.stop, Alias(f"${form.name}")
        _, stop = _word_at(text, part.stop, part.stop)
        if not (form.plain and form.stands) or (not part.is_whole and (stop > part.stop or self._is_common(part))):
            # all of the word: another of the same family must look the same before and after its own is known
            stop = max(stop, part.stop)
            return part.start, stop, self._names.nameless(text[part.start : stop])
        return part.start, part.stop, self._names.expansion(found, form.text, form.name)

    def _is_common(self, part: _Part) -> bool:
        """Whether others begin alike: then nobody knows whose it is."""
        group = part.form.folded[part.offset : part.offset + _GROUP]
        return len({form.name for form, _ in self._groups.get(group, ())}) > 1


def _forms(secret: str, name: str, *, strict: bool, stands: bool) -> Iterator[Form]:
    for written in forms_of(secret):
        yield Form(folded_letters(written), written, name, written == secret, strict, stands=stands)
    yield Form(folded_letters(secret[::-1]), secret[::-1], name, plain=False, strict=strict, stands=False)
    yield Form(in_hexadecimal(secret), "", name, plain=False, strict=strict, stands=False)
    for encoded in in_base64(secret):
        yield Form(folded_letters(encoded), "", name, plain=False, strict=strict, stands=False, spread=True)


def _word_at(text: str, at: int, floor: int) -> tuple[int, int]:
    start, stop = at, at
    while start > floor and text[start - 1] in _WORD and at - start < _LONGEST_WORD:
        start -= 1
    while stop < len(text) and text[stop] in _WORD and stop - at < _LONGEST_WORD:
        stop += 1
    return start, stop


def _extended(folded: str, place: int, floor: int, form: Form, offset: int) -> _Part:
    other = form.folded
    start, first = place, offset
    while start > floor and first > 0 and folded[start - 1] == other[first - 1]:
        start, first = start - 1, first - 1
    stop, last = place + _GROUP, offset + _GROUP
    while stop < len(folded) and last < len(other) and folded[stop] == other[last]:
        stop, last = stop + 1, last + 1
    return _Part(start, stop, form, first)


def _tells(text: str, part: _Part) -> bool:
    """Whether what stands there is no accident: the whole secret, or a part that is like nothing else."""
    size, whole = part.size, len(part.form.folded)
    found = text[part.start : part.stop]
    if part.is_whole or not part.form.plain:
        is_enough = part.is_whole
    elif size >= whole - 2 and size >= SHORT_SECRET:
        is_enough = True
    else:
        is_outer = part.offset == 0 or part.offset + size == whole
        is_like_nothing = part.form.strict or size >= 2 * SHORT_SECRET or looks_random(found)
        is_enough = size >= (SHORT_SECRET if is_outer else _INNER) and is_like_nothing
    return is_enough and not is_public(found) and (looks_random(found) or not _MEMBER_NAME.match(text, part.stop))
