from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rocketchat_contract.record.redactor import MASKED, TOKEN_ALIAS, Mask, token_mark

RUN = "3f9a1c7e"
TOKEN = f"rcc{RUN}AbCdEfGhIjKlMnOpQrSt"
OTHER = f"rcc{RUN}ZyXwVuTsRqPoNmLkJiHg"
FOREIGN = "kV8u-server_made_Tok3n"
TELLING = 9
"""Characters of a token's own part that would tell it."""


def mask(*tokens: str) -> Mask:
    made = Mask(RUN)
    for token in tokens or (TOKEN, OTHER):
        made.add_token(token)
    return made


def percent(text: str) -> str:
    return "".join(f"%{ord(each):02X}" for each in text)


def escaped(text: str) -> str:
    return "".join(f"\\u{ord(each):04x}" for each in text)


def cut(token: str, characters: int) -> str:
    return token[: len(token) - characters]


WAYS = {
    "plain": lambda token: token,
    "capitals": str.upper,
    "small letters": str.lower,
    "other case": str.swapcase,
    "title": str.title,
    "cut": lambda token: cut(token, 1),
    "half": lambda token: cut(token, 12),
    "first letter off": lambda token: token[1:],
    "three letters off": lambda token: token[3:],
    "lengthened": lambda token: f"{token}x1",
    "twice": lambda token: token + token,
    "with another": lambda token: token + OTHER,
    "percent-encoded": percent,
    "first letter percent-encoded": lambda token: percent(token[0]) + token[1:],
    "percent-encoded twice": lambda token: quote(percent(token)),
    "in JSON": escaped,
    "first letter in JSON": lambda token: escaped(token[0]) + token[1:],
    "in JSON in JSON": lambda token: json.dumps(escaped(token))[1:-1],
    "UTF-16": lambda token: token.encode("utf-16-le").decode(),
    "between letters": lambda token: f"abc{token}",
    "behind a line break in JSON": lambda token: f"\\r\\n{token}",
    "full width at its end": lambda token: cut(token, 1) + "\uff31",
}


@pytest.mark.parametrize("way", WAYS)
def test_no_deviation_of_an_own_token_survives(way: str) -> None:
    masked = mask().text(f'{{"a": "{WAYS[way](TOKEN)}"}} ')

    assert leaked(masked, TOKEN) == []
    assert leaked(masked, OTHER) == []


@pytest.mark.parametrize("way", ["plain", "capitals", "small letters", "cut", "lengthened", "twice", "percent-encoded"])
def test_no_deviation_of_a_foreign_token_survives(way: str) -> None:
    masked = mask(FOREIGN).text(f"token={WAYS[way](FOREIGN)}&x=1")

    assert leaked(masked, FOREIGN) == []


SIGNED = f"{TOKEN}-a+b@c.d~e"


def mask_with_signs() -> Mask:
    made = mask(SIGNED, OTHER)
    made.add_secret(quote(SIGNED, safe=""), "RC_TOKEN_1")
    return made


@pytest.mark.parametrize("text", ['{{"token":"{0}"}}', "?token={0}", "/visitor/{0}"])
def test_an_own_token_with_signs_has_one_name(text: str) -> None:
    written = SIGNED if text.startswith("{") else quote(SIGNED, safe="")

    assert mask_with_signs().text(text.format(written)) == text.format("$RC_TOKEN_1")


@pytest.mark.parametrize("way", WAYS)
def test_no_deviation_of_an_own_token_with_signs_survives(way: str) -> None:
    masked = mask_with_signs().text(f'{{"a": "{WAYS[way](SIGNED)}"}} ')

    assert leaked(masked, TOKEN) == []


def leaked(text: str, token: str) -> list[str]:
    """Pieces of the token's own part that stand in a text, whatever was done to it."""
    plain = text.replace("\0", "")
    for _ in range(3):
        plain = unquote(re.sub(r"\\+u00([0-9a-fA-F]{2})", lambda found: chr(int(found.group(1), 16)), plain))
    own = token[-20:].lower()
    pieces = [own[start : start + TELLING] for start in range(len(own) - TELLING + 1)]
    return [piece for piece in pieces if piece in plain.lower()]


