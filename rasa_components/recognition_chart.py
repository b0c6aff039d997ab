"""`python -m rasa_components.recognition_chart FIGURES PICTURE`: confusion and calibration of each set as one PNG.

Here because Rasa brings matplotlib along; imports nothing else and nothing of Deskhand.
"""

import json
import sys
from pathlib import Path
from typing import Any, Dict, Text

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

_COLOURS = {"zh": "tab:red", "en": "tab:blue", "mixed": "tab:green", "all": "black"}


def draw(sets: Dict[Text, Any], picture: Path) -> None:
    """One row a set: on the left what was taken for what, on the right how sure against how often right."""
    figure, rows = plt.subplots(len(sets), 2, figsize=(18, 9 * len(sets)), squeeze=False)
    for (left, right), (name, told) in zip(rows, sets.items(), strict=True):
        confusion(left, name, told["confusion"])
        calibration(right, name, told["calibration"])
    figure.tight_layout()
    figure.savefig(picture, dpi=80)


def confusion(axes: Any, name: Text, table: Dict[Text, Dict[Text, int]]) -> None:
    wanted = sorted(table)
    found = sorted(set(wanted) | {got for row in table.values() for got in row})
    shares = [[table[one].get(other, 0) / sum(table[one].values()) for other in found] for one in wanted]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(found)))
    axes.set_xticklabels(found, rotation=90)
    axes.set_yticks(range(len(wanted)))
    axes.set_yticklabels(wanted)
    for y, one in enumerate(wanted):
        for x, other in enumerate(found):
            if table[one].get(other):
                axes.text(x, y, str(table[one][other]), ha="center", va="center", fontsize=7)
    axes.set_title("{}: right intent (rows), found (columns)".format(name))


def calibration(axes: Any, name: Text, languages: Dict[Text, Any]) -> None:
    axes.plot([0, 1], [0, 1], linestyle=":", color="grey")
    for language, both in languages.items():
        for band, style in (("acted_on", "o-"), ("asked_back", "x--")):
            rows = [row for row in both[band] if row["utterances"]]
            label = "{} {} ({})".format(language, band.replace("_", " "), sum(row["utterances"] for row in rows))
            sure, right = [row["sure"] for row in rows], [row["right"] for row in rows]
            axes.plot(sure, right, style, color=_COLOURS.get(language, "grey"), label=label)
    axes.set_xlabel("how sure")
    axes.set_ylabel("how often right")
    axes.set_title("{}: calibration".format(name))
    axes.legend()


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
