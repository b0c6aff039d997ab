"""The tenant's products and customers as `deskhand.language` finds them in a text, kept fresh.

Built once for each tenant before the first message. Products and customers each have a version that every write of
them changes; where it has changed, that part alone is built again, by nobody's turn.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from threading import Lock

from prometheus_client import Counter

from deskhand.language import Catalogue, CatalogueCustomer, CatalogueProduct
from deskhand.orders.errors import TenantNotServed
from deskhand.orders.model import Customer, Product
from deskhand.orders.units import UNIT_NAMES
from deskhand.store import Desk, UnitOfWork

FRESH_SECONDS = 5.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TenantCatalogue:
    """The catalogue with the domain's own products and customers beside it."""

    names: Catalogue
    products: Mapping[str, Product]
    customers: Mapping[str, Customer]

    def with_products(self, products: Iterable[Product]) -> TenantCatalogue:
        """Other products beside the same customers."""
        by_sku = {product.sku: product for product in products}
        return replace(self, names=self.names.with_products(map(_product, by_sku.values())), products=by_sku)

    def with_customers(self, customers: Iterable[Customer]) -> TenantCatalogue:
        """Other customers beside the same products."""
        by_id = {customer.id: customer for customer in customers}
        named = (CatalogueCustomer(one.id, (one.name, *one.aliases)) for one in by_id.values())
        return replace(self, names=self.names.with_customers(named), customers=by_id)

    def unit_code(self, sku: str, said: str | None) -> str:
        """The code of a unit as somebody said it; the base unit when nothing was said."""
        product = self.products[sku]
        if said is None or said in product.units or said == product.base_unit:
            return said or product.base_unit
        codes = (code for code in (*product.units, product.base_unit) if said.lower() in _words(code))
        return next(codes, said)

    def product_name(self, sku: str, language: str, otherwise: str | None = None) -> str:
        """What the goods are called; `otherwise` (or the SKU) where the catalogue has them no more."""
        product = self.products.get(sku)
        if product is None:
            return otherwise or sku
        return product.name_zh if language == "zh" else product.name_en


@dataclass(frozen=True)
class _Kept:
    """A catalogue with the versions of the products and customers that it was built from."""

    catalogue: TenantCatalogue
    versions: tuple[int | None, int | None]


class Catalogues:
    """One catalogue for each tenant, shared by all turns. A turn takes what there is; whether that is still true is
    looked at beside the turns, and what was written since is built there and put in its place.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._kept: dict[str, _Kept] = {}
        self._building: dict[str, Lock] = {}
        self.taken = Counter("deskhand_catalogue", "Catalogues that turns took", ["outcome"], registry=None)
        self.built = Counter("deskhand_catalogue_builds", "Indexes that were built", ["part"], registry=None)

    def of(self, uow: UnitOfWork) -> TenantCatalogue:
        """The catalogue of the unit of work's tenant; read now if there is none yet, or one without any products."""
        kept = self._kept.get(uow.tenant.id)
        outcome = "hit" if kept and kept.catalogue.products else "miss"
        self.taken.labels(outcome).inc()
        return kept.catalogue if kept and outcome == "hit" else self._refreshed(uow)

    def refresh(self) -> None:
        """Looks whether products or customers were written, for each tenant of which there is a catalogue."""
        for tenant in tuple(self._kept):
            try:
                with self._desk.unit_of_work(tenant, read_only=True) as uow:
                    self._refreshed(uow)
            except TenantNotServed:
                self._kept.pop(tenant, None)
            except Exception:  # whatever it is, the turns go on with what there is and the next look tries again
                _log.exception("the catalogue of %s could not be looked at", tenant)

    async def keep_fresh(self) -> None:
        """Looks again and again, until it is cancelled."""
        while True:
            await asyncio.sleep(FRESH_SECONDS)
            await asyncio.to_thread(self.refresh)

    def _refreshed(self, uow: UnitOfWork) -> TenantCatalogue:
        """Built by one at a time. The versions are read first: what is written meanwhile is seen at the next look."""
        tenant = uow.tenant.id
        with self._building.setdefault(tenant, Lock()):
            kept = self._kept.get(tenant) or _Kept(build((), ()), (None, None))
            versions = uow.products.version(), uow.customers.version()
            catalogue = kept.catalogue
            if kept.versions[0] != versions[0]:
                self.built.labels("products").inc()
                catalogue = catalogue.with_products(uow.products.all())
            if kept.versions[1] != versions[1]:
                self.built.labels("customers").inc()
                catalogue = catalogue.with_customers(uow.customers.all())
            self._kept[tenant] = _Kept(catalogue, versions)
            return catalogue


def build(products: Iterable[Product], customers: Iterable[Customer]) -> TenantCatalogue:
    """The catalogue of these products and customers."""
    return TenantCatalogue(Catalogue((), ()), {}, {}).with_products(products).with_customers(customers)


def _product(product: Product) -> CatalogueProduct:
    names = dict.fromkeys((product.name_zh, product.name_en, *product.aliases))
    sizes = {product.base_unit: Decimal(1), **product.units}
    units = {word: size for code, size in sizes.items() for word in _words(code)}
    return CatalogueProduct(product.sku, tuple(names), product.base_unit, {**units, **sizes})


def _words(code: str) -> tuple[str, ...]:
    name = UNIT_NAMES.get(code)
    return (code, name.zh, name.en, name.en_plural, *name.aliases) if name else (code,)
