"""Columns are recognised in exports of systems that nobody here has seen, and what is not known stays out."""

# ruff: noqa: E501 - values of a kind in one line

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from deskhand.erp.columns import ColumnsNotRecognised, propose, propose_columns, recognised, recognised_among
from deskhand.erp.kinds import Field, Kind
from deskhand.erp.mapping import Mapping
from deskhand.erp.proposal import Proposal
from deskhand.erp.sources import Source, Table, open_tables
from tests.support.deskhand import ROOT

GOLD = Path(__file__).with_name("headers_of_systems.txt")
LEAST_RIGHT = 0.95  # of the columns
SURE = 0.8  # what is as sure as this must be right, nearly always
VALUES = {
    "long": "3012345678901234567 3012345678901234568 3012345678901234569 3012345678901234570",
    "code": "A-1001 B-2002 A-1003 C-0004", "hash": "#1001 #1002 #1003 #1004", "amz": "405-8078784-5731545 171-9198151-1101146 404-0687676-7273146 403-9615377-8133951",
    "hex": "e481f51cbdc54678b7cc49136f2d6af7 53cdb2fc8bc7dce0b6741e2150273451 47770eb9100c2d0c44946d9cf07ec65d 949d5b44dbf5de918fe9c16f97b45f8a",
    "int": "3 1 12 5", "int4": "1001 1002 1003 1004", "int5": "17850 13047 12583 17851", "int6": "536365 536366 536367 536368",
    "letters": "VINET TOMSP HANAR VICTE", "slug": "red-mug blue-mug tea-pot big-plate",
    "money": "12.50 3.99 1,250.00 88.80", "comma": "12,50 3,99 1.250,00 88,80", "share": "0.05 0 0.2 0.15", "pct": "5% 0% 20% 15%",
    "day": "2026-01-02 2026-01-03 2026-02-04 2026-03-05", "mdy": "1/2/2026 12/23/2025 3/14/2026 4/5/2026", "dmy": "02.01.2026 23.12.2025 14.03.2026 05.04.2026",
    "zhday": "2026年1月2日 2026年1月3日 2026年2月4日 2026年3月5日",
    "time": "2026-01-02|10:00:00 2026-01-03|11:30:00 2026-02-04|09:15:20 2026-03-05|20:00:00",
    "email": "ann@example.com bob@example.org cy@example.net di@example.com", "mobile": "13800138000 13900139000 15012345678 18612345678",
    "phone": "+1|212-555-0100 (415)|555-0101 020|7946|0958 555-0103-44", "zip": "10001 94105 60601 30301", "ccy": "CNY USD CNY CNY",
    "flag": "true false true true", "zhflag": "是 否 是 是", "paid": "paid pending paid refunded", "status": "shipped pending cancelled shipped",
    "zhstatus": "已发货 待付款 已完成 已发货", "word": "Standard Express Standard Economy", "text": "call|first - leave|at|the|door none",
    "nick": "happy_cat sunny88 tb12345 lee_wei", "person": "Ann|Lee Bob|Ray Cy|Young Di|Moor", "co": "Acme|Ltd Globex|Inc Initech|LLC Umbrella|Corp",
    "goods": "WHITE|MUG RED|LAMP TEA|POT GLASS|STAR", "addr": "12|High|St 5|Main|Rd 77|Oak|Ave 1|Elm|Lane", "city": "London Paris Berlin Rome",
    "state": "CA NY TX WA", "country": "France Germany Italy Spain", "unit": "pcs box pcs kg", "carrier": "UPS FedEx DHL UPS",
    "track": "SF1234567890123 YT1234567890124 SF1234567890125 JD1234567890126", "url": "https://x.example/1.png https://x.example/2.png https://x.example/3.png https://x.example/4.png",
    "zhname": "王小明 李娜 张伟 刘洋", "zhco": "华星贸易有限公司 明月商行 东方科技 北辰集团", "zhgoods": "A4打印纸 黑色墨盒 订书机 白板笔",
    "zhaddr": "广东省深圳市南山区科技路1号 北京市朝阳区建国路2号 上海市浦东新区世纪大道3号 浙江省杭州市西湖区文三路4号",
    "zhprov": "广东省 北京 上海 浙江省", "zhcity": "深圳市 北京市 上海市 杭州市", "zhunit": "箱 个 包 件", "zhwh": "上海仓 深圳仓 上海仓 北京仓", "zhcarrier": "顺丰速运 圆通 中通 京东快递",
    "twco": "台灣晶片股份有限公司 宏達貿易 大同商行 遠東百貨", "twgoods": "影印紙 墨水匣 釘書機 白板筆", "twaddr": "台北市信義區市府路1號 高雄市前金區中正路2號 新竹市東區光復路3號 台中市西區公益路4號",
    "empty": "",
}  # fmt: skip


@dataclass(frozen=True)
class System:
    """One header row, what each column is, and some values."""

    name: str
    kind: Kind
    columns: list[tuple[str, str, list[str]]]

    @property
    def proposal(self) -> Proposal:
        header = [name for name, _, _ in self.columns]
        rows = [[values[number] for _, _, values in self.columns] for number in range(4)]
        return propose_columns(header, rows)


