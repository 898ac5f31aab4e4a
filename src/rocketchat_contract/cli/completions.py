"""What a shell offers for the value of an option or an argument; loaded only when it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click

Offer = Callable[[click.Context, click.Parameter, str], list[str]]


def offering(values: Callable[[], Iterable[str]]) -> Offer:
    """Offer those of some values that begin with what is typed."""

    def offered(_: click.Context, __: click.Parameter, start: str) -> list[str]:
        return [value for value in values() if value.startswith(start)]

    return offered


def edition_names() -> Iterable[str]:
    """The editions of the embedded server."""
    from rocketchat_contract.reference.editions import REFERENCE_EDITIONS

    return list(REFERENCE_EDITIONS)


def deviation_names() -> Iterable[str]:
    """The wrong servers, and the variants."""
    from rocketchat_contract.reference.wrong import VARIANTS, WRONG_SERVERS

    return [*WRONG_SERVERS, *VARIANTS]


def requirement_ids() -> Iterable[str]:
    """The requirements of the suite's own contract."""
    return _catalogue()[1]


def requirements_and_groups() -> Iterable[str]:
    """What ``--only`` and ``--skip`` take."""
    groups, ids = _catalogue()
    return [*groups, *ids]


def _catalogue() -> tuple[list[str], list[str]]:
    from rocketchat_contract.contract.catalogue import load_catalogue
    from rocketchat_contract.contract.vendored import load_contract

    catalogue = load_catalogue(load_contract())
    return list(catalogue.groups), [each.id for each in catalogue]


OFFERED: dict[str, Callable[[], Iterable[str]]] = {
    "edition": edition_names,
    "wrong": deviation_names,
    "require": requirement_ids,
    "only": requirements_and_groups,
    "skip": requirements_and_groups,
}
"""Options whose values are looked up."""
