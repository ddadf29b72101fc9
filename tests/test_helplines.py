"""The helplines: every country can be helped, and no number is shown that nobody checked."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from assistant.content.helplines import Country, Helpline, Helplines, load_helplines
from assistant.errors import ContentError

KNOWLEDGE = Path(__file__).parent.parent / "knowledge"
HELPLINES = load_helplines(KNOWLEDGE)
CRISIS = {"suicide", "distress"}

by_country = pytest.mark.parametrize("country", HELPLINES.countries, ids=lambda c: c.code)
WANTED = (
    "US GB IE CA AU NZ IN ZA DE AT CH FR BE NL ES PT IT PL SE NO DK FI BR MX AR CL CO JP KR SG HK "
    "PH IL KE GR CZ HU RO UA"
)


def line(**changed: object) -> dict[str, object]:
    """A valid entry, with some keys changed or removed (``None``)."""
    entry: dict[str, object] = {
        "id": "xx-line",
        "name": "A Line",
        "help_for": ["suicide"],
        "about": "Someone to talk to.",
        "call": "100 200",
        "hours": "24/7",
        "source": "https://example.org",
        "checked": date(2026, 11, 23),
    }
    return {k: v for k, v in {**entry, **changed}.items() if v is not None}


def test_many_countries_are_covered() -> None:
    assert set(WANTED.split()) <= {c.code for c in HELPLINES.countries}


@by_country
def test_a_country_has_an_emergency_number(country: Country) -> None:
    assert re.search(r"\d{3}", country.emergency)


@by_country
def test_the_first_line_of_a_country_is_a_sure_crisis_line(country: Country) -> None:
    first = country.lines[0]
    assert set(first.help_for) >= CRISIS
    assert first.sure
    assert first.call


@by_country
def test_a_country_has_a_line_for_violence_by_a_partner(country: Country) -> None:
    assert any(x.sure and "partner_violence" in x.help_for for x in country.lines)


def test_nearly_every_country_has_a_line_for_children() -> None:
    without = [
        c.code
        for c in HELPLINES.countries
        if not any({"child_abuse", "young_people"} & set(x.help_for) for x in c.lines)
    ]
    assert without == ["MX"]


@by_country
def test_ids_begin_with_the_country_and_are_unique(country: Country) -> None:
    ids = [x.id for x in country.lines]
    assert len(set(ids)) == len(ids)
    assert all(i.startswith(f"{country.code.lower()}-") for i in ids)


@by_country
def test_what_a_line_is_about_fits_a_card(country: Country) -> None:
    for entry in country.lines:
        assert len(entry.about.split()) <= 24, entry.id
        assert len(entry.hours.split()) <= 6, entry.id


def test_an_unknown_country_gets_the_directory_and_no_national_number() -> None:
    for code in (None, "", "XX", "zz"):
        country = HELPLINES.country(code)
        assert country is HELPLINES.international
        assert not any(x.call for x in country.lines)
        assert country.lines[0].chat == "https://findahelpline.com"


def test_a_code_is_found_in_either_case() -> None:
    assert HELPLINES.country("gb").name == HELPLINES.country("GB").name == "United Kingdom"


def test_withdrawn_numbers_are_not_shown() -> None:
    shown = {x.call for c in HELPLINES.countries for x in c.lines}
    assert not shown & {
        "1-800-273-8255", "1393", "020-50 50 50", "0808 802 9999", "1800-599-0019", "0810 037 037"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"call": None}, "needs one of call, text and chat"),
        ({"checked": None}, "the day it was checked"),
        ({"chat": "http://example.org"}, "https://"),
        ({"help_for": ["everything"]}, "help_for"),
        ({"phone": "1"}, "phone"),
    ],
)
def test_a_bad_entry_names_what_is_wrong(
    tmp_path: Path, changed: dict[str, object], problem: str
) -> None:
    country = {"code": "XX", "name": "X land", "emergency": "112", "lines": [line(**changed)]}
    phrases = dict.fromkeys(("call", "text", "chat", "either", "unsure"), "by {name}")
    file = {"phrases": phrases, "international": country, "countries": [country] * 25}
    (tmp_path / "helplines.yaml").write_text(json.dumps(file, default=str), encoding="utf-8")
    with pytest.raises(ContentError, match=re.escape(problem)):
        load_helplines(tmp_path)


def test_a_line_that_is_not_sure_needs_no_day() -> None:
    entry = Helpline.model_validate(line(checked=None, sure=False))
    assert entry.checked is None
    assert entry.always_open


def test_a_country_may_stand_only_once() -> None:
    country = {"code": "XX", "name": "X land", "emergency": "112", "lines": [line()]}
    phrases = dict.fromkeys(("call", "text", "chat", "either", "unsure"), "by {name}")
    with pytest.raises(ValueError, match="stands twice"):
        Helplines.model_validate(
            {"phrases": phrases, "international": country, "countries": [country] * 25}
        )