def systems() -> list[System]:
    found: list[System] = []
    for line in GOLD.read_text(encoding="utf-8").splitlines():
        if line.startswith("@"):
            name, kind = (part.strip() for part in line[1:].split("|"))
            found.append(System(name, Kind(kind), []))
        elif line and not line.startswith("#"):
            for column in line.split("; "):
                header, _, rest = column.rpartition("=")
                field, _, values = rest.partition(":")
                words = VALUES[values].split(" ") if VALUES[values] else [""] * 4
                found[-1].columns.append((header, field, [word.replace("|", " ") for word in words]))
    return found


def taken(proposal: Proposal) -> dict[int, dict[str, float]]:
    """What each column is taken for, and how surely; one can stand in for a second field."""
    found: dict[int, dict[str, float]] = {}
    for field, column in proposal.columns.items():
        found.setdefault(column.index, {})[str(field)] = column.confidence
    return found


def test_nearly_all_columns_of_seventy_systems_are_right_and_what_is_sure_is_hardly_ever_wrong(
    tell: Callable[[str], None],
) -> None:
    right = total = sure = sure_and_wrong = 0
    wrong: list[str] = []
    for system in systems():
        found = taken(system.proposal)
        for index, (header, field, _) in enumerate(system.columns):
            said = found.get(index, {"-": 0.0})
            total += 1
            right += field in said
            sure += max(said.values()) >= SURE
            sure_and_wrong += max(said.values()) >= SURE and field not in said
            if field not in said:
                wrong.append(f"{system.name}: {header} is {field}, taken for {said}")
    tell(
        f"columns of {len(systems())} systems: {right} of {total} right ({right / total:.1%}), {sure_and_wrong} of {sure} sure ones wrong"
    )

    assert len(systems()) >= 70
    assert right >= LEAST_RIGHT * total, "\n".join(wrong)
    assert sure_and_wrong <= 0.02 * sure, "\n".join(wrong)


@pytest.mark.parametrize("system", systems(), ids=lambda each: each.name)
def test_the_kind_of_a_file_is_guessed_and_nothing_that_is_needed_is_missing(system: System) -> None:
    proposal = system.proposal

    assert proposal.kind is system.kind
    assert proposal.missing == ()


def propose_text(text: str, kind: Kind | None = None, mapping: Mapping | None = None) -> Proposal:
    (table,) = open_tables(Source.held("a.csv", text.encode()))
    return propose(table, kind, mapping)


def test_of_two_columns_that_fit_the_one_whose_values_fit_is_taken_and_the_other_told() -> None:
    proposal = propose_text(
        "Order No,Customer,Date,Order date,Total\nA1,Ann,soon,2026-01-02,3.50\nA2,Bob,later,2026-01-03,4.00\n"
    )

    assert proposal.columns[Field.CREATED_AT].header == "Order date"
    assert [(each.header, each.why) for each in proposal.unused] == [("Date", "unknown")]


def test_values_that_speak_against_a_name_make_it_unsure() -> None:
    fits = propose_text("Order No,Customer,Paid at,Total\nA1,Ann,2026-01-02,3.50\nA2,Bob,2026-01-03,4.00\n")
    not_so = propose_text("Order No,Customer,Paid at,Total\nA1,Ann,counter,3.50\nA2,Bob,bank,4.00\n")

    assert fits.columns[Field.PAID_AT].confidence > SURE
    assert Field.PAID_AT not in not_so.columns or not_so.columns[Field.PAID_AT].confidence < 0.5


def test_an_amount_is_the_lines_where_it_is_price_times_quantity_whatever_it_is_called() -> None:
    lines = propose_text("Order No,SKU,Qty,Price,Total\nA1,X,2,3.50,7.00\nA1,Y,3,2.00,6.00\nA2,X,4,3.50,14.00\n")
    orders = propose_text(
        "Order No,SKU,Qty,Price,Amount\nA1,X,2,3.50,13.00\nA1,Y,3,2.00,13.00\nA2,X,4,3.50,15.00\nA2,Y,1,1.00,15.00\n"
    )

    assert lines.columns[Field.LINE_TOTAL].header == "Total"
    assert Field.TOTAL not in lines.columns
    assert orders.columns[Field.TOTAL].header == "Amount"
    assert Field.LINE_TOTAL not in orders.columns


@pytest.mark.parametrize("amounts", [("8897.00", "5647.00"), ("2012.10", "1999.12"), ("1,234.50", "12897.00")])
def test_an_amount_that_looks_like_a_month_stays_an_amount(amounts: tuple[str, str]) -> None:
    proposal = propose_text(f'Order number,Customer ID,Order total\nA1,C1,"{amounts[0]}"\nA2,C2,"{amounts[1]}"\n')

    assert proposal.columns[Field.TOTAL].header == "Order total"
    assert proposal.missing == ()


