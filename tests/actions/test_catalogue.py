"""The catalogue of a tenant: what another service wrote is known at the next look, and only what changed is built."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from actions.catalogue import Catalogues, TenantCatalogue
from deskhand.orders.model import Customer
from deskhand.store import Desk
from deskhand.store.demo import PRODUCTS
from deskhand.store.privacy import erase
from deskhand.store.privacy.conversations import RasaConversations
from deskhand.store.privacy.documents import Documents
from tests.support.desks import ADMIN, OTHER_TENANT, TENANT, demo_database, open_desk

BUGGY = replace(PRODUCTS[0], sku="MOON-1", name_zh="月球车", name_en="moon buggy", aliases=())


class Service:
    """A service with its own connections and its own memory, as an action server is."""

    def __init__(self, url: str) -> None:
        self.desk = open_desk(url)
        self.catalogues = Catalogues(self.desk)

    def catalogue(self, tenant: str = TENANT) -> TenantCatalogue:
        with self.desk.unit_of_work(tenant, read_only=True) as uow:
            return self.catalogues.of(uow)

    def count(self, counter: str, label: str) -> float:
        return float(getattr(self.catalogues, counter).labels(label)._value.get())


@pytest.fixture
def services(tmp_path: Path) -> Iterator[tuple[Service, Service]]:
    url = demo_database(tmp_path)
    both = Service(url), Service(url)
    yield both
    for service in both:
        service.desk.close()


def add_buggy(desk: Desk, tenant: str = TENANT) -> None:
    with desk.unit_of_work(tenant) as uow:
        uow.products.add(BUGGY)
        uow.commit()


def test_a_product_that_one_service_adds_is_known_to_another_at_its_next_look(
    services: tuple[Service, Service],
) -> None:
    here, there = services
    assert there.catalogue().names.find_products("月球车") == []

    add_buggy(here.desk)

    assert "MOON-1" not in there.catalogue().products, "a turn reads nothing"
    there.catalogues.refresh()
    assert [match.item.sku for match in there.catalogue().names.find_products("月球车")] == ["MOON-1"]  # type: ignore[union-attr]  # they are products


def test_nothing_is_built_while_nothing_is_written(services: tuple[Service, Service]) -> None:
    here, _ = services
    before = here.catalogue()

    here.catalogues.refresh()

    assert here.catalogue() is before
    assert here.count("built", "products") == here.count("built", "customers") == 1
    assert (here.count("taken", "miss"), here.count("taken", "hit")) == (1, 1)


def test_a_new_customer_does_not_build_the_index_of_the_products_again(services: tuple[Service, Service]) -> None:
    here, there = services
    before = there.catalogue()

    with here.desk.unit_of_work(TENANT) as uow:
        uow.customers.add(Customer("lantian", "蓝天贸易"))
        uow.commit()
    there.catalogues.refresh()

    assert [match.said for match in there.catalogue().names.find_customers("给蓝天贸易下单")] == ["蓝天贸易"]
    assert there.catalogue().products is before.products
    assert there.count("built", "products") == 1 and there.count("built", "customers") == 2


def test_what_was_rolled_back_was_never_there(services: tuple[Service, Service]) -> None:
    here, there = services
    there.catalogue()

    with here.desk.unit_of_work(TENANT) as uow:
        uow.products.add(BUGGY)
        uow.rollback()
    there.catalogues.refresh()

    assert "MOON-1" not in there.catalogue().products and there.count("built", "products") == 1


def test_the_name_of_an_erased_customer_is_in_no_memory_after_the_next_look(
    services: tuple[Service, Service], tmp_path: Path
) -> None:
    here, there = services
    assert there.catalogue().names.find_customers("华星科技")

    erase(here.desk, ADMIN, "huaxing", Documents(tmp_path, TENANT), RasaConversations(str(tmp_path / "rasa.db")))
    there.catalogues.refresh()

    assert there.catalogue().names.find_customers("华星科技") == []
    assert "华星" not in there.catalogue().customers["huaxing"].name


def test_what_is_written_for_one_company_builds_nothing_for_another(services: tuple[Service, Service]) -> None:
    here, there = services
    before = there.catalogue()
    there.catalogue(OTHER_TENANT)

    add_buggy(here.desk, OTHER_TENANT)
    there.catalogues.refresh()

    assert there.catalogue() is before
    assert set(there.catalogue(OTHER_TENANT).products) == {"MOON-1"}


def test_a_company_that_is_served_no_more_is_forgotten(services: tuple[Service, Service]) -> None:
    here, _ = services
    here.catalogue(OTHER_TENANT)
    assert isinstance(here.desk.tenants, dict)
    company = here.desk.tenants.pop(OTHER_TENANT)
    here.catalogues.refresh()
    here.desk.tenants[OTHER_TENANT] = company
    add_buggy(here.desk, OTHER_TENANT)

    assert set(here.catalogue(OTHER_TENANT).products) == {"MOON-1"}
    assert here.count("taken", "miss") == 2


def test_a_look_that_fails_leaves_the_catalogue_as_it_is(
    services: tuple[Service, Service], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    here, there = services
    before = there.catalogue()
    add_buggy(here.desk)

    with monkeypatch.context() as broken:
        broken.setattr(there.desk, "unit_of_work", lambda *_, **__: 1 / 0)
        there.catalogues.refresh()
    assert there.catalogue() is before and "could not be looked at" in caplog.text

    there.catalogues.refresh()
    assert "MOON-1" in there.catalogue().products