own_parts = st.text(alphabet="ABCDEFGHJKLMNPQRSTUVWXYZghjkmnpqrstuvwxyz", min_size=20, max_size=20)
"""The part of a token that is chance; no hexadecimal digits, so that a piece of it is nothing else."""


@given(own_parts, st.text(max_size=30), st.sampled_from(sorted(WAYS)), st.text(max_size=30))
def test_whatever_stands_around_a_token_nothing_of_it_survives(own: str, before: str, way: str, after: str) -> None:
    token = f"rcc{RUN}{own}"
    assume(not leaked(before + after, token))

    assert leaked(mask(token, OTHER).text(before + WAYS[way](token) + after), token) == []


@given(
    own_parts, st.lists(st.sampled_from(sorted(WAYS)), min_size=1, max_size=4), st.sampled_from(["a", "token", "_id"])
)
def test_nothing_of_a_token_survives_in_a_document(own: str, ways: list[str], name: str) -> None:
    token = f"rcc{RUN}{own}"
    text = json.dumps([{name: WAYS[way](token), WAYS[way](token): [way]} for way in ways])

    assert leaked(mask(token, OTHER).text(text), token) == []


@given(st.text(max_size=30), st.sampled_from(sorted(WAYS)), st.text(max_size=30))
def test_masking_twice_is_masking_once(before: str, way: str, after: str) -> None:
    secrets = mask(TOKEN, OTHER, FOREIGN, "RC_TOKEN_2", "short", "a b&c")
    once = secrets.text(before + WAYS[way](TOKEN) + after)

    assert secrets.text(once) == once


@given(st.text(alphabet='\\"ru%0123456789abcdefcC{}$_ \n', max_size=60))
def test_masking_twice_is_masking_once_among_escapes(text: str) -> None:
    secrets = mask(TOKEN, "RC_TOKEN_1", "abcdefab")
    once = secrets.text(text.replace("{", TOKEN))

    assert secrets.text(once) == once


