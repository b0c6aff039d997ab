"""What the actions keep in memory belongs to one company; one that comes later has its own at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from actions.ask_help import AskHelpAction
from actions.catalogue import Catalogues
from actions.query_order import QueryOrderAction
from actions.turn import OWN_WORDS
from deskhand.orders.tenant import Tenant
from deskhand.store import Desk
from deskhand.store.demo import PRODUCTS, load_demo
from tests.support.bench import Bench
from tests.support.desks import OTHER_TENANT, TENANT, demo_database, open_desk


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Desk]:
    """Two companies with the same numbers of goods, called and priced differently."""
    made = open_desk(demo_database(tmp_path))
    with made.unit_of_work(OTHER_TENANT) as uow:
        uow.products.add(
            replace(PRODUCTS[0], name_zh="机密纸", name_en="secret paper", aliases=()), {"main": Decimal(1)}
        )
        uow.commit()
    yield made
    made.close()


def test_the_catalogue_of_one_company_never_answers_for_another(both: Desk) -> None:
    catalogues, names = Catalogues(both), {}
    for company in (TENANT, OTHER_TENANT, TENANT):
        with both.unit_of_work(company, read_only=True) as uow:
            names[company] = catalogues.of(uow).product_name("PAPER-A4", "en")

    assert names == {TENANT: "A4 paper", OTHER_TENANT: "secret paper"}
    with both.unit_of_work(OTHER_TENANT, read_only=True) as uow:
        assert set(catalogues.of(uow).products) == {"PAPER-A4"}
        assert catalogues.of(uow).customers == {}


def in_own_words(bench: Bench, **texts: dict[str, str]) -> None:
    tenants = dict(bench.desk.tenants)
    bench.desk.tenants = {**tenants, TENANT: replace(tenants[TENANT], texts=texts)}


async def test_a_company_says_a_sentence_and_names_a_card_in_its_own_words_in_the_language_it_has_them_in(
    bench: Bench,
) -> None:
    number = bench.placed().number
    before = await bench.run(AskHelpAction, "clerk", "help", language="en")
    in_own_words(bench, **{"utter_help": {"en": "Just ask."}, "titles.order": {"en": "No. {number}"}})

    english = await bench.run(AskHelpAction, "clerk", "help", language="en")
    chinese = await bench.run(AskHelpAction, "clerk", "帮助", language="zh")
    asked = await bench.run(QueryOrderAction, "clerk", f"where is {number}?", language="en")

    (ours,), (own,), (other,) = (said.messages for said in (before, english, chinese))
    assert not ours["text"] and not other["text"] and OWN_WORDS not in other
    assert (own["response"], own["text"], own[OWN_WORDS]) == ("utter_help", "Just ask.", True)
    assert asked.card["title"] == f"No. {number}"


async def test_the_facts_of_a_sentence_stand_in_a_companys_own_words(bench: Bench) -> None:
    in_own_words(bench, utter_not_found={"zh": "没有{number}，{unheard}请核对{__class__}"})

    said = await bench.run(QueryOrderAction, "clerk", "SO-9999到哪了")

    assert said.values("utter_not_found")["text"] == "没有SO-9999，请核对"


def test_a_company_that_comes_while_the_server_runs_has_its_catalogue_with_the_first_message(both: Desk) -> None:
    catalogues = Catalogues(both)
    with both.unit_of_work(TENANT, read_only=True) as uow:
        catalogues.of(uow)
    assert isinstance(both.tenants, dict)
    both.tenants["acme"] = Tenant("acme", "Acme")
    load_demo(both, "acme")

    with both.unit_of_work("acme", read_only=True) as uow:
        assert "PAPER-A4" in catalogues.of(uow).products
