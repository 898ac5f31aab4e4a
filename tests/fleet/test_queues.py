"""Deployments of one host are never judged at once, on one machine or over several jobs."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from rocketchat_contract.config import PROFILES
from rocketchat_contract.fleet.plan import Deployment, shared_limiter
from rocketchat_contract.fleet.queues import Turns, queues_of, shared


def deployments(hosts: list[str]) -> list[Deployment]:
    return [Deployment(f"d{n}", n, host, PROFILES["gate"]) for n, host in enumerate(hosts)]


HOSTS = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=12)


@given(HOSTS, st.integers(1, 8))
def test_a_host_is_in_one_job_only(hosts: list[str], jobs: int) -> None:
    piles = shared(queues_of(deployments(hosts)), jobs)

    homes = Counter(host for pile in piles for host in {each.host for each in pile})
    assert set(homes.values()) == {1}


@given(HOSTS, st.integers(1, 8))
def test_every_deployment_is_in_exactly_one_job(hosts: list[str], jobs: int) -> None:
    piles = shared(queues_of(deployments(hosts)), jobs)

    assert sorted(each.position for pile in piles for each in pile) == list(range(len(hosts)))
    assert len(piles) <= jobs


@given(HOSTS, st.randoms())
def test_at_any_time_at_most_one_of_a_host_has_its_turn(hosts: list[str], chance: object) -> None:
    turns = Turns(queues_of(deployments(hosts)))
    running, judged = list(turns.first()), 0
    while running:
        assert max(Counter(each.host for each in running).values()) == 1
        done = running.pop(chance.randrange(len(running)))  # type: ignore[attr-defined]
        judged += 1
        running += filter(None, [turns.after(done)])

    assert judged == len(hosts)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["", "x", "y", "z"])), max_size=10))
def test_whoever_shares_a_host_or_a_limiter_is_in_one_lane(pairs: list[tuple[str, str]]) -> None:
    named = deployments([host for host, _ in pairs])
    plan = tuple(replace(each, limiter=limiter) for each, (_, limiter) in zip(named, pairs, strict=True))

    queues = [{pairs[each.position] for each in queue} for queue in queues_of(shared_limiter(plan))]

    for one, other in combinations(queues, 2):
        assert not {host for host, _ in one} & {host for host, _ in other}
        assert not {name for _, name in one} & {name for _, name in other} - {""}


def test_who_is_barred_gets_no_turn_and_no_other_host_notices() -> None:
    first, *others, other_host = deployments(["a", "a", "a", "b"])
    turns = Turns(queues_of([first, *others, other_host]))

    assert list(turns.first()) == [first, other_host]
    assert turns.barred(first) == tuple(others)
    assert turns.after(other_host) is None


def test_jobs_get_about_the_same_work() -> None:
    piles = shared(queues_of(deployments(list("abcdefgh"))), 4)

    assert [len(pile) for pile in piles] == [2, 2, 2, 2]
