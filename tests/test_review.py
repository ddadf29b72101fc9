"""The review of replies: what it must stop, what it must let through, and where it points."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from assistant.content import Content
from assistant.content.review import FORM_CHECKS, expand, load_review_rules
from assistant.errors import ContentError
from assistant.languages import LanguageDetector
from assistant.reading import Reader
from assistant.review import MAX_CHARS, Reviewer
from assistant.types import Message, Review, Screening

ROOT = Path(__file__).parent.parent
CASES = [
    json.loads(line)
    for line in (ROOT / "evals/cases/review.jsonl").read_text(encoding="utf-8").splitlines()
]
ABUSE = Screening("concern", "partner_violence", abuse_context=True)
SLOTS = {
    "clause": "your sister laughed at your idea",
    "feeling": "hurt",
    "partner": "your husband",
    "Partner": "Your husband",
    "them": "him",
    "their": "his",
    "Their": "His",
    "they": "he",
    "They": "He",
    "emergency": "911",
    "line": "call the helpline",
    "quiet": "the chat line",
    "idea": "A calm voice can help.",
    "practice": "Try it once this week.",
    "want": "you want her to ask first",
    "echo": "the silence",
    "quote": "The hallway didn't need painting",
    "own": "I miss talking with you",
    "say": "I miss you. Could we talk tonight?",
    "fact": "he walked out",
    "earlier": "angry",
    "section": "Repair",
    "title": "A repair attempt",
    "exercise": "Repair attempt",
    "ask": "What happened?",
}


@pytest.fixture(scope="module")
def reviewer(content: Content) -> Reviewer:
    return Reviewer(content.review, LanguageDetector(content.languages))


def checks(review: Review) -> set[str]:
    return {finding.check for finding in review.findings if finding.severity != "note"}


def filled(line: str) -> str:
    for name, value in SLOTS.items():
        line = line.replace(f"{{{name}}}", value)
    return line


def authored(content: Content) -> Iterator[tuple[str, str, bool]]:
    """Every line that a person wrote for the assistant: where, the text, whether in an exercise."""
    for situation in content.situations:
        for move, lines in situation.lines.items():
            yield from ((f"{situation.id} {move}", line, False) for line in lines)
    for moment in content.moments:
        yield from ((f"moment {moment.id}", line, False) for line in (*moment.reply, *moment.ask))
    for name, lines in content.composer.lines.items():
        yield from ((f"composer {name}", line, False) for line in lines)
    for kind in content.questions.kinds:
        yield from ((f"question {kind.id}", line, False) for line in kind.lines)
    for principle in content.principles:
        yield f"principle {principle.id}", principle.body, False
        yield f"principle {principle.id} idea", principle.idea, False
    for reply in content.escalation:
        yield f"crisis {reply.id}", reply.body, False
    for exercise in content.exercises.values():
        meta = exercise.metadata
        said = [meta.opening or "", meta.end.message if meta.end else ""]
        for step in meta.steps:
            said += [*step.ask, *step.missing.values(), *step.acknowledge]
        yield from ((f"exercise {exercise.name}", line, True) for line in said if line)


DEV = [case for case in CASES if "-aside-" not in case["id"]]


@pytest.mark.parametrize("case", DEV, ids=[case["id"] for case in DEV])
def test_labelled_replies(case: dict[str, object], reviewer: Reviewer) -> None:
    review = reviewer.review(str(case["text"]), user=str(case.get("user", "")))
    assert review.verdict == case["verdict"], checks(review)
    expected = case["checks"]
    assert isinstance(expected, list)
    if expected:
        assert checks(review) & set(expected)


def test_replies_kept_aside_are_measured_as_a_whole(reviewer: Reviewer) -> None:
    aside = [case for case in CASES if "-aside-" in case["id"]]
    blocked = {c["id"] for c in aside if reviewer.review(c["text"]).verdict == "block"}
    bad = {c["id"] for c in aside if c["verdict"] == "block"}
    good = {c["id"] for c in aside} - bad
    assert len(blocked & bad) / len(bad) >= 0.88
    assert len(blocked & good) / len(good) <= 0.08


def test_no_authored_line_is_refused(content: Content, reviewer: Reviewer) -> None:
    lines = list(authored(content))
    assert len(lines) > 1000
    refused = {
        f"{where}: {line}": found
        for where, line, exercise in lines
        if (found := checks(reviewer.review(filled(line), exercise=exercise)))
    }
    assert not refused


def test_every_check_has_examples_that_hold_or_is_a_form_check(
    content: Content, reviewer: Reviewer
) -> None:
    for check in content.review.checks:
        assert bool(check.patterns) != (check.id in FORM_CHECKS)
        for bad in check.examples.bad:
            assert check.id in checks(reviewer.review(bad)), bad
        for ok in check.examples.ok:
            assert check.id not in checks(reviewer.review(ok)), ok


@pytest.mark.parametrize(
    "text",
    [
        "Instead of 'You always ignore me', try \"I miss you in the evenings.\"",
        "He called you selfish, and it stuck.",
        "Being called selfish hurts.",
        "You said he never listens.",
        "That doesn't make you selfish.",
        "You're not overreacting.",
        "It's not your fault.",
        "It felt like he never listens.",
        "You're wondering whether you're overreacting.",
        "He is wrong, you think, and he won't hear it.",
    ],
)
def test_naming_a_hurtful_phrase_is_not_saying_it(text: str, reviewer: Reviewer) -> None:
    assert reviewer.review(text).verdict == "pass"


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("No doubt he is selfish.", "label.partner"),
        ("Have you thought that you're overreacting?", "blame.person"),
        ("You're not lonely, and he is selfish.", "label.partner"),
        ('You could text him: "You are so selfish."', "offered.blame"),
        ('You are "selfish".', "blame.person"),
    ],
)
def test_a_guard_excuses_only_what_it_governs(text: str, check: str, reviewer: Reviewer) -> None:
    assert check in checks(reviewer.review(text))


@pytest.mark.parametrize(
    "text",
    [
        "You’re overreacting.",
        "YOU ARE OVERREACTING!",
        "you  are\u200b over\u00adreacting",
        "**You're** _overreacting_.",
        "Yоu're оverreаcting.",  # Cyrillic letters
        "You're o.v.e.r.r.e.a.c.t.i.n.g.",
        "youre overreacting",
    ],
)
def test_a_disguise_is_read_through(text: str, reviewer: Reviewer) -> None:
    assert "blame.person" in checks(reviewer.review(text))


def test_findings_point_at_the_reply_itself(reviewer: Reviewer) -> None:
    text = "“Yes”… That  hurts. Y\u200bou’re so selfish. What helps?"
    (finding,) = reviewer.review(text).findings
    assert text[finding.start : finding.end] == finding.quote == "Y\u200bou’re so selfish"
    assert finding.why
    assert finding.hint


@given(st.text(max_size=200))
@hypothesis_settings(max_examples=150, deadline=None)
def test_every_place_in_the_copy_is_a_place_in_the_reply(text: str) -> None:
    reader = Reader(Content(ROOT).review.shared) if not _READER else _READER[0]
    _READER[:] = [reader]
    copy = reader.copy(text)
    assert len(copy.text) == len(copy.starts) == len(copy.ends)
    assert list(copy.starts) == sorted(copy.starts)
    assert all(0 <= s < e <= len(text) for s, e in zip(copy.starts, copy.ends, strict=True))


_READER: list[Reader] = []


@given(st.text(max_size=120))
@hypothesis_settings(max_examples=60, deadline=None)
def test_any_text_is_reviewed_and_quotes_are_exact(text: str) -> None:
    reviewer = _REVIEWER[0] if _REVIEWER else Reviewer(Content(ROOT).review)
    _REVIEWER[:] = [reviewer]
    review = reviewer.review(text)
    assert all(text[f.start : f.end] == f.quote or not f.quote for f in review.findings)
    assert "review.failed" not in checks(review)


_REVIEWER: list[Reviewer] = []


class TestForm:
    def test_length(self, reviewer: Reviewer) -> None:
        assert "too_long" not in checks(reviewer.review("word and " * 60))
        assert "too_long" in checks(reviewer.review("word and " * 60 + "more"))

    def test_a_list_is_fine_if_it_was_asked_for_or_in_an_exercise(self, reviewer: Reviewer) -> None:
        text = "- a walk alone\n- a letter to him\n- a call\n- some rest"
        assert "list" in checks(reviewer.review(text))
        assert "list" not in checks(reviewer.review(text, user="Give me a list of ideas"))
        assert "list" not in checks(reviewer.review(text, exercise=True))

    def test_questions(self, reviewer: Reviewer) -> None:
        assert "questions" in checks(reviewer.review("What hurt? What helped? What now?"))
        assert "questions" not in checks(reviewer.review("What hurt? What would help?"))
        assert not checks(reviewer.review("You could ask: “Now? Later? Tomorrow?” What fits?"))

    def test_a_closed_question_is_only_noted(self, reviewer: Reviewer) -> None:
        review = reviewer.review("That stung. Was he late?")
        assert review.verdict == "pass"
        assert [f.check for f in review.findings] == ["closed_question"]

    def test_an_opener_used_before_is_only_noted(self, reviewer: Reviewer) -> None:
        history = [Message("assistant", "That is a lonely evening. What hurt?")]
        review = reviewer.review("That is a lonely evening, again.", history=history)
        assert review.verdict == "pass"
        assert [f.check for f in review.findings] == ["repeated_opener"]

    def test_parroting(self, reviewer: Reviewer) -> None:
        user = "My husband forgot my birthday and I feel so alone"
        said = "My husband forgot my birthday and I feel so alone."
        assert "parroting" in checks(reviewer.review(said, user=user))
        turned = "Your husband forgot your birthday, and you feel so alone."
        assert not checks(reviewer.review(turned, user=user))
        assert "parroting" not in checks(reviewer.review(said, user=user, exercise=True))

    def test_language(self, reviewer: Reviewer, content: Content) -> None:
        spanish = "Eso duele mucho y es lógico que no quieras hablar con él ahora."
        assert "language" in checks(reviewer.review(spanish, user="He forgot my birthday."))
        user = "Mi marido no me escucha nunca y estoy muy triste"
        assert "language" not in checks(reviewer.review(spanish, user=user))
        assert "language" not in checks(Reviewer(content.review).review(spanish))

    @pytest.mark.parametrize("text", ["", "   ", "…", "?!", "🙂🙂"])
    def test_a_reply_that_says_nothing(self, text: str, reviewer: Reviewer) -> None:
        assert "empty" in checks(reviewer.review(text))


@pytest.mark.parametrize(
    "text",
    [
        "You could tell him how his shouting makes you feel.",
        "Couples therapy might be a good place to work on the hitting.",
        "Try an “I” statement the next time he gets angry.",
        "How might you say it to him so that he stays calm?",
        "Maybe sit down with him and agree on some rules.",
    ],
)
def test_couple_techniques_are_unsafe_only_after_signs_of_abuse(
    text: str, reviewer: Reviewer
) -> None:
    assert "unsafe.couple_technique" in checks(reviewer.review(text, screening=ABUSE))
    assert "unsafe.couple_technique" not in checks(reviewer.review(text))


@pytest.mark.parametrize(
    "text",
    [
        "I believe you. What he did is not your fault.",
        "Couples counseling isn't recommended while you're being hurt.",
        "An advocate can think it through with you. What feels safest tonight?",
    ],
)
def test_safe_words_after_signs_of_abuse_pass(text: str, reviewer: Reviewer) -> None:
    assert reviewer.review(text, screening=ABUSE).verdict == "pass"


def test_facts_in_the_persons_own_words_are_only_noted(reviewer: Reviewer) -> None:
    text = "So he never answers, and you wait."
    assert reviewer.review(text).verdict == "block"
    assert reviewer.review(text, user="He never answers my calls").verdict == "pass"


def test_a_check_that_fails_blocks(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    reviewer = Reviewer(content.review)

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(reviewer._reader, "copy", broken)
    review = reviewer.review("That stung.")
    assert review.verdict == "block"
    assert [f.check for f in review.findings] == ["review.failed"]


def test_a_reply_past_every_measure_blocks(reviewer: Reviewer) -> None:
    assert reviewer.review("a" * (MAX_CHARS + 1)).verdict == "block"


def test_a_sentence_takes_milliseconds(reviewer: Reviewer) -> None:
    texts = [case["text"] for case in CASES[:200]]
    for text in texts:
        reviewer.review(text)
    took = []
    for text in texts:
        start = time.perf_counter()
        reviewer.review(text)
        took.append(time.perf_counter() - start)
    assert statistics.median(took) < 0.006  # 3 ms, doubled for a busy machine


def test_a_long_hostile_reply_takes_linear_time(reviewer: Reviewer) -> None:
    start = time.perf_counter()
    reviewer.review("you are really very so " * 800)
    assert time.perf_counter() - start < 5


class TestRules:
    def write(self, folder: Path, checks_file: str) -> Path:
        place = folder / "review"
        place.mkdir(parents=True)
        source = ROOT / "knowledge/review"
        for name in ("shared.yaml", "form.yaml"):
            (place / name).write_text((source / name).read_text("utf-8"), "utf-8")
        (place / "more.yaml").write_text(checks_file, "utf-8")
        return folder

    def test_a_pattern_that_is_not_re2_is_named(self, tmp_path: Path) -> None:
        bad = "checks: [{id: x, severity: note, why: w, hint: h, patterns: ['(a']}]"
        with pytest.raises(ContentError, match=r"more\.yaml.*'x'"):
            load_review_rules(self.write(tmp_path, bad))

    def test_an_unknown_word_group_is_named(self, tmp_path: Path) -> None:
        bad = "checks: [{id: x, severity: note, why: w, hint: h, patterns: ['<nobody>']}]"
        with pytest.raises(ContentError, match="nobody"):
            load_review_rules(self.write(tmp_path, bad))

    def test_an_id_stands_once(self, tmp_path: Path) -> None:
        one = "{id: x, severity: note, why: w, hint: h, patterns: [a]}"
        with pytest.raises(ContentError, match="twice"):
            load_review_rules(self.write(tmp_path, f"checks: [{one}, {one}]"))

    def test_groups_may_use_groups(self) -> None:
        assert expand("<a>", {"a": ("<b>", "c"), "b": ("d",)}) == "(?:(?:d)|c)"
