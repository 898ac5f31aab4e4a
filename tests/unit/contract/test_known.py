"""What releases are known for, as data: the file, its versions and its signs."""

from __future__ import annotations

from pathlib import Path

import pytest

from rocketchat_contract.contract.catalogue import load_catalogue
from rocketchat_contract.contract.known import (
    Deviation,
    DeviationSign,
    KnownDeviations,
    VersionStanding,
    known_deviations,
    load_known,
)
from rocketchat_contract.contract.vendored import load_contract
from rocketchat_contract.errors import UsageError

RACE = Deviation("race", "w", "s", "m", "a", (DeviationSign("one-room", "several rooms, *"),), gone="8.3")
NULL = Deviation("null", "w", "s", "m", "a", (DeviationSign("fits", "null at /a"),), since="8.0")
MD = Deviation("md", "w", "s", "m", "a", (DeviationSign("fits", "type at /md/*"),))
ALL = KnownDeviations((RACE, NULL, MD))

RECORD = """
[[deviation]]
id = "race"
what = "Two rooms."
source = "issue #1"
meaning = "Two chats."
advice = "Upgrade."
match = [{ requirement = "one-room", signature = "several" }]
"""


def test_each_record_speaks_of_requirements_that_exist() -> None:
    ids = load_catalogue(load_contract()).ids

    assert {sign.requirement for record in known_deviations() for sign in record.signs} <= set(ids)


@pytest.mark.parametrize(
    ("version", "standing"),
    [
        ("7.10", VersionStanding.KNOWN),
        ("8.2.9", VersionStanding.KNOWN),
        ("8.3", VersionStanding.GONE),
        ("8.3.0-rc.1", VersionStanding.GONE),
        ("10.0", VersionStanding.GONE),
        ("7.2.0-develop", VersionStanding.KNOWN),
        ("", VersionStanding.UNTOLD),
        ("develop", VersionStanding.UNTOLD),
    ],
)
def test_a_version_stands_before_or_behind_the_correction(version: str, standing: VersionStanding) -> None:
    assert RACE.standing(version) is standing


def test_a_version_may_be_older_than_the_deviation() -> None:
    assert (NULL.standing("7.2"), NULL.standing("8.0.0")) == (VersionStanding.EARLIER, VersionStanding.KNOWN)


def test_what_every_release_does_needs_no_version() -> None:
    assert MD.standing("") is VersionStanding.KNOWN


def test_a_finding_is_recognised_by_requirement_and_signature() -> None:
    assert ALL.of("one-room", "several rooms, several creations", "7.10") == (RACE,)
    assert not ALL.of("one-room", "one room at most, several creations", "7.10")
    assert not ALL.of("another", "several rooms, several creations", "7.10")


def test_each_part_of_a_signature_must_be_known() -> None:
    assert ALL.of("fits", "null at /a; type at /md/*/value", "8.6") == (NULL, MD)
    assert not ALL.of("fits", "null at /a; type at /_id", "8.6")


def test_signs_of_a_pattern_are_no_regular_expression() -> None:
    odd = KnownDeviations((Deviation("odd", "w", "s", "m", "a", (DeviationSign("fits", "a[b].*"),)),))

    assert odd.of("fits", "a[b].c", "")
    assert not odd.of("fits", "ab.c", "")


def test_of_two_with_one_sign_the_one_of_the_version_speaks() -> None:
    old = Deviation("old", "w", "s", "m", "a", (DeviationSign("x", "y"),), gone="4")
    new = Deviation("new", "w", "s", "m", "a", (DeviationSign("x", "y"),), since="5")

    assert KnownDeviations((old, new)).of("x", "y", "6.0") == (new,)


def test_a_file_is_read(tmp_path: Path) -> None:
    (record,) = load_known(written(tmp_path, RECORD))

    assert (record.id, record.signs) == ("race", (DeviationSign("one-room", "several"),))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[deviation", "cannot be read"),
        ("[[other]]\na = 1", "unknown key 'other'"),
        (RECORD + "more = 1", "unknown key 'more'"),
        (RECORD.replace('"Two chats."', '" "'), "meaning of deviation 1"),
        (RECORD.replace('"Two rooms."', "1"), "what of deviation 1"),
        (RECORD + 'gone = "eight"', "gone of deviation 1"),
        (RECORD + 'since = "8.3"\ngone = "8.3.0"', "is gone before it comes"),
        (RECORD + 'address = "http://x"', "no https address"),
        (RECORD.replace("match = [", "match = [] #"), "how it is recognised"),
        (RECORD.replace('signature = "several"', 'signature = ""'), "lacks its requirement or signature"),
        (RECORD.replace('signature = "several"', 'sign = "several"'), "unknown key 'sign'"),
        (RECORD + RECORD, "two deviations 'race'"),
    ],
)
def test_a_file_that_is_not_right_says_where(text: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=problem):
        load_known(written(tmp_path, text))


def written(folder: Path, text: str) -> Path:
    """A file of known deviations."""
    path = folder / "known.toml"
    path.write_text(text)
    return path
