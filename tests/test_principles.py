"""The principles: complete, within their limits, in our own words, and safe to retrieve."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from assistant.content.principles import Principle, load_principles, load_sections

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT.parent / "shared" / "guide" / "emotional-safety.txt"
ABUSE = {"partner_violence", "sexual_violence", "child_abuse"}
COPY_LENGTH = 7

CHECKLIST = {
    "signs": """holding-back-feelings self-editing walking-on-eggshells lonely-together
        signs-of-safety noticing-is-the-first-step""",
    "definition": """what-emotional-safety-is safety-and-disagreement trust-as-goodwill
        vulnerability respect acceptance emotional-punishment""",
    "benefits": """why-safety-matters honesty-and-openness-loop less-defensive-listening
        less-stress-off-guard steadier-emotions secure-base-resilience""",
    "misconceptions": """never-fighting-is-not-safety one-argument-is-not-the-end
        culture-and-upbringing past-trauma anxious-attachment
        avoidant-attachment """,
    "communication": """active-listening reflecting-back i-statements from-blame-to-need
        validating-emotions validating-without-agreeing calm-voice open-body-and-eye-contact""",
    "rituals": """small-steady-rituals daily-check-in
        safe-time-and-place repair-attempt """,
    "boundaries": """boundaries-protect limits-as-needs time-to-yourself respecting-a-limit
        trust-in-small-things """,
    "repair": """acknowledging-the-hurt apology-without-excuses rebuilding-slowly
        couples-therapist""",
    "process": "process-not-goal one-small-thing-today noticing-an-ignored-feeling",
    "faq": """what-safety-feels-like how-long-it-takes different-styles-and-wounds
        safety-and-trust restoring-after-betrayal
        the-one-who-broke-trust the-one-who-was-hurt""",
}

TAUGHT = {
    "why-safety-matters": ["Gottman", "closeness"],
    "what-emotional-safety-is": ["trust", "vulnerability", "respect", "acceptance", "conflict"],
    "holding-back-feelings": ["anger", "worry", "disappointment", "peace"],
    "daily-check-in": ["ten to fifteen minutes"],
    "one-small-thing-today": ["five-minute check-in", "emotion"],
    "how-long-it-takes": ["months or years"],
    "anxious-attachment": ["reassurance"],
    "avoidant-attachment": ["vulnerable"],
    "culture-and-upbringing": ["cultures"],
    "one-argument-is-not-the-end": ["pattern", "repaired"],
    "the-one-who-broke-trust": ["open", "responsible", "patient"],
    "the-one-who-was-hurt": ["real change", "over time"],
    "couples-therapist": ["neutral", "tools"],
    "calm-voice": ["soothing"],
    "open-body-and-eye-contact": ["posture", "eye contact"],
}

STOCK = re.compile(
    r"thank you for sharing|sounds important|let's (?:unpack|explore|process)|inner critic"
    r"|takes courage|hold(?:ing)? space|\byour journey|\bvalid\b|i'll always be here|\btoxic\b"
    r"|narcissis|gaslight|you need to\b|you must\b|you should\b|you have to\b|look on the bright",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def principles() -> dict[str, Principle]:
    folder = ROOT / "knowledge"
    return {p.id: p for p in load_principles(folder, load_sections(folder))}


def words(text: str) -> list[str]:
    """The words of a text in small letters, without punctuation."""
    return re.findall(r"[a-z0-9']+", text.lower().replace("\u2019", "'"))


def own_lines(principle: Principle) -> list[str]:
    """Every line of ours that may be shown as advice: neither quoted hurt nor a question."""
    return [principle.title, principle.idea, *principle.say, principle.practice, principle.body]


def all_lines(principle: Principle) -> list[str]:
    return [*own_lines(principle), *principle.avoid, *principle.questions]


def test_everything_on_the_checklist_is_there_and_nothing_else(
    principles: dict[str, Principle],
) -> None:
    wanted = {id_: section for section, ids in CHECKLIST.items() for id_ in ids.split()}
    assert {p.id: p.section for p in principles.values()} == wanted


@pytest.mark.parametrize("id_", sorted(TAUGHT))
def test_what_the_guide_teaches_is_said(principles: dict[str, Principle], id_: str) -> None:
    body = principles[id_].body.lower()
    assert [word for word in TAUGHT[id_] if word.lower() not in body] == []


def test_bodies_and_ideas_keep_their_length(principles: dict[str, Principle]) -> None:
    bodies = {p.id: len(p.body.split()) for p in principles.values()}
    ideas = {p.id: len(p.idea.split()) for p in principles.values()}
    assert {i: n for i, n in bodies.items() if not 50 <= n <= 110} == {}
    assert {i: n for i, n in ideas.items() if n > 40} == {}


def test_bodies_are_one_paragraph_of_prose(principles: dict[str, Principle]) -> None:
    assert [p.id for p in principles.values() if "\n" in p.body or p.body[0] in "#-*"] == []


def test_an_idea_is_an_offer_and_asks_nothing(principles: dict[str, Principle]) -> None:
    assert [p.id for p in principles.values() if "?" in p.idea] == []


def test_each_has_phrasings_to_say_and_questions_enough(principles: dict[str, Principle]) -> None:
    for p in principles.values():
        assert 2 <= len(p.say) <= 4, p.id
        assert len(p.avoid) <= 3, p.id
        assert len(p.questions) >= 30, p.id


def test_no_line_stands_twice(principles: dict[str, Principle]) -> None:
    seen = Counter(" ".join(words(line)) for p in principles.values() for line in all_lines(p))
    assert [line for line, n in seen.items() if n > 1] == []


def test_no_two_bodies_begin_alike(principles: dict[str, Principle]) -> None:
    starts = Counter(" ".join(words(p.body)[:2]) for p in principles.values())
    assert [start for start, n in starts.items() if n > 1] == []


def test_no_stock_phrase_order_or_label(principles: dict[str, Principle]) -> None:
    found = [
        (p.id, match[0])
        for p in principles.values()
        for line in own_lines(p)
        if (match := STOCK.search(line))
    ]
    assert found == []


def test_nothing_is_copied_from_the_guide(principles: dict[str, Principle]) -> None:
    if not GUIDE.is_file():
        pytest.skip("the guide's text is not on this machine")

    def runs(text: str) -> set[tuple[str, ...]]:
        said = words(text)
        return {tuple(said[i : i + COPY_LENGTH]) for i in range(len(said) - COPY_LENGTH + 1)}

    theirs = runs(GUIDE.read_text(encoding="utf-8"))
    copied = {
        p.id: [" ".join(run) for line in all_lines(p) for run in runs(line) & theirs]
        for p in principles.values()
    }
    assert {id_: found for id_, found in copied.items() if found} == {}


def test_couple_work_is_out_of_reach_where_there_is_abuse(
    principles: dict[str, Principle],
) -> None:
    couple_work = {"repair", "skill", "ritual", "boundary", "misconception"}
    unsafe = [
        p.id for p in principles.values() if p.kind in couple_work and not set(p.not_when) >= ABUSE
    ]
    assert unsafe == []


def test_abuse_categories_come_together(principles: dict[str, Principle]) -> None:
    partial = [p.id for p in principles.values() if 0 < len(ABUSE & set(p.not_when)) < len(ABUSE)]
    assert partial == []


@pytest.mark.parametrize(
    "id_", ["walking-on-eggshells", "what-emotional-safety-is", "emotional-punishment"]
)
def test_what_helps_someone_see_stays_in_reach(principles: dict[str, Principle], id_: str) -> None:
    assert not ABUSE & set(principles[id_].not_when)


@pytest.mark.parametrize("id_", ["from-blame-to-need", "limits-as-needs", "emotional-punishment"])
def test_after_own_violence_the_partner_is_not_made_to_share_the_blame(
    principles: dict[str, Principle], id_: str
) -> None:
    assert "harm_to_others" in principles[id_].not_when
