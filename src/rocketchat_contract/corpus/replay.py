"""From entries of the corpus to traffic: with fresh visitors, and rooms as they turn up this time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rocketchat_contract.client.address import query_value
from rocketchat_contract.client.personas import UNKNOWN_RID
from rocketchat_contract.client.transport import Call
from rocketchat_contract.client.visitors import Actor, RunVisitor, close_call, delete_call, message_call
from rocketchat_contract.config import RunConfig
from rocketchat_contract.corpus.entry import Act, Chosen, CorpusEntry, chosen
from rocketchat_contract.corpus.words import PLACEHOLDER, ROOM, done
from rocketchat_contract.errors import UsageError
from rocketchat_contract.inputs.bounded import parse_json
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.record.exchange import Exchange, Request
from rocketchat_contract.results.judged_by import JudgedBy


def corpus_of(config: RunConfig, promises: JudgedBy) -> Chosen:
    """What a run replays; raises ``UsageError`` when a file is no entry or asks for other calls than may be made."""
    if config.corpus is None or not config.profile.replays:
        return Chosen()
    found = chosen(config.corpus, promises.contract.operation, config.profile)
    for entry in found.entries:
        _refuse_other_calls(entry, promises, config.corpus)
    return found


def _refuse_other_calls(entry: CorpusEntry, promises: JudgedBy, folder: Path) -> None:
    for act in (act for step in entry.steps for act in step if act.verb == "get"):
        asked = Exchange(0, "corpus", "", None, 0, 0, Request("GET", PLACEHOLDER.sub("x", act.target)))
        if not promises.operation_profile.read(asked).is_room_call:
            raise UsageError(
                f"{folder / entry.name} asks for {act.target[:80]}, which is no call of {entry.operation}.",
                "Fix it, or delete it.",
            )


def replay_corpus(entry: CorpusEntry, actor: Actor) -> None:
    """Do again what an entry tells."""
    _Stage(actor, f"corpus: {entry.requirement}").play(entry)


@dataclass
class _Stage:
    """Who the names of one entry are this time."""

    actor: Actor
    why: str
    visitors: dict[str, RunVisitor] = field(default_factory=dict)
    rooms: dict[str, str] = field(default_factory=dict)

    def play(self, entry: CorpusEntry) -> None:
        for step in entry.steps:
            acts = [act for act in step if self._is_possible(act)]
            if len(acts) == 1 and acts[0].verb == "register" and not acts[0].more:
                name = _name(acts[0].visitor)
                self.visitors[name] = self.actor.register(self._visitor(name))
            elif acts:
                self._send(acts)

    def _send(self, acts: list[Act]) -> None:
        calls = [self._call(act) for act in acts]
        speakers = {name for act in acts for name in _visitors_in(act)}
        visitor = self._visitor(speakers.pop()) if len(speakers) == 1 else None
        if len(calls) == 1:
            self._learn(acts[0], self.actor.send(calls[0], self.why, visitor))
            return
        for act, operation in zip(acts, self.actor.volley(visitor, calls, self.why), strict=False):
            self._learn(act, operation)

    def _learn(self, act: Act, operation: Operation) -> None:
        if act.verb == "get" and act.room and operation.room is not None:
            self.rooms.setdefault(_name(act.room), operation.room)

    def _is_possible(self, act: Act) -> bool:
        """A room that did not come to be cannot be closed or written to."""
        return act.verb not in ("close", "message") or _name(act.room) in self.rooms

    def _call(self, act: Act) -> Call:
        match act.verb:
            case "register":
                visitor, more = self._visitor(_name(act.visitor)), parse_json(act.more) if act.more else {}
                own = {"email": self.actor.address_of(visitor)} if "email" in more else {}
                return self.actor.registration(visitor, **{**more, **own})
            case "close":
                return close_call(self._value(act.visitor), self._value(act.room))
            case "message":
                return message_call(self._value(act.visitor), self._value(act.room), parse_json(act.text))
            case "delete":
                return delete_call(self._value(act.visitor))
            case _:
                return Call("GET", PLACEHOLDER.sub(lambda found: query_value(self._value(found.group())), act.target))

    def _value(self, place: str) -> str:
        found = PLACEHOLDER.fullmatch(place)
        if found is None:
            return place
        is_room = found[1].startswith(ROOM)
        value = self.rooms.get(found[1], UNKNOWN_RID) if is_room else self._visitor(found[1]).token
        return done(found[2], value)

    def _visitor(self, name: str) -> RunVisitor:
        if name not in self.visitors:
            self.visitors[name] = self.actor.stranger()
        return self.visitors[name]


def _name(place: str) -> str:
    found = PLACEHOLDER.fullmatch(place)
    return found[1] if found else place


def _visitors_in(act: Act) -> Iterator[str]:
    for found in PLACEHOLDER.finditer(f"{act.visitor} {act.target}"):
        if not found[1].startswith(ROOM):
            yield found[1]
