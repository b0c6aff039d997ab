"""Units by code, with their names in both languages and the other words that people use for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnitName:
    """`aliases` are further words in either language, lower case."""

    zh: str
    en: str
    en_plural: str
    aliases: tuple[str, ...] = ()

    def named(self, language: str, one: bool = False) -> str:
        """As it is read out after a quantity."""
        if language == "zh":
            return self.zh
        return self.en if one else self.en_plural


UNIT_NAMES: Mapping[str, UnitName] = {
    "piece": UnitName("个", "piece", "pieces", ("件", "只", "pc", "pcs", "ea", "each", "item", "items", "枚")),
    "pack": UnitName("包", "pack", "packs", ("packet", "packets", "package", "packages", "ream", "reams", "令")),
    "box": UnitName("箱", "box", "boxes", ("carton", "cartons", "case", "cases", "crate", "整箱", "大箱", "ctn")),
    "inner_box": UnitName("盒", "inner box", "inner boxes", ("小盒",)),
    "unit": UnitName("台", "unit", "units", ("部", "架", "set", "sets")),
    "chair": UnitName("把", "piece", "pieces", ("张", "个", "件", "pc", "pcs")),
    "pen": UnitName("支", "piece", "pieces", ("枝", "根", "个", "pc", "pcs")),
    "book": UnitName("本", "copy", "copies", ("册", "个", "book", "books", "piece", "pieces")),
    "sheet": UnitName("张", "sheet", "sheets", ("块", "个", "piece", "pieces")),
    "lamp": UnitName("盏", "piece", "pieces", ("个", "台", "pc", "pcs")),
    "dozen": UnitName("打", "dozen", "dozen", ("doz", "dz", "dozens")),
    "roll": UnitName("卷", "roll", "rolls", ("个",)),
    "bottle": UnitName("瓶", "bottle", "bottles", ()),
    "bag": UnitName("袋", "bag", "bags", ()),
    "kg": UnitName("公斤", "kg", "kg", ("千克", "kilo", "kilos", "kilogram", "kilograms")),
    "pallet": UnitName("托盘", "pallet", "pallets", ("托", "板")),
}


def unit_label(code: str, language: str, one: bool = False) -> str:
    """The unit's name; a code of another system is shown as it is."""
    name = UNIT_NAMES.get(code)
    return code if name is None else name.named(language, one)
