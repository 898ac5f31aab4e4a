"""Every client that a test puts together is let go of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support import clients


@pytest.fixture(autouse=True)
def _let_go() -> Iterator[None]:
    yield
    clients.let_go()
