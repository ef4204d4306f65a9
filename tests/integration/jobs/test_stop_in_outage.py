"""A stop while the database is away: a service ends with the call that it has under way.

Each call takes seconds then, and whoever outlives a lost term ends the process.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from supervisor.database.transactions import Tx
from supervisor.runtime.errors import Unavailable
from supervisor.runtime.threads import ServiceThread
from tests.support.jobs.shop import Shop


@pytest.mark.parametrize("name", ["submitter", "poller"])
@pytest.mark.parametrize("answered", [0, 1])
def test_a_service_that_is_stopped_in_an_outage_asks_the_database_no_more(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, name: str, answered: int
) -> None:
    service: ServiceThread = getattr(shop, name)
    calls = []
    transaction = shop.database.transaction

    @contextmanager
    def breaks(*arguments: Any, **options: Any) -> Iterator[Tx]:
        calls.append(arguments)
        if len(calls) > answered:
            service.stop()
            raise Unavailable("database: away")
        with transaction(*arguments, **options) as tx:
            yield tx

    monkeypatch.setattr(shop.database, "transaction", breaks)
    shop.start(service)

    assert service.join(10)
    assert service.failure is None
    assert len(calls) == answered + 1
