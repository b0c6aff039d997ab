"""The papers of cases: what a text becomes on A4, in both languages, on one page or many."""

from __future__ import annotations

import io
import re

from pypdf import PdfReader

from deskhand.documents import Stationery
from deskhand.documents.paper import Paper, paper_pdf, split
from deskhand.gateway.case_papers import paper_of
from tests.worker.sample import NOW, TENANT

CONTRACT = """
- 合同编号：CT-1001
- 供应商：
- 第一签字：，
## 一、标的
卖方向买方提供：激光打印机 20 台
## 二、偏差
## 三、签署
- 签字：赵敏
____ 卖方（盖章）   ____ 买方（盖章）
"""


def _paper(text: str, stationery: Stationery, language: str = "zh") -> Paper:
    return paper_of(text, "合同" if language == "zh" else "Contract", "CT-1001", language, TENANT, stationery)


def _pages(paper: Paper) -> list[str]:
    reader = PdfReader(io.BytesIO(paper_pdf(paper, NOW)))
    return [re.sub(r"\s+", "", page.extract_text()) for page in reader.pages]


def test_what_is_not_known_is_left_out_and_who_signs_is_apart() -> None:
    lines, signatures = split(CONTRACT)

    assert lines == (
        "- 合同编号：CT-1001", "## 一、标的", "卖方向买方提供：激光打印机 20 台", "## 三、签署", "- 签字：赵敏",
    )  # fmt: skip
    assert signatures == ("卖方（盖章）", "买方（盖章）")


def test_a_chinese_paper_stands_under_the_company_s_head(stationery: Stationery) -> None:
    [page] = _pages(_paper(CONTRACT, stationery))

    for expected in (
        "演示贸易有限公司",
        "合同",
        "CT-1001",
        "一、标的",
        "激光打印机20台",
        "买方（盖章）",
        "第1页，共1页",
    ):
        assert expected in page
    assert "供应商" not in page and "##" not in page


def test_an_english_paper_has_an_english_head(stationery: Stationery) -> None:
    [page] = _pages(_paper("- Seller: Ann\n## Payment\nWithin 30 days.\n____ For the buyer", stationery, "en"))

    assert "Page1of1" in page and "SellerAnn" in page and "Forthebuyer" in page
    assert not re.search(r"[\u4e00-\u9fff]", page)


def test_the_chinese_font_is_in_the_file(stationery: Stationery) -> None:
    reader = PdfReader(io.BytesIO(paper_pdf(_paper(CONTRACT, stationery), NOW)))

    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    described = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
    assert described and all("Noto" in each["/FontName"] and "/FontFile2" in each for each in described)


def test_nobody_signs_a_page_on_which_nothing_is_said(stationery: Stationery) -> None:
    for length in range(22, 34, 2):  # the foot of the first page
        text = "## 条款\n" + "本合同一式两份。\n" * length + "## 签署\n- 签字：赵敏\n____ 卖方   ____ 买方"

        last = _pages(_paper(text, stationery))[-1]

        assert "签署" in last and "赵敏" in last and "买方" in last


def test_the_same_paper_gives_the_same_bytes(stationery: Stationery) -> None:
    paper = _paper(CONTRACT, stationery)

    assert paper_pdf(paper, NOW) == paper_pdf(paper, NOW)


def test_a_character_that_the_font_lacks_stops_nothing(stationery: Stationery) -> None:
    assert "完" in _pages(_paper("- 备注：\U0001f4a9 完", stationery))[0]
