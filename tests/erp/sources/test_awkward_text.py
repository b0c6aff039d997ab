"""Text tables as shops and business systems really write them: the header, the rows and what was left out."""

# ruff: noqa: E501 - each file as it is

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from deskhand.erp.sources import Source, Table, Why, open_tables

Rows = list[tuple[int, list[str]]]


@dataclass
class Awkward:
    """One file, and what must be read in it. `rows`: line and values of each record."""

    name: str
    text: str
    header: list[str]
    rows: Rows
    encoding: str = "utf-8"
    left_out: list[tuple[int, str]] = field(default_factory=list)
    told: str = ""
    raw: bytes | None = None

    @property
    def data(self) -> bytes:
        return self.raw if self.raw is not None else self.text.encode(self.encoding)


def lines(*values: str, start: int = 2) -> Rows:
    return [(start + position, value.split("|")) for position, value in enumerate(values)]


H = ["订单号", "客户", "数量"]
E = ["Order", "Customer", "Qty"]
AWKWARD = [
    Awkward("comma", "Order,Customer,Qty\nA1,Ann,2\nA2,Bob,3\n", E, lines("A1|Ann|2", "A2|Bob|3")),
    Awkward("no last line end", "Order,Customer,Qty\nA1,Ann,2", E, lines("A1|Ann|2")),
    Awkward("semicolon with decimal commas", "Order;Customer;Price\nA1;Ann;1,50\nA2;Bob;2,75\n", ["Order", "Customer", "Price"],
            lines("A1|Ann|1,50", "A2|Bob|2,75"), told="semicolon"),
    Awkward("tab", "Order\tCustomer\tQty\nA1\tAnn, Ltd\t2\n", E, lines("A1|Ann, Ltd|2")),
    Awkward("pipe", "Order|Customer|Qty\nA1|Ann|2\n", E, lines("A1|Ann|2")),
    Awkward("caret", "Order^Customer^Qty\nA1^Ann^2\n", E, lines("A1|Ann|2"), told="caret"),
    Awkward("tilde", "Order~Customer~Qty\nA1~Ann~2\nA2~Bob~3\n", E, lines("A1|Ann|2", "A2|Bob|3")),
    Awkward("control-A", "Order\x01Customer\x01Qty\nA1\x01Ann\x012\n", E, lines("A1|Ann|2")),
    Awkward("two pipes", "Order||Customer||Qty\nA1||Ann||2\nA2||||3\n", E, lines("A1|Ann|2", "A2||3")),
    Awkward("pipe, tilde, pipe", "Order|~|Customer|~|Qty\nA1|~|Ann|~|2\n", E, lines("A1|Ann|2")),
    Awkward("spaces", "Order    Customer     Qty\nA1       Ann Lee      2\nA2       Bob          3\n", E,
            lines("A1|Ann Lee|2", "A2|Bob|3")),
    Awkward("CR only", "Order,Customer,Qty\rA1,Ann,2\rA2,Bob,3\r", E, lines("A1|Ann|2", "A2|Bob|3")),
    Awkward("CRLF", "Order,Customer,Qty\r\nA1,Ann,2\r\n", E, lines("A1|Ann|2")),
    Awkward("mixed line ends", "Order,Customer,Qty\r\nA1,Ann,2\nA2,Bob,3\rA3,Cy,4\r\n", E,
            lines("A1|Ann|2", "A2|Bob|3", "A3|Cy|4")),
    Awkward("a word processor's quotes", "Order,Customer,Qty\nA1,“Acme, Inc.”,2\nA2,“Bob”,3\nA3,“The “old” 15\" mill, York”,4\n", E,
            lines("A1|Acme, Inc.|2", "A2|Bob|3", 'A3|The “old” 15" mill, York|4'), told="quote “"),
    Awkward("guillemets", "Order;Customer;Qty\r\n«A1»;«Dupont; fils»;«2»\r\n«A2»;«Léa»;«3»\r\n", E,
            lines("A1|Dupont; fils|2", "A2|Léa|3"), told="quote «"),
    Awkward("names between a word processor's quotes are no quoted values", "Order,Customer,Qty\nA1,Ann “the” Lee,2\nA2,“Bob” & Co,3\n", E,
            lines("A1|Ann “the” Lee|2", "A2|“Bob” & Co|3")),
    Awkward("doubled quotes", 'Order,Customer,Qty\nA1,"Ann ""the"" Lee, Ltd",2\n', E, lines('A1|Ann "the" Lee, Ltd|2')),
    Awkward("commas of names, unquoted, in most rows", "Order,Qty,Customer\nA1,2,Acme, Inc.\nA2,3,Bob\nA3,4,Cy, Ltd, London\nA4,5,Dee, Inc.\n",
            ["Order", "Qty", "Customer"], lines("A1|2|Acme, Inc.", "A2|3|Bob", "A3|4|Cy, Ltd, London", "A4|5|Dee, Inc."),
            left_out=[(2, "written_otherwise"), (4, "written_otherwise"), (5, "written_otherwise")]),
    Awkward("commas of names before other values", "Order,Customer,Qty\nA1,Acme, Inc.,2\nA2,Bob,3\nA3,Cy, Ltd,4\n", E,
            lines("A1|Acme, Inc.|2", "A2|Bob|3", "A3|Cy, Ltd|4"),
            left_out=[(2, "written_otherwise"), (4, "written_otherwise")]),
    Awkward("a value too many that is no part of a text", "Order,Customer,Qty\nA1,Ann,2\nA2,Bob,3,x\nA3,Cy,4\n", E,
            [(2, ["A1", "Ann", "2"]), (4, ["A3", "Cy", "4"])], left_out=[(3, "too_long")]),
    Awkward("backslashed quotes", 'Order,Customer,Qty\nA1,"Ann \\"the\\" Lee, Ltd",2\nA2,"B",3\n', E,
            lines('A1|Ann "the" Lee, Ltd|2', "A2|B|3")),
    Awkward("single quotes", "Order,Customer,Qty\n'A1','Lee, Ann','2'\n'A2','Bob','3'\n", E, lines("A1|Lee, Ann|2", "A2|Bob|3")),
    Awkward("everything quoted", '"Order","Customer","Qty"\n"A1","Ann","2"\n', E, lines("A1|Ann|2")),
    Awkward("a quote that is an inch", 'Order,Item,Qty\nA1,15" screen,2\nA2,Mug,1\n', ["Order", "Item", "Qty"],
            lines('A1|15" screen|2', "A2|Mug|1")),
    Awkward("a line break in quotes", 'Order,Customer,Qty\nA1,"12 High St\nLondon",2\nA2,Bob,3\n', E,
            [(2, ["A1", "12 High St\nLondon", "2"]), (4, ["A2", "Bob", "3"])]),
    Awkward("a quote that is never closed", 'Order,Customer,Qty\nA1,"Ann,2\nA2,Bob,3\nA3,Cy,4\n', E,
            lines("A1|Ann|2", "A2|Bob|3", "A3|Cy|4")),
    Awkward("a quote that another one closes much later",
            'Order,Customer,Qty\nA1,"Ann,2\nA2,Bob,3\nA3,Cy,4\nA4,"Di, Ltd",5\nA5,Ed,6\n', E,
            lines("A1|Ann|2", "A2|Bob|3", "A3|Cy|4", "A4|Di, Ltd|5", "A5|Ed|6")),
    Awkward("a mark of UTF-8", "\ufeffOrder,Customer,Qty\nA1,Änn,2\n", E, lines("A1|Änn|2")),
    Awkward("UTF-8 in Chinese", "订单号,客户,数量\nA1,华星,2\n", H, lines("A1|华星|2")),
    Awkward("UTF-16 with a mark", "订单号\t客户\t数量\nA1\t华星\t2\n", H, lines("A1|华星|2"), "utf-16"),
    Awkward("UTF-16 LE without a mark", "订单号\t客户\t数量\r\nA1\t华星\t2\r\n", H, lines("A1|华星|2"), "utf-16-le"),
    Awkward("UTF-16 BE without a mark", "订单号,客户,数量\nA1,华星,2\n", H, lines("A1|华星|2"), "utf-16-be"),
    Awkward("UTF-16 BE with a mark", "\ufeff订单号,客户,数量\nA1,华星,2\n", H, lines("A1|华星|2"), "utf-16-be"),
    Awkward("GB18030", "订单号,客户,数量\nA1,华星,2\nA2,喆鑫,1\n", H, lines("A1|华星|2", "A2|喆鑫|1"), "gb18030"),
    Awkward("GBK, one name only", "order_no,customer,qty\n1,张伟,2\n", ["order_no", "customer", "qty"], lines("1|张伟|2"), "gbk"),
    Awkward("Big5", "訂單編號,客戶名稱,數量\nA1,台灣晶片股份有限公司,2\n", ["訂單編號", "客戶名稱", "數量"],
            lines("A1|台灣晶片股份有限公司|2"), "big5"),
    Awkward("Big5, one name only", "order_no,customer,qty\n1,張偉,2\n", ["order_no", "customer", "qty"], lines("1|張偉|2"), "big5"),
    Awkward("Windows-1252", "Order,Customer,Price\n1,Café Müller,£5\n2,“Señor”,€7\n", ["Order", "Customer", "Price"],
            lines("1|Café Müller|£5", "2|“Señor”|€7"), "cp1252"),
    Awkward("Mac Roman", "Order,Customer\n1,José García\n2,Café Müller\n3,Men’s\n", ["Order", "Customer"],
            lines("1|José García", "2|Café Müller", "3|Men’s"), "mac-roman", told="mac-roman"),
    Awkward("Windows-1252 that would be letters in Mac Roman", "Order,Item\n1,Men’s 10–20\n2,Brand™\n", ["Order", "Item"],
            lines("1|Men’s 10–20", "2|Brand™"), "cp1252", told="cp1252"),
    Awkward("Windows-1252, one letter", "Order,Customer\n1,Jürgen\n", ["Order", "Customer"], lines("1|Jürgen"), "cp1252"),
    Awkward("Shift-JIS", "注文番号,お客様,数量\nA1,株式会社ヤマダ,2\n", ["注文番号", "お客様", "数量"], lines("A1|株式会社ヤマダ|2"), "cp932"),
    Awkward("letters that are not ASCII far down", "Order,Customer,Qty\n" + "A1,Ann,2\n" * 3000 + "A2,张伟,1\n", E,
            [(line, ["A1", "Ann", "2"]) for line in range(2, 3002)] + [(3002, ["A2", "张伟", "1"])], "gb18030"),
    Awkward("a wrong byte", "", E, lines("A1|Änn|2", "A2|B\ufffdb|3", "A3|Žofie|4"), left_out=[(3, "wrong_bytes")],
            raw="Order,Customer,Qty\nA1,Änn,2\nA2,B".encode() + b"\xff" + "b,3\nA3,Žofie,4\n".encode()),
    Awkward("titles above", "销售订单明细表\n导出时间：2026-01-02 10:00,,\n\n订单号,客户,数量\nA1,华星,2\n", H, lines("A1|华星|2", start=5),
            left_out=[(1, "preamble"), (2, "preamble")]),
    Awkward("names and values above", "客户：,华星公司,日期：,2026-01-02\n制单：,李娜,,\n订单号,商品,数量,单价\nA1,Mug,2,3.50\nA1,Cup,1,2.00\n",
            ["订单号", "商品", "数量", "单价"], lines("A1|Mug|2|3.50", "A1|Cup|1|2.00", start=4),
            left_out=[(1, "preamble"), (2, "preamble")]),
    Awkward("remarks of Alipay",
            "#支付宝账务明细查询\n#账号：[2088000]\n#---------账务明细列表---------\n订单号\t,客户\t,数量\nA1\t,华星\t,2\nA2\t,明月\t,1\n#---------账务明细列表结束---------\n#导出时间：[2026年]\n",
            H, lines("A1|华星|2", "A2|明月|1", start=5),
            left_out=[(1, "preamble"), (2, "preamble"), (3, "preamble"), (7, "footer"), (8, "footer")]),
    Awkward("sep=", "sep=;\nOrder;Customer;Qty\nA1;Ann, Ltd;2\n", E, lines("A1|Ann, Ltd|2", start=3)),
    Awkward("the header once more on each page", "订单号,客户,数量\nA1,华星,2\n订单号,客户,数量\nA2,明月,1\n", H,
            [(2, ["A1", "华星", "2"]), (4, ["A2", "明月", "1"])], left_out=[(3, "repeated_header")]),
    Awkward("a header of two rows", "订单,,收货,,\n编号,日期,姓名,电话,地址\nA1,2026-01-02,李娜,13800138000,南山路1号\nA2,2026-01-03,王磊,13900139000,北京路2号\n",
            ["订单: 编号", "订单: 日期", "收货: 姓名", "收货: 电话", "收货: 地址"],
            lines("A1|2026-01-02|李娜|13800138000|南山路1号", "A2|2026-01-03|王磊|13900139000|北京路2号", start=3)),
    Awkward("a header in two languages", "订单号,客户,数量\nOrder,Customer,Qty\nA1,Ann,2\nA2,Bob,3\n", H, lines("A1|Ann|2", "A2|Bob|3", start=3)),
    Awkward("sums", "订单号,客户,数量\nA1,华星,2\n小计,,2\nA2,明月,1\n小计：,,1\n合计,,3\n", H,
            [(2, ["A1", "华星", "2"]), (4, ["A2", "明月", "1"])], left_out=[(3, "totals"), (5, "totals"), (6, "totals")]),
    Awkward("sums in English", "Order,Customer,Qty,Price\nA1,Ann,2,3.5\nSubtotal,,2,\nA2,Bob,1,4\nGrand Total:,,3,10.5\n",
            ["Order", "Customer", "Qty", "Price"], [(2, ["A1", "Ann", "2", "3.5"]), (4, ["A2", "Bob", "1", "4"])],
            left_out=[(3, "totals"), (5, "totals")]),
    Awkward("a sum in a later column", "订单号,客户,数量,金额\nA1,华星,2,3.00\n,,合计,3.00\n", ["订单号", "客户", "数量", "金额"],
            lines("A1|华星|2|3.00"), left_out=[(3, "totals")]),
    Awkward("a customer called Total", "Order,Customer,Qty\nA1,Total,2\nTotal 7,Shell,3\n", E, lines("A1|Total|2", "Total 7|Shell|3")),
    Awkward("remarks below", "订单号,客户,数量\nA1,华星,2\n\n制表人：张三\n第 1 页 共 1 页\n", H, lines("A1|华星|2"),
            left_out=[(4, "footer"), (5, "footer")]),
    Awkward("what a database client prints", " id | customer | qty\n----+----------+-----\n A1 | Ann      |   2\n A2 | Bob      |   3\n(2 rows)\n",
            ["id", "customer", "qty"], [(3, [" A1 ", " Ann      ", "   2"]), (4, [" A2 ", " Bob      ", "   3"])],
            left_out=[(2, "footer"), (5, "footer")]),
    Awkward("rows that are too short and too long", "Order,Customer,Qty\nA1,Ann\nA2,Bob,3,,\nA3,Lee,Cy,4\nA4,Di,5\n", E,
            [(2, ["A1", "Ann", ""]), (3, ["A2", "Bob", "3"]), (5, ["A4", "Di", "5"])],
            left_out=[(2, "too_short"), (4, "too_long")]),
    Awkward("blank lines", "\n\nOrder,Customer,Qty\n\nA1,Ann,2\n,,\n   \nA2,Bob,3\n\n", E,
            [(5, ["A1", "Ann", "2"]), (8, ["A2", "Bob", "3"])]),
    Awkward("empty columns", "Order,,Customer,Qty,\nA1,,Ann,2,\nA2,,Bob,3,\n", ["Order", "", "Customer", "Qty"],
            lines("A1||Ann|2", "A2||Bob|3")),
    Awkward("one name twice", "Order,Name,Name,Qty\nA1,Ann,Mug,2\n", ["Order", "Name", "Name", "Qty"], lines("A1|Ann|Mug|2")),
    Awkward("numbers that Excel must not touch", "订单编号,运单号,电话\n=\"0012345678901234567\",'SF123,\"=\"\"13800138000\"\"\"\n",
            ["订单编号", "运单号", "电话"], lines("0012345678901234567|'SF123|13800138000")),
    Awkward("apostrophes before digits", "订单编号,名称\n'00123,'t Hooft\n'-5,O'Neil\n", ["订单编号", "名称"], lines("00123|'t Hooft", "-5|O'Neil")),
    Awkward("tabs beside values", "订单编号,金额\n\t3012345678901234567,12.50\n3012345678901234568\t,13\n", ["订单编号", "金额"],
            lines("3012345678901234567|12.50", "3012345678901234568|13")),
    Awkward("spaces after commas", 'Order, Customer, Qty\nA1, "Lee, Ann", 2\nA2, Bob, 3\n', E, lines("A1|Lee, Ann|2", "A2|Bob|3")),
    Awkward("thousands in quotes", 'Order,Customer,Total\nA1,Ann,"1,234.50"\nA2,Bob,"12,000"\n', ["Order", "Customer", "Total"],
            lines("A1|Ann|1,234.50", "A2|Bob|12,000")),
    Awkward("full-width commas", "订单号，客户，数量\nA1，华星，2\nA2，明月，1\n", H, lines("A1|华星|2", "A2|明月|1")),
    Awkward("times with colons", "Order;Time;Customer\nA1;10:20:30;Ann\nA2;11:20:30;Bob\n", ["Order", "Time", "Customer"],
            lines("A1|10:20:30|Ann", "A2|11:20:30|Bob")),
    Awkward("addresses with everything", 'Order|Customer|Address\nA1|Ann|"1, High St; Flat 2 | London"\nA2|Bob|2, Low St\n',
            ["Order", "Customer", "Address"], [(2, ["A1", "Ann", "1, High St; Flat 2 | London"]), (3, ["A2", "Bob", "2, Low St"])]),
    Awkward("a row parted by another sign",
            "Order,Customer,Item,Qty\nA1,Ann,Mug,2\nA2;Bob;Cup, blue;3\nA3\tCy\tCup\t4\nA4,Di,Mug,5\n", ["Order", "Customer", "Item", "Qty"],
            lines("A1|Ann|Mug|2", "A2|Bob|Cup, blue|3", "A3|Cy|Cup|4", "A4|Di|Mug|5"),
            left_out=[(3, "written_otherwise"), (4, "written_otherwise")]),
    Awkward("a row quoted as one value", 'Order,Customer,Item,Qty\nA1,Ann,Mug,2\n"A2,""Lee, Bob"",Cup,3"\nA3,Cy,Mug,4\n',
            ["Order", "Customer", "Item", "Qty"], lines("A1|Ann|Mug|2", "A2|Lee, Bob|Cup|3", "A3|Cy|Mug|4"),
            left_out=[(3, "written_otherwise")]),
    Awkward("a row that nobody can part is no remark", "Order,Customer,Item,Qty\nA1,Ann,Mug,2\nA2;Bob;Cup\nA3,Cy,Mug,4\n",
            ["Order", "Customer", "Item", "Qty"], lines("A1|Ann|Mug|2", "A2;Bob;Cup|||", "A3|Cy|Mug|4"), left_out=[(3, "too_short")]),
    Awkward("every row quoted as one value", '"Order ID,Order Date,Customer,SKU,Note"\n"A1,2024-01-05,Ann,M-1,"\n"A2,2024-01-06,""Lee, Bob"",M-2,x"\n',
            ["Order ID", "Order Date", "Customer", "SKU", "Note"],
            lines("A1|2024-01-05|Ann|M-1|", "A2|2024-01-06|Lee, Bob|M-2|x")),
    Awkward("a header without the last name", "Order,Customer,Qty\nA1,Ann,2,\nA2,Bob,3,by noon\nA3,Cy,4,\n", ["Order", "Customer", "Qty", ""],
            lines("A1|Ann|2|", "A2|Bob|3|by noon", "A3|Cy|4|")),
    Awkward("a header without a name for the numbers of rows", "Order,Customer,Qty\n1,A1,Ann,2\n2,A2,Bob,3\n3,A3,Cy,4\n", ["", "Order", "Customer", "Qty"],
            lines("1|A1|Ann|2", "2|A2|Bob|3", "3|A3|Cy|4")),
    Awkward("one space", 'Order Customer Qty "Unit Price"\nA1 "Lee, Ann" 2 1.50\nA2 Bob 3 2\n', ["Order", "Customer", "Qty", "Unit Price"],
            lines("A1|Lee, Ann|2|1.50", "A2|Bob|3|2")),
    Awkward("a sign that nobody uses", "Order#Customer#Qty#Price\nA1#Lee, Ann#2#1.50\nA2#Bob#3#2\n", ["Order", "Customer", "Qty", "Price"],
            lines("A1|Lee, Ann|2|1.50", "A2|Bob|3|2")),
    Awkward("two signs that nobody uses", "Order<>Customer<>Qty<>Price\nA1<>Lee, Ann<>2<>1.50\nA2<><>3<>2\n", ["Order", "Customer", "Qty", "Price"],
            lines("A1|Lee, Ann|2|1.50", "A2||3|2")),
    Awkward("back quotes", "Order,Customer,Qty\n`A1`,`Lee, Ann`,`2`\n`A2`,`Bob`,`3`\n", E, lines("A1|Lee, Ann|2", "A2|Bob|3")),
    Awkward("a backslash before commas", "Order,Customer,Qty\nA1,Lee\\, Ann,2\nA2,Bob,3\nA3,Ray\\, Cy,4\n", E, lines("A1|Lee, Ann|2", "A2|Bob|3", "A3|Ray, Cy|4")),
    Awkward("a backslash before inches", '"Order","Item","Qty"\n"A1","3.5\\" disk","2"\n"A2","Mug","3"\n', ["Order", "Item", "Qty"],
            lines('A1|3.5" disk|2', "A2|Mug|3")),
    Awkward("quotes within quotes as they are", '"Order","Item","Qty"\n"A1","The 3.5" disk","2"\n"A2","6" x 9" box","3"\n', ["Order", "Item", "Qty"],
            lines('A1|The 3.5" disk|2', 'A2|6" x 9" box|3')),
    Awkward("one record", "订单号,客户,数量\nA1,华星,2\n", H, lines("A1|华星|2")),
    Awkward("a header alone", "Order,Customer,Qty\n", E, []),
    Awkward("no header", "1001,2026-01-02,Ann,3\n1002,2026-01-03,Bob,4\n", ["#1", "#2", "#3", "#4"],
            lines("1001|2026-01-02|Ann|3", "1002|2026-01-03|Bob|4", start=1)),
    Awkward("technical names above the real ones", "VBELN,KUNNR,KWMENG\nSales Document,Customer,Order Quantity\n4711,17,2\n4712,18,3\n",
            ["VBELN", "KUNNR", "KWMENG"], lines("4711|17|2", "4712|18|3", start=3)),
]  # fmt: skip


