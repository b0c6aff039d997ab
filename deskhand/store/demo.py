"""The demo's company: a small catalogue with stock, a few customers, users of each role. No passwords.

Two of them are managers: four eyes need the second one.
"""

from __future__ import annotations

from decimal import Decimal

from deskhand.orders.model import Customer, Product
from deskhand.orders.money import Money
from deskhand.orders.status import Role
from deskhand.store.desk import Desk
from deskhand.store.records import User

_CNY = "CNY"


def _product(sku: str, zh: str, en: str, price: str, unit: str, weight: str, *aliases: str, **packs: int) -> Product:
    units = {unit: Decimal(1)} | {pack: Decimal(size) for pack, size in packs.items()}
    return Product(sku, zh, en, unit, units, Money(Decimal(price), _CNY), aliases, Decimal(weight))


PRODUCTS = (
    _product("PAPER-A4", "A4纸", "A4 paper", "25.00", "pack", "2.5", "打印纸", "复印纸", "A4 copy paper", box=10),
    _product("PAPER-A3", "A3纸", "A3 paper", "48.00", "pack", "5", "A3打印纸", "A3 copy paper", box=5),
    _product("PRN-L100", "激光打印机", "laser printer", "1299.00", "unit", "9.8", "打印机", "printer", "L100"),
    _product("CHR-200", "办公椅", "office chair", "459.00", "chair", "14", "椅子", "chair", "转椅"),
    _product("TNR-L100", "硒鼓", "toner cartridge", "289.00", "piece", "0.9", "toner", "墨粉", "粉盒"),
    _product("STP-24", "订书机", "stapler", "19.90", "piece", "0.3", "staplers", box=12),
    _product("NTB-A5", "笔记本", "notebook", "8.50", "book", "0.25", "A5笔记本", "记事本", "notebooks", box=40),
    _product(
        "PEN-BLK", "黑色中性笔", "black gel pen", "2.50", "pen", "0.02", "中性笔", "黑笔", "pen", "pens", inner_box=12
    ),
    _product("WBD-120", "白板", "whiteboard", "239.00", "sheet", "8", "120x90白板", "white board"),
    _product("LMP-LED", "台灯", "desk lamp", "129.00", "lamp", "1.2", "LED台灯", "lamp"),
    _product("ENV-DL", "信封", "envelope", "12.00", "pack", "0.5", "DL信封", "envelopes", box=20),
    _product("FLD-A4", "文件夹", "folder", "6.80", "piece", "0.2", "A4文件夹", "ring binder", "folders", box=24),
)

CUSTOMERS = (
    Customer(
        "huaxing", "华星科技有限公司", ("华星", "Huaxing", "Huaxing Technology"), "buyer@huaxing.example",
        "上海市浦东新区张江路1号", "domestic", 30, "zh",
    ),
    Customer(
        "acme-ltd", "Acme Ltd", ("Acme Limited", "艾克米有限公司"), "orders@acme-ltd.example",
        "1 Harbour Road, Shanghai", "domestic", 30, "en",
    ),
    Customer(
        "acme-inc", "Acme Inc", ("Acme Incorporated", "艾克米公司"), "purchasing@acme-inc.example",
        "88 Nanjing West Road, Shanghai", "domestic", 14, "en",
    ),
    Customer(
        "dongfang", "东方贸易有限公司", ("东方贸易", "东方", "Dongfang Trading"), "caigou@dongfang.example",
        "杭州市西湖区文三路99号", "domestic", 0, "zh",
    ),
    Customer(
        "beifang", "北方办公用品有限公司", ("北方办公", "北方", "Beifang Office"), "office@beifang.example",
        "哈尔滨市南岗区红旗大街7号", "remote", 45, "zh",
    ),
)  # fmt: skip

WAREHOUSES = (("main", "主仓 Main"), ("east", "东仓 East"))


def _users(tenant: str) -> tuple[User, ...]:
    return (
        User("clerk", tenant, "clerk", "林晓 Lin Xiao", Role.SALES, None, "clerk@deskhand.example", "zh"),
        User(
            "warehouse",
            tenant,
            "warehouse",
            "王强 Wang Qiang",
            Role.WAREHOUSE,
            None,
            "warehouse@deskhand.example",
            "zh",
        ),
        User("finance", tenant, "finance", "陈静 Chen Jing", Role.FINANCE, None, "finance@deskhand.example", "zh"),
        User("manager", tenant, "manager", "赵敏 Zhao Min", Role.MANAGER, None, "manager@deskhand.example", "zh"),
        User("director", tenant, "director", "孙立 Sun Li", Role.MANAGER, None, "director@deskhand.example", "zh"),
        User("admin", tenant, "admin", "Admin", Role.ADMIN, None, "admin@deskhand.example", "en"),
        User("customer", tenant, "customer", "刘洋 Liu Yang", Role.CUSTOMER, "huaxing", "buyer@huaxing.example", "zh"),
        User("acme", tenant, "acme", "Anna Miller", Role.CUSTOMER, "acme-ltd", "orders@acme-ltd.example", "en"),
    )


def load_demo(desk: Desk, tenant: str = "demo") -> bool:
    """Fills an empty tenant; says whether there was anything to do."""
    with desk.unit_of_work(tenant) as uow:
        if uow.users.all():
            return False
        for code, name in WAREHOUSES:
            uow.warehouses.add(code, name)
        for number, product in enumerate(PRODUCTS):
            on_hand = Decimal(500 if number % 4 != 2 else 20)  # printers and the like are few: something to receive
            uow.products.add(product, {"main": on_hand, "east": Decimal(50)})
        uow.customers.add(*CUSTOMERS)
        for user in _users(tenant):
            uow.users.add(user)
        uow.commit()
    return True
