"""Folders that cannot be written are refused before any work; a verdict is never lost to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.live import Command, rocket


@pytest.fixture
def file(suite: Command) -> Path:
    path = suite.home / "file"
    path.write_text("")
    return path


@pytest.mark.usefixtures("file")
@pytest.mark.parametrize(
    "words",
    [
        ("run", "--profile", "smoke", "--corpus", "file/corpus"),
        ("judge", "reports/latest", "--report-dir", "file/reports"),
        ("fleet", "run", "fleet.toml", "--yes", "--report-dir", "file/reports"),
        ("baseline", "update", "reports/latest", "--baseline", "file/b.toml", "--reason", "r", "--owner", "o"),
    ],
    ids=lambda words: words[0],
)
def test_an_unwritable_folder_is_refused(suite: Command, words: tuple[str, ...]) -> None:
    suite("run", "--profile", "smoke", "--seed", "1")
    (suite.home / "fleet.toml").write_text('[[deployment]]\nname = "one"\nserver = []\nprofile = "smoke"\n')

    ended = suite(*words)

    assert ended.code == 2, ended.err
    assert "is not a folder." in ended.said
    assert "Traceback" not in ended.err


def test_a_corpus_that_is_lost_on_the_way_leaves_the_verdict(suite: Command) -> None:
    corpus = suite.home / "corpus"
    corpus.mkdir()
    with rocket("wrong=forgets_the_room") as server:
        add = server.app.store.add_room

        def spoil(*arguments: object, **more: object) -> None:
            if corpus.is_dir():
                corpus.rmdir()
                corpus.write_text("")
            add(*arguments, **more)  # type: ignore[arg-type]

        server.app.store.add_room = spoil  # type: ignore[method-assign]
        ended = suite.run(server.url, "--profile", "smoke", "--yes", "--corpus", "corpus")

    assert (ended.code, ended.verdict) == (1, "violated")
    assert "The corpus corpus was not written" in ended.said
