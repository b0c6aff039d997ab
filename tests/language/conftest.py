"""A small catalogue with Chinese and English names, two ambiguous pens and two companies called Acme."""

from datetime import date
from decimal import Decimal

import pytest

from deskhand.language import Catalogue, CatalogueCustomer, CatalogueProduct, DraftLine

PRODUCTS = (
    CatalogueProduct(
        "SKU-1001",
        ("A4纸", "A4 Paper", "复印纸", "copy paper"),
        "包",
        {"包": Decimal(1), "pack": Decimal(1), "箱": Decimal(10), "box": Decimal(10)},
    ),
    CatalogueProduct(
        "SKU-1002", ("激光打印机", "打印机", "Laser Printer", "printer"), "台", {"台": Decimal(1), "unit": Decimal(1)}
    ),
    CatalogueProduct("SKU-1003", ("办公椅", "椅子", "Office Chair", "chair"), "把", {"把": Decimal(1)}),
    CatalogueProduct("SKU-1004", ("硒鼓", "Toner Cartridge", "toner"), "个", {"个": Decimal(1)}),
    CatalogueProduct("SKU-1005", ("蓝色签字笔", "Blue Pen"), "支", {"支": Decimal(1), "盒": Decimal(12)}),
    CatalogueProduct("SKU-1006", ("黑色签字笔", "Black Pen"), "支", {"支": Decimal(1), "盒": Decimal(12)}),
)
CUSTOMERS = (
    CatalogueCustomer("C1", ("华星", "华星科技有限公司", "Huaxing")),
    CatalogueCustomer("C2", ("Acme Ltd",)),
    CatalogueCustomer("C3", ("Acme Inc",)),
    CatalogueCustomer("C4", ("华兴贸易",)),
)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue(PRODUCTS, CUSTOMERS)


@pytest.fixture(scope="session")
def today() -> date:
    """A Wednesday."""
    return date(2026, 11, 18)


@pytest.fixture(scope="session")
def draft() -> tuple[DraftLine, ...]:
    return (
        DraftLine("SKU-1001", "A4纸", Decimal(20), "箱"),
        DraftLine("SKU-1002", "激光打印机", Decimal(3), "台"),
    )
