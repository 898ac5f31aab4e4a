"""Whatever was answered, the record can be read again."""

from __future__ import annotations

from pathlib import Path

from rocketchat_contract.client.recorder import MOST_TEXT, readable
from rocketchat_contract.record.exchange import Exchange, Request, Response
from rocketchat_contract.record.footer import RecordFooter
from rocketchat_contract.record.journal import MAX_LINE, Journal
from support.headers import header_of

REQUEST = Request("GET", "/api/v1/livechat/room?token=$RC_TOKEN_1")


def answered(body: str) -> Exchange:
    return Exchange(1, "core", "", None, 0, 1, REQUEST, Response(200, (), body, length=len(body)))


def test_a_body_that_is_too_long_for_a_line_is_cut() -> None:
    cut = readable(answered("x" * (MOST_TEXT + 1)))

    assert cut.failure is not None
    assert (cut.failure.kind, cut.response is not None and cut.response.complete) == ("too-large", False)


def test_the_longest_body_that_is_kept_fits_a_line(tmp_path: Path) -> None:
    longest = answered("\U0001f600" * MOST_TEXT)
    journal = Journal(tmp_path / "record.jsonl", header_of())
    journal.write(readable(longest))
    journal.close(RecordFooter())

    assert readable(longest) is longest
    assert (tmp_path / "record.jsonl").stat().st_size <= MAX_LINE