def holding(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Lists and objects of these; ``st.recursive`` warns now and then that it does not recurse."""
    return st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)


LEAVES = st.text() | st.integers() | st.none()


@given(LEAVES | holding(LEAVES) | holding(holding(LEAVES)))
def test_text_without_secrets_stays_as_it_is(value: object) -> None:
    text = json.dumps(value)

    assert mask(TOKEN, FOREIGN).text(text) == text


@given(
    st.lists(st.sampled_from([TOKEN, OTHER, TOKEN[1:], "\r", "\\", '"', "\b", "r", "\u2028", "x"]), max_size=8),
    st.booleans(),
)
def test_masked_json_stays_json(parts: list[str], ascii_only: bool) -> None:
    text = json.dumps({"a": "".join(parts)}, ensure_ascii=ascii_only)

    masked = json.loads(mask().text(text))["a"]

    assert TOKEN not in masked
    assert not leaked(masked, TOKEN)


@pytest.mark.parametrize("way", ["plain", "percent-encoded", "first letter percent-encoded", "in JSON"])
def test_the_same_token_has_the_same_name_however_it_is_written(way: str) -> None:
    assert mask().text(f'"{WAYS[way](TOKEN)}"') == '"$RC_TOKEN_1"'


def test_a_token_encoded_twice_is_not_the_token() -> None:
    assert mask().text(WAYS["percent-encoded twice"](TOKEN)).startswith(MASKED)


def test_deviations_name_the_token_they_are_made_of() -> None:
    names = [mask().text(WAYS[way](TOKEN)) for way in ("capitals", "cut", "first letter off", "lengthened")]

    assert names == ["${RC_TOKEN_1^^}", "${RC_TOKEN_1%?}", "${RC_TOKEN_1#?}", "${RC_TOKEN_1}x1"]
    assert all(TOKEN_ALIAS.match(name) for name in names)


def test_a_token_before_an_underscore_gets_braces() -> None:
    assert mask().text(f"{TOKEN}_x") == "${RC_TOKEN_1}_x"


def test_a_token_of_the_run_that_nobody_added_is_masked_without_a_name() -> None:
    assert mask(OTHER).text(TOKEN).startswith(MASKED)


def test_the_runs_id_is_no_secret() -> None:
    secrets = Mask(token_mark(f"20261122-202258-{RUN}"))
    secrets.add_token(f"rcc{secrets.mark}AbCdEfGhIjKlMnOpQrSt")
    text = f"contract suite {RUN} Zoë 1, reports/20261122-202258-{RUN}/record.jsonl"

    assert secrets.text(text) == text


def test_adding_a_token_twice_gives_one_name() -> None:
    secrets = Mask(RUN)

    assert [secrets.add_token(each) for each in (TOKEN, FOREIGN, TOKEN, FOREIGN)] == [
        "$RC_TOKEN_1",
        "$RC_TOKEN_2",
        "$RC_TOKEN_1",
        "$RC_TOKEN_2",
    ]


def test_bytes_that_are_no_text_are_masked() -> None:
    raw = mask().bytes(b"\xff\xfe" + TOKEN.encode() + b"\x80")

    assert raw == b"\xff\xfe$RC_TOKEN_1\x80"
    assert TOKEN[4:20].encode() not in base64.b64encode(raw)


@pytest.mark.parametrize(("name", "shown"), [("X-Auth-Token", "$RC_AUTH_TOKEN"), ("Set-Cookie", "rc_token=…")])
def test_credentials_in_headers_are_masked(name: str, shown: str) -> None:
    assert mask().headers([(name, "rc_token=s3cr3t-v4lue")]) == ((name, shown),)


def test_tokens_in_other_headers_are_masked() -> None:
    assert mask().headers([("Referer", f"https://x/?token={TOKEN}")]) == (("Referer", "https://x/?token=$RC_TOKEN_1"),)


def test_a_credential_is_masked_inside_a_longer_word() -> None:
    secrets = Mask(RUN)
    secrets.add_secret("Zp7-credential-x9", "RC_AUTH_TOKEN")

    assert secrets.text("id=Zp7-credential-x9abc") == "id=${RC_AUTH_TOKEN}abc"


def test_a_short_token_is_masked_only_where_it_stands_alone() -> None:
    secrets = mask("7")

    assert secrets.text('{"token":"7","msgs":7,"ts":"2027"}') == '{"token":"$RC_TOKEN_1","msgs":7,"ts":"2027"}'
    assert secrets.text("/visitor/7?token=7&x=17") == "/visitor/$RC_TOKEN_1?token=$RC_TOKEN_1&x=17"


def test_an_empty_token_masks_nothing() -> None:
    assert mask("").text("abc") == "abc"


def test_variables_hold_the_secrets_as_they_were_added_first() -> None:
    secrets = mask("a b")
    secrets.add_secret("a%20b", "RC_TOKEN_1")
    secrets.add_secret("s3cr3t", "RC_AUTH_TOKEN")

    assert secrets.variables() == {"RC_TOKEN_1": "a b", "RC_AUTH_TOKEN": "s3cr3t"}


def test_a_restored_token_keeps_its_number() -> None:
    made = Mask(RUN)
    made.restore_token(TOKEN, 7)

    assert (made.text(TOKEN), made.add_token(OTHER)) == ("$RC_TOKEN_7", "$RC_TOKEN_8")


def test_new_tokens_get_no_number_that_is_taken() -> None:
    made = Mask(RUN)
    made.number_from(5)

    assert made.add_token(TOKEN) == "$RC_TOKEN_5"


def test_the_second_half_of_a_token_with_signs_is_hidden() -> None:
    made = mask(f"{TOKEN}.a+b@c-d~e")

    assert TOKEN[19:] not in made.answer(f"no {TOKEN[19:]}.a+b@c-d~e")
