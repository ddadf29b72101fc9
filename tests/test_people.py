"""Who the partner is, and how to speak of them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from assistant.content.language import Language, load_language
from assistant.guided.people import Partner, find_partner

ROOT = Path(__file__).resolve().parent.parent


@cache
def language() -> Language:
    return load_language(ROOT / "knowledge")


@pytest.mark.parametrize(
    ("texts", "reference", "pronoun"),
    [
        (["my husband forgot my birthday"], "your husband", "he"),
        (["My wife left and she took the car"], "your wife", "she"),
        (["as a woman I love my wife, she is great"], "your wife", "she"),
        (["I'm a guy and my boyfriend yelled at me"], "your boyfriend", "he"),
        (["my bf cancelled"], "your boyfriend", "he"),
        (["my gf cancelled"], "your girlfriend", "she"),
        (["my hubby snores"], "your husband", "he"),
        (["my partner forgot my birthday"], "your partner", "they"),
        (["my partner forgot my birthday and he laughed"], "your partner", "he"),
        (["my partner forgot", "she said sorry"], "your partner", "she"),
        (["my partner told me they need space"], "your partner", "they"),
        (["My spouse never helps"], "your spouse", "they"),
        (["my fiancé left his keys"], "your fiancé", "he"),
        (["my fiancée left her keys"], "your fiancée", "she"),
        (["my ex texted me, he wants to meet"], "your ex", "he"),
        (["my ex-husband called"], "your ex-husband", "he"),
        (["my ex husband called"], "your ex-husband", "he"),
        (["my significant other moved out"], "your partner", "they"),
        (["my SO moved out"], "your partner", "they"),
        (["my boyfriend Tom cancelled"], "Tom", "he"),
        (["Tom (my boyfriend) cancelled"], "Tom", "he"),
        (["Tom, my boyfriend, cancelled"], "Tom", "he"),
        (["my wife, Sarah, left"], "Sarah", "she"),
        (["my partner Sam said her mom is ill"], "Sam", "she"),
        (["my wife Alex left"], "Alex", "she"),
        (["Tom forgot our anniversary"], "Tom", "he"),
        (["he ignored me all night"], "your partner", "he"),
        (["hello"], "your partner", "they"),
        ([], "your partner", "they"),
        (["my sister laughed at me and she left"], "your partner", "they"),
        (["my boss yelled at me"], "your partner", "they"),
        (["my mom says she hates my husband"], "your husband", "he"),
        (["my husband forgot", "he said sorry", "he left"], "your husband", "he"),
        (["my husband still texts his ex"], "your husband", "he"),
        (["my boyfriend met my ex"], "your boyfriend", "he"),
        (["my business partner stole from me", "my wife knows"], "your wife", "she"),
        (["my sister's husband was rude"], "your partner", "they"),
        (["my friend Tom came over", "my wife yelled"], "your wife", "she"),
        (["my brother Dan said so"], "your partner", "they"),
        (["my boyfriend Tom cancelled", "Tom called again"], "Tom", "he"),
        (["MY HUSBAND FORGOT MY BIRTHDAY"], "your husband", "he"),
        (["my husband's phone rang"], "your husband", "he"),
    ],
)
def test_partner(texts: list[str], reference: str, pronoun: str) -> None:
    assert find_partner(texts, language()) == Partner(reference, pronoun)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pronoun", "them", "their"),
    [("he", "him", "his"), ("she", "her", "her"), ("they", "them", "their")],
)
def test_forms(pronoun: str, them: str, their: str) -> None:
    partner = Partner("Sam", pronoun)  # type: ignore[arg-type]
    assert (partner.them, partner.their) == (them, their)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=120), max_size=4))
def test_any_messages_give_a_partner(texts: list[str]) -> None:
    partner = find_partner(texts, language())
    assert partner.reference
    assert partner.pronoun in ("he", "she", "they")
