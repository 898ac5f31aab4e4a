"""Driver: what earlier runs found, replayed first; see ``--corpus``."""

from __future__ import annotations

from rocketchat_contract.client.visitors import Actor
from rocketchat_contract.corpus.entry import Chosen
from rocketchat_contract.corpus.replay import replay_corpus


def test_what_was_found_before(actor: Actor, corpus: Chosen) -> None:
    for entry in corpus.entries:
        replay_corpus(entry, actor)
