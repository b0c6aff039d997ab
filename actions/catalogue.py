"""The tenant's products and customers as `deskhand.language` finds them in a text, kept fresh.

Built once for each tenant; built again when products or customers have changed, which is looked at every few seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from deskhand.language import Catalogue, CatalogueCustomer, CatalogueProduct
from deskhand.orders.model import Customer, Product
from deskhand.orders.units import UNIT_NAMES
from deskhand.store import UnitOfWork

_FRESH_SECONDS = 5.0


@dataclass(frozen=True)
class TenantCatalogue:
    """The catalogue with the domain's own products and customers beside it."""

    names: Catalogue
    products: Mapping[str, Product]
    customers: Mapping[str, Customer]

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


class Catalogues:
    """One catalogue for each tenant, shared by all turns."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._built: dict[str, tuple[float, int, TenantCatalogue]] = {}

    def of(self, uow: UnitOfWork) -> TenantCatalogue:
        """The catalogue of the unit of work's tenant."""
        tenant, now = uow.tenant.id, self._monotonic()
        known = self._built.get(tenant)
        if known and known[2].products and now - known[0] < _FRESH_SECONDS:
            return known[2]
        products, customers = uow.products.all(), uow.customers.all()
        fingerprint = hash((tuple(map(repr, products)), tuple(map(repr, customers))))
        catalogue = known[2] if known and known[1] == fingerprint else build(products, customers)
        self._built[tenant] = (now, fingerprint, catalogue)
        return catalogue


def build(products: Iterable[Product], customers: Iterable[Customer]) -> TenantCatalogue:
    """The catalogue of these products and customers."""
    by_sku = {product.sku: product for product in products}
    by_id = {customer.id: customer for customer in customers}
    return TenantCatalogue(
        Catalogue(
            [_product(product) for product in by_sku.values()],
            [CatalogueCustomer(customer.id, (customer.name, *customer.aliases)) for customer in by_id.values()],
        ),
        by_sku,
        by_id,
    )


def _product(product: Product) -> CatalogueProduct:
    names = dict.fromkeys((product.name_zh, product.name_en, *product.aliases))
    sizes = {product.base_unit: Decimal(1), **product.units}
    units = {word: size for code, size in sizes.items() for word in _words(code)}
    return CatalogueProduct(product.sku, tuple(names), product.base_unit, {**units, **sizes})


def _words(code: str) -> tuple[str, ...]:
    name = UNIT_NAMES.get(code)
    return (code, name.zh, name.en, name.en_plural, *name.aliases) if name else (code,)