def read(data: bytes, name: str = "orders.csv") -> tuple[Table, Rows]:
    table = open_tables(Source.held(name, data))[0]
    rows = [
        (line, [str(cell) for cell in row])
        for batch in table.batches()
        for line, row in zip(batch.lines, batch.rows, strict=True)
    ]
    return table, rows


@pytest.mark.parametrize("awkward", AWKWARD, ids=lambda each: each.name)
def test_an_awkward_text_is_read_as_it_was_meant(awkward: Awkward) -> None:
    table, rows = read(awkward.data)

    assert list(table.header) == awkward.header, table.told
    assert rows == awkward.rows, table.told
    assert awkward.told in table.told
    if awkward.left_out:
        assert [
            (each.line, str(each.why)) for each in sorted(table.skipped, key=lambda each: each.line)
        ] == awkward.left_out


def test_every_record_is_read_the_same_on_a_second_pass_while_the_first_is_open() -> None:
    table = open_tables(Source.held("a.csv", b"Order,Qty\n" + b"A1,2\n" * 12_000 + b"A2\n"))[0]

    first = table.batches()
    some = next(first)
    again = [row for batch in table.batches() for row in batch.rows]
    rest = [row for batch in first for row in batch.rows]

    assert [*some.rows, *rest] == again
    assert len(again) == 12_001
    assert [(each.line, each.why) for each in table.skipped] == [(12_002, Why.TOO_SHORT)]


def test_what_is_left_out_keeps_its_values_and_is_counted() -> None:
    table, _ = read(b"Order,Qty\nA1,2,x,y\n,\n,\nA2,3\n")

    assert [(each.line, each.values) for each in table.skipped] == [(2, ("A1", "2", "x", "y"))]
    assert table.leftovers.counts[Why.BLANK] == 2