def test_a_discount_is_a_share_or_an_amount_by_its_values() -> None:
    share = propose_text("Order No,SKU,Qty,Price,Discount\nA1,X,2,3.50,0.1\nA2,X,4,3.50,0\n")
    money = propose_text("Order No,SKU,Qty,Price,Discount\nA1,X,2,3.50,12.50\nA2,X,4,3.50,3.00\n")

    assert Field.DISCOUNT in share.columns
    assert Field.DISCOUNT_AMOUNT in money.columns
    assert Field.DISCOUNT not in money.columns


def test_what_is_needed_and_not_named_is_stood_in_for_and_is_not_sure() -> None:
    proposal = propose_text("InvoiceNo,Contact,Total\n536365,Ann Lee,3.50\n536366,Bob Ray,4.00\n", Kind.ORDERS)

    assert proposal.columns[Field.ORDER_NUMBER].header == "InvoiceNo"
    assert proposal.columns[Field.CUSTOMER_NAME].header == "Contact"
    assert proposal.columns[Field.CUSTOMER_NAME].reason == "stands_in"
    assert proposal.confidence < SURE


def test_a_total_stands_in_for_the_amount_of_a_line_and_stays_the_total() -> None:
    proposal = propose_text(
        "订单编号,买家会员名,总金额,宝贝标题,宝贝总数量\nA1,cat,110.00,A4打印纸,2\nA2,dog,50.00,墨盒,1\n"
    )

    assert proposal.columns[Field.TOTAL].header == proposal.columns[Field.LINE_TOTAL].header == "总金额"
    assert proposal.columns[Field.TOTAL].confidence > SURE > proposal.columns[Field.LINE_TOTAL].confidence


def test_columns_without_names_are_known_by_their_values_where_those_tell() -> None:
    proposal = propose_text(
        "订单号,客户,金额,x1,x2\nA1,华星,3,ann@example.com,13800138000\nA2,明月,4,bob@example.com,13900139000\n"
        "A3,东方,5,cy@example.com,15012345678\n"
    )

    assert proposal.columns[Field.EMAIL].reason == proposal.columns[Field.PHONE].reason == "values"
    assert proposal.columns[Field.EMAIL].confidence < SURE


def test_a_file_without_what_is_needed_says_what_is_wanted_and_what_was_found() -> None:
    (table,) = open_tables(Source.held("x.csv", b"colour,shape\nred,round\n"))

    with pytest.raises(ColumnsNotRecognised, match=r"order number.*among: colour, shape"):
        recognised(table, Kind.ORDERS)


def test_a_sheet_of_instructions_beside_the_orders_is_left_out_and_told() -> None:
    def table(name: str, text: str) -> Table:
        return open_tables(Source.held(name, text.encode()))[0]

    words = table("help.csv", "Please read,this first\nfill in,all sheets\n")
    orders = table("orders.csv", "Order No,Customer,Total\nA1,Ann,3.50\n")

    found = recognised_among([words, orders])

    assert [(one.name, proposal.kind) for one, proposal in found] == [("orders.csv", Kind.ORDERS)]
    assert [(note.code, note.about) for note in orders.notes] == [("sheet_not_recognised", "help.csv")]
    with pytest.raises(ColumnsNotRecognised):
        recognised_among([words])


def test_a_mapping_decides_what_it_names_and_the_rest_is_recognised_or_not() -> None:
    text = "Order No,Ref,Customer,Total,Email\nA1,R1,Ann,3.50,a@example.com\nA2,R2,Bob,4.00,b@example.com\n"
    named = Mapping(
        Kind.ORDERS, columns={Field.ORDER_NUMBER: "ref", Field.NOTE: "no such"}, dropped=frozenset({Field.EMAIL})
    )
    alone = Mapping(
        Kind.ORDERS, columns={Field.ORDER_NUMBER: "#2"}, constants={Field.CUSTOMER_NAME: "Ann"}, guess=False
    )

    first, second = propose_text(text, mapping=named), propose_text(text, mapping=alone)

    assert (first.columns[Field.ORDER_NUMBER].header, first.columns[Field.ORDER_NUMBER].reason) == ("Ref", "mapping")
    assert first.columns[Field.TOTAL].header == "Total"
    assert Field.EMAIL not in first.columns
    assert [(each.header, each.why) for each in first.unused if each.header == "Email"] == [("Email", "dropped")]
    assert first.absent == ("no such",)
    assert set(second.columns) == {Field.ORDER_NUMBER}
    assert second.missing == ((Field.TOTAL,),)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("sheet", ["orders", "lines", "customers", "products", "stock", "shipments"])
def test_what_we_export_is_recognised(sheet: str, language: str) -> None:
    exports = yaml.safe_load((ROOT / "deskhand" / "erp" / "exports.yml").read_text(encoding="utf-8"))
    header = [names[language] for names in exports[sheet].values()]
    kind = Kind.ORDERS if sheet == "lines" else Kind(sheet)

    proposal = propose_columns(header, [])
    told = propose_columns(header, [], kind)

    assert proposal.kind is kind
    assert told.missing == ()
