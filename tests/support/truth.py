"""What holds at the end of every run, whatever happened to it: compared with what is really on the server."""

from __future__ import annotations

from support.live import Command, Ended, Rocket


def verdict_lines(text: str) -> list[str]:
    """The lines of a terminal's output that tell the verdict."""
    return [line for line in text.splitlines() if line.startswith("verdict:")]


def is_judged_alike_offline(ended: Ended, suite: Command) -> None:
    """The record is whole and gives the same verdict again."""
    assert ended.footer["exchanges"] == len(ended.statuses)
    again = suite("judge", str(ended.run))

    assert (again.code, verdict_lines(again.out)) == (ended.code, verdict_lines(ended.out))


def is_truthful(ended: Ended, *servers: Rocket) -> None:
    """The ledger says what is on the server, and so do terminal and report; what is left can be swept up."""
    ledger = ended.ledger
    left = (sorted(room for server in servers for room in server.open_rooms), sum(len(s.visitors) for s in servers))
    is_left = bool(ledger.rooms_left or ledger.visitors_left)

    assert (sorted(ledger.rooms_left), len(ledger.visitors_left)) == left
    assert ended.report["ledger"]["sentence"] == ledger.sentence
    assert ledger.sentence in " ".join(ended.out.split())
    assert ended.has_book == (is_left or bool(ledger.unclear))
    assert ("rocketchat-contract sweep" in ended.err) == ended.has_book


def counts_what_was_made(ended: Ended, server: Rocket) -> None:
    """Every room and every visitor that the server made is in the ledger, and none besides."""
    assert (ended.ledger.rooms_created, ended.ledger.visitors_created) == (server.rooms_made, server.visitors_made)


def is_plain(ended: Ended) -> None:
    """No traceback, and nothing that would steer a terminal."""
    assert "Traceback" not in ended.err
    assert "\x1b" not in ended.out + ended.err


def is_row(ended: Ended, suite: Command, server: Rocket, code: int, verdict: str, *, told: bool = True) -> None:
    """A row of the fault table, with all that can be removed removed; ``told`` when every answer arrived.

    That no file holds a secret is looked at whenever a command ends.
    """
    assert (ended.code, ended.verdict) == (code, verdict), ended.out
    assert (server.open_rooms, server.visitors) == ([], [])
    is_truthful(ended, server)
    is_plain(ended)
    is_judged_alike_offline(ended, suite)
    if told:
        counts_what_was_made(ended, server)
