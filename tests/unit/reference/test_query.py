from __future__ import annotations

import pytest

from rocketchat_contract.reference.query import UnreadableQuery, decode, parse_query_string


@pytest.mark.parametrize(
    ("raw", "query"),
    [
        (b"", {}),
        (b"token=a&rid=b", {"token": "a", "rid": "b"}),
        (b"token", {"token": ""}),
        (b"token=", {"token": ""}),
        (b"token=a=b", {"token": "a=b"}),
        (b"token=a&token=b", {"token": ["a", "b"]}),
        (b"token[]=a", {"token": ["a"]}),
        (b"token%5B%5D=a", {"token": ["a"]}),
        (b"token[]=a&token[]=b", {"token": ["a", "b"]}),
        (b"token[$ne]=x", {"token": {"$ne": "x"}}),
        (b"token%5B%24ne%5D=x", {"token": {"$ne": "x"}}),
        (b"token[x][y]=1", {"token": {"x": {"y": "1"}}}),
        (b"token=a&token[x]=1", {"token": {"0": "a", "x": "1"}}),
        (b"token[x]=1&token=a", {"token": {"x": "1", "a": "true"}}),
        (b"token[a=b]=1", {"token": {"a=b": "1"}}),
        (b"=a&&x=1", {"x": "1"}),
        (b"[a]=1", {"a": "1"}),
        (b"token[", {"token[": ""}),
        (b"a[1][2][3][4][5][6][7]=x", {"a": {"1": {"2": {"3": {"4": {"5": {"[6][7]": "x"}}}}}}}),
        (b"token=abc?x=1", {"token": "abc"}),
    ],
)
def test_names_nest_as_qs_nests_them(raw: bytes, query: object) -> None:
    assert parse_query_string(raw) == query


@pytest.mark.parametrize("name", ["__proto__", "constructor", "toString", "a[hasOwnProperty]"])
def test_names_of_the_object_prototype_are_dropped(name: str) -> None:
    assert parse_query_string(f"{name}=1&token=a".encode()) == {"token": "a"}


@pytest.mark.parametrize(
    ("coded", "text"),
    [("a+b", "a b"), ("a%20b", "a b"), ("%C3%A9", "é"), ("%00", "\0"), ("100%", "100%"), ("%zz%41", "%zz%41")],
)
def test_percent_coding_is_undone_or_left_alone(coded: str, text: str) -> None:
    assert decode(coded) == text


def test_bytes_that_are_not_utf8_stay_coded() -> None:
    assert decode("%ff%41") == "%ff%41"


def test_the_501st_element_is_too_many() -> None:
    assert parse_query_string(b"&".join([b"token=a"] * 500)) == {"token": ["a"] * 500}

    with pytest.raises(UnreadableQuery):
        parse_query_string(b"&".join([b"token=a"] * 501))


def test_the_1001st_parameter_is_too_many() -> None:
    names = b"&".join(b"p%d=1" % number for number in range(1001))

    with pytest.raises(UnreadableQuery):
        parse_query_string(names)


def test_lenient_parsers_drop_what_is_too_many() -> None:
    names = b"&".join(b"p%d=1" % number for number in range(1001))

    assert len(parse_query_string(names, strict=False)) == 1000
    assert parse_query_string(b"&".join([b"token=a"] * 600), strict=False) == {"token": ["a"] * 600}
