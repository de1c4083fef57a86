from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from prodimg_lab.errors import UnknownName, UsageError
from prodimg_lab.marketplaces import load_pack, packs

MINE = """\
name: mine
title: Our shop
read: 2026-11-01
sources: {handbook: {what: "brand handbook", kind: official}}
rules:
  - {check: side, of: longest, at_least: 2000, sources: [handbook]}
"""


def test_every_market_of_the_facts_has_a_pack() -> None:
    assert packs() == (
        "amazon-main",
        "amazon-secondary",
        "ebay",
        "etsy",
        "google-merchant",
        "shopify",
        "walmart",
        "zalando",
    )


@pytest.mark.parametrize("name", packs())
def test_every_rule_names_its_sources_and_the_day_they_were_read(name: str) -> None:
    pack = load_pack(name)
    assert pack.name == name and date(2026, 1, 1) < pack.read <= date(2026, 12, 31)
    assert all(rule.sources and set(rule.sources) <= set(pack.sources) for rule in pack.rules)
    assert len({rule.label for rule in pack.in_force(pack.read)}) == len(pack.in_force(pack.read))


def test_google_asks_for_500_pixels_from_the_last_of_january_2027() -> None:
    def least(day: date) -> list[int]:
        pack = load_pack("google-merchant")
        return [rule.at_least for rule in pack.in_force(day) if rule.label == "side" and rule.level == "must"]

    change = date(2027, 1, 31)
    assert least(change - timedelta(days=1)) == [100]
    assert least(change) == [500]


def test_a_day_on_which_no_rule_changes_keeps_the_cache_key() -> None:
    pack = load_pack("google-merchant")
    assert pack.canonical(date(2026, 12, 1)) == pack.canonical(date(2027, 1, 30))
    assert pack.canonical(date(2027, 1, 30)) != pack.canonical(date(2027, 1, 31))


def test_a_pack_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(MINE)
    assert [rule.label for rule in load_pack(file).rules] == ["side"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (MINE.replace("[handbook]", "[handbok]"), "no source 'handbok'; did you mean 'handbook'?"),
        (MINE.replace("check: side", "check: sides"), "sides"),
        (MINE.replace("2000", "0"), "at_least"),
        (MINE.replace("sources: [handbook]", "sources: []"), "sources"),
    ],
)
def test_a_wrong_pack_is_refused_with_file_and_line(tmp_path: Path, wrong: str, told: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(wrong)
    with pytest.raises(UsageError) as caught:
        load_pack(file)
    assert told in str(caught.value) and "mine.yaml:6" in str(caught.value)


def test_an_unknown_marketplace_names_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="did you mean 'etsy'"):
        load_pack("etsi")
