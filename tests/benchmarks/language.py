"""How long reading one message takes against a large catalogue, in time of the processor."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from deskhand.language import Catalogue, CatalogueCustomer, CatalogueProduct, read_order
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Row, cpu_seconds_of, percentile, timed

PRODUCTS, CUSTOMERS, LENGTH, RUNS = 10_000, 1_000, 200, 40
TODAY = date(2026, 11, 18)
COLOURS = ("红色", "red"), ("蓝色", "blue"), ("黑色", "black"), ("白色", "white"), ("银色", "silver")
KINDS = ("签字笔", "pen"), ("文件柜", "cabinet"), ("打印机", "printer"), ("办公椅", "chair"), ("显示器", "monitor")
TEXTS = {
    "Chinese": "客户华星{n}科技要20箱蓝色签字笔X4701和3台红色打印机X{p}，还要一百五十把黑色办公椅X317，"
    "二十四个白色文件柜X908，5台银色显示器X74，送到上海市浦东新区张江路{n}号3号楼1201室，下周五前，走快递，"
    "联系人李明，电话13800138000，备注送货前先打电话",
    "English": "Star {n} Ltd needs 20 boxes of blue pen X4701 and 3 red printer X{p}, 24 white cabinet X908, deliver "
    "to {n} Main Street, Springfield, by Friday next week, by courier, note: please call first",
    "misspelt": "客户华星{n}科技要20箱蓝色签子笔X4701和3台红色打印鸡，a dozen of blak chiar X317 and two siver "
    "monitr X74，24个白色文件贵X908，送到上海市浦东新区张江路{n}号，下周五前，走快递",
}


def measure(bench: Bench) -> Iterator[Row]:
    seconds, large = timed(catalogue)
    yield Row(f"index of {PRODUCTS} products", seconds, "s", "once for each change of the catalogue")
    for name, text in TEXTS.items():
        taken = [cpu_seconds_of(read_order, said, large, TODAY) for said in variants(text)]
        note = f"{LENGTH} characters, 95th percentile {percentile(taken, 95) * 1000:.3g}"
        yield Row(f"reading an order, {name}", statistics.median(taken) * 1000, "ms CPU", note)


def catalogue() -> Catalogue:
    return Catalogue(map(_product, range(PRODUCTS)), map(_customer, range(CUSTOMERS)))


def variants(text: str) -> Iterator[str]:
    """Each is read once, so that nothing is remembered; filled up to the same length with polite words."""
    chance = random.Random(7)
    for _ in range(RUNS):
        number = chance.randrange(CUSTOMERS // 25)
        said = text.format(n=number * 25, p=number * 25 + 10)
        yield (said + "。谢谢你们的帮忙，辛苦了" * LENGTH)[:LENGTH]


def _product(number: int) -> CatalogueProduct:
    colour, kind = COLOURS[number % len(COLOURS)], KINDS[number // len(COLOURS) % len(KINDS)]
    names = (f"{colour[0]}{kind[0]}X{number}", f"{colour[1]} {kind[1]} X{number}")
    return CatalogueProduct(f"SKU-{number:05}", names, "个", {"个": Decimal(1), "箱": Decimal(10)})


def _customer(number: int) -> CatalogueCustomer:
    return CatalogueCustomer(f"C{number}", (f"华星{number}科技有限公司", f"Star {number} Ltd"))
