"""Measure words: which words are units, which of them mean the same, and how one fits a product."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from deskhand.language.readings import CatalogueProduct

# One line for each thing; words on a line are the same unit in either language.
_SAME = """
箱 整箱 大箱 box boxes bx bxs case cases carton cartons ctn ctns crate crates
包 pack packs packet packets package packages pk pks pkt pkts ream reams
盒 小盒
袋 bag bags sack sacks
瓶 bottle bottles
罐 can cans tin tins jar jars
桶 barrel barrels bucket buckets drum drums
卷 roll rolls
张 sheet sheets
本 册 copy copies book books
套 组 set sets kit kits
双 对 pair pairs
打 dozen dozens doz dz
令
捆 扎 bundle bundles bale bales
条 strip strips
支 枝 根
块 片 slice slices
吨 ton tons tonne tonnes
公斤 千克 kg kgs kilo kilos kilogram kilograms
斤
克 gram grams
升 公升 liter liters litre litres
米 meter meters metre metres
托 托盘 板 pallet pallets
"""
_COUNTERS_ZH = "个 件 份 只 台 把 样 项 枚 粒 颗 部 架 辆 顶 床 幅 面 盏 串 棵 株"
_COUNTERS_EN = "piece pieces pc pcs unit units each ea item items ct nos no's"
COUNTERS = frozenset(re.findall(r"\S+", f"{_COUNTERS_ZH} {_COUNTERS_EN}"))
_GROUP = {word: n for n, line in enumerate(_SAME.strip().splitlines()) for word in line.split()}
GENERAL = frozenset(_GROUP) | COUNTERS
DOZEN = frozenset({"打", "dozen", "dozens", "doz", "dz"})


@lru_cache(maxsize=64)
def unit_pattern(extra: frozenset[str]) -> re.Pattern[str]:
    """A pattern for any unit word: the general ones and a catalogue's own."""
    return re.compile(_alternatives(GENERAL | {word for word in extra if word}), re.IGNORECASE)


def _alternatives(words: Iterable[str]) -> str:
    longest_first = sorted(words, key=len, reverse=True)
    return "(?:" + "|".join(re.escape(w) + (r"(?![A-Za-z])" if w[-1].isascii() else "") for w in longest_first) + ")"


def unit_of(product: CatalogueProduct, said: str) -> str | None:
    """The product's own name for a unit that was said; None when the product has no such unit.

    A mere counter (个, 件, 台, pcs, each) means the base unit of a product that does not list it.
    """
    own = own_unit_of(product, said)
    return own if own is not None else product.base_unit if said.lower() in COUNTERS else None


def own_unit_of(product: CatalogueProduct, said: str) -> str | None:
    """The unit of the product that has this name, or means the same; no mere counter."""
    word = said.lower()
    own = {unit.lower(): unit for unit in (*product.units, product.base_unit) if unit}
    if word in own:
        return own[word]
    same = next((n for n in own if _singular(n) == _singular(word)), None)
    same = same or next((n for n in own if n in _GROUP and _GROUP[n] == _GROUP.get(word)), None)
    return own[same] if same else None


GENERAL_PATTERN = _alternatives(GENERAL)


def _singular(word: str) -> str:
    return re.sub(r"(?<=[xs])es$|(?<=[a-z])s$", "", word)


def factor_of(product: CatalogueProduct, unit: str | None) -> Decimal:
    """How many base units one of these is."""
    return product.units.get(unit, Decimal(1)) if unit else Decimal(1)
