"""The crisis screen: the examples of its rules, the shared cases, how risk is carried."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from assistant.content import Content
from assistant.content.crisis import CrisisRules, load_crisis_rules
from assistant.errors import ContentError
from assistant.risk import Risk, RiskEncoder
from assistant.screening import FAILED, Screener
from assistant.types import LEVELS, Category, Message, Screening

ROOT = Path(__file__).resolve().parent.parent
KNOWLEDGE = ROOT / "knowledge"
RULES = load_crisis_rules(KNOWLEDGE)
SCREENER = Screener(RULES)
WHOLE = Screener(RULES, RiskEncoder(RULES.model))
CASES: list[dict[str, Any]] = [
    json.loads(line)
    for line in (ROOT / "evals/cases/screening.jsonl").read_text("utf-8").splitlines()
]
EXAMPLES = [
    (compiled.rule.id, kind == "yes", text)
    for compiled in RULES.rules
    for kind in ("yes", "no")
    for text in getattr(compiled.rule.examples, kind)
]


def fired(screening: Screening) -> set[str]:
    return {evidence.rule for evidence in screening.evidence}


def conversation(*texts: str) -> Screening:
    """Screen the last text; the others are, in turn, the person's and the assistant's."""
    roles = ("user", "assistant")
    history = [Message(roles[i % 2], text) for i, text in enumerate(texts[:-1])]  # type: ignore[arg-type]
    return SCREENER.screen(texts[-1], history)


def levels(*texts: str) -> list[str]:
    """The level after each of the person's messages, without anything said in between."""
    return [
        SCREENER.screen(text, [Message("user", before) for before in texts[:i]]).level
        for i, text in enumerate(texts)
    ]


@pytest.mark.parametrize(("rule", "expected", "text"), EXAMPLES)
def test_every_rule_keeps_its_examples(rule: str, expected: bool, text: str) -> None:
    hits = {hit.rule for hit in SCREENER._read(text).hits}
    assert (rule in hits) is expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_shared_cases(case: dict[str, Any]) -> None:
    history = [Message(m["role"], m["text"]) for m in case.get("history", [])]
    screening = SCREENER.screen(case["text"], history)
    assert screening.level in case["level"]
    if screening.level != "none" and case["category"] != "any":
        assert (screening.category, screening.subject) == (case["category"], case["subject"])


def test_cases_are_many_and_have_unique_ids() -> None:
    assert len(CASES) >= 250
    assert len({case["id"] for case in CASES}) == len(CASES)


def test_nothing_said_is_none() -> None:
    assert SCREENER.screen("") == Screening()


@pytest.mark.parametrize(
    "after",
    [
        "lol jk",
        "just kidding",
        "I'm fine now, forget it",
        "sorry, ignore that, I was being dramatic",
        "can you help me word a message about the dishes?",
        "ok",
        "no",
        "thanks",
    ],
)
def test_retraction_and_change_of_topic_do_not_clear_the_risk(after: str) -> None:
    screening = conversation("I want to kill myself", "I'm glad you said it.", after)
    assert (screening.level, screening.category) == ("crisis", "suicide")
    assert screening.carried
    assert screening.evidence[0].turn == 1


@pytest.mark.parametrize(
    "answer",
    [
        "yes I'm safe",
        "Yes, I am safe, my sister is with me",
        "no, I'm not going to hurt myself",
        "I won't hurt myself",
        "I'm safe at my mum's",
        "I'm not suicidal anymore, I flushed the pills",
    ],
)
def test_a_clear_answer_lowers_the_risk_by_one_level(answer: str) -> None:
    assert levels("I want to die", answer, answer) == ["crisis", "concern", "none"]


@pytest.mark.parametrize(
    "answer", ["I'm not safe", "I'm safe as long as he sleeps", "I'm only safe when he's asleep"]
)
def test_an_unclear_answer_lowers_nothing(answer: str) -> None:
    assert levels("I want to die", answer)[-1] == "crisis"


def test_a_bare_yes_counts_only_after_the_question() -> None:
    asked = conversation("he hit me", "Are you safe right now?", "yes")
    not_asked = conversation("he hit me", "Do you want to tell me more?", "yes")
    assert (asked.level, not_asked.level) == ("concern", "crisis")


def test_yes_but_does_not_lower() -> None:
    said = conversation("he hit me", "Are you safe right now?", "yes but he'll be back soon")
    assert said.level == "crisis"


@pytest.mark.parametrize(
    ("question", "answer", "category"),
    [
        ("Are you thinking about killing yourself?", "yes", "suicide"),
        ("Are you having thoughts of suicide?", "sometimes", "suicide"),
        ("Have you thought about hurting yourself?", "yeah", "self_harm"),
        ("Have you already taken anything?", "yes, an hour ago", "medical"),
        ("Has he ever hit you?", "once", "partner_violence"),
    ],
)
def test_an_answer_that_discloses_danger_raises(question: str, answer: str, category: str) -> None:
    screening = conversation("I feel low about us", question, answer)
    assert (screening.level, screening.category) == ("crisis", category)


def test_not_safe_when_asked_is_imminent() -> None:
    screening = conversation("he reads my messages every day", "Are you safe right now?", "no")
    assert screening.level == "crisis"
    assert screening.imminent


def test_the_assistants_words_are_not_screened() -> None:
    history = [Message("assistant", "Are you thinking about killing yourself? I want to die.")]
    assert SCREENER.screen("we argued about the bins", history).level == "none"


def test_a_lesser_message_does_not_lower_and_a_graver_one_raises() -> None:
    assert levels(
        "so tired of this", "he forgot the milk", "I want to die", "what's the point"
    ) == [
        "concern",
        "concern",
        "crisis",
        "crisis",
    ]


def test_abuse_context_stays_for_the_whole_conversation() -> None:
    texts = ["he hit me", "yes I'm safe", "yes I'm safe", "how do I write an I-statement?"]
    history = [Message("user", text) for text in texts[:-1]]
    screening = SCREENER.screen(texts[-1], history)
    assert screening.level == "none"
    assert screening.abuse_context


def test_abuse_context_is_set_when_another_category_wins() -> None:
    screening = SCREENER.screen("he hits me and I want to kill myself")
    assert screening.category == "suicide"
    assert screening.abuse_context


def test_no_abuse_context_without_abuse() -> None:
    assert not SCREENER.screen("I want to die").abuse_context


def test_imminent_danger_wins_over_other_rules_and_evidence_is_bounded() -> None:
    screening = SCREENER.screen(
        "I want to die. He hit me. I took all the pills just now. I scratched my arms till they "
        "bled. I have suicidal thoughts, nothing to live for, I wrote goodbye letters to the kids."
    )
    assert (screening.category, screening.imminent) == ("medical", True)
    assert 3 <= len(screening.evidence) <= 8
    assert all(len(evidence.quote) <= 80 for evidence in screening.evidence)


def test_curly_quotes_capitals_and_disguise_make_no_difference() -> None:
    plain = SCREENER.screen("I don't want to be here anymore")
    for text in (
        "I DON'T WANT TO BE HERE ANYMORE",
        "I don’t want to be here anymore",
        "i dont want to be here any more",
        "I d\u200bon't wan\u00adt to be here anymore",
    ):
        assert SCREENER.screen(text).level == plain.level == "crisis"


def test_a_danger_deep_in_a_long_message_is_found() -> None:
    filler = "We talked about the garden and what to plant. " * 1000
    assert SCREENER.screen(filler + "Then he choked me. " + filler).level == "crisis"


class _Broken:
    """A compiled pattern that fails."""

    def search(self, text: str) -> None:
        raise RuntimeError("out of memory")

    finditer = search


def broken(rules: CrisisRules) -> CrisisRules:
    from dataclasses import replace

    first = next(r for r in rules.rules if r.rule.id == "suicide.wants-to-die")
    failing = replace(first, regexes=tuple(_Broken() for _ in first.regexes))
    return replace(rules, rules=tuple(failing if r is first else r for r in rules.rules))


def test_a_rule_that_fails_raises_the_level() -> None:
    screening = Screener(broken(RULES)).screen("ready to die")
    assert LEVELS.index(screening.level) >= LEVELS.index("concern")
    assert FAILED in fired(screening)


def test_a_failing_normaliser_raises_the_level_and_still_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screener = Screener(RULES)

    def fail(text: str) -> str:
        raise RuntimeError

    monkeypatch.setattr(screener, "_normaliser", fail)
    assert FAILED in fired(screener.screen("a calm evening"))
    assert screener.screen("he hit me").level == "crisis"


def test_a_failing_prefilter_reads_every_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    screener = Screener(RULES)
    monkeypatch.setattr(screener, "_filter", None)
    assert screener.screen("he hit me").level == "crisis"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_screened_without_an_error(text: str) -> None:
    assert SCREENER.screen(text).level in LEVELS


def test_time_grows_with_the_text_and_stays_short() -> None:
    sentence = "I want to tell him how I feel about the kids and he never listens to me at all. "
    started = time.perf_counter()
    SCREENER.screen(sentence * 110)
    assert time.perf_counter() - started < 0.5
    started = time.perf_counter()
    SCREENER.screen("not kill myself, " * 6000)
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("patterns: ['(a']", "rules.yaml: rule 'x.y': the pattern '\\(a'"),
        ("patterns: ['{nobody} hit me']", "no word list is called 'nobody'"),
        ("patterns: ['a']\n    guards: [nothing]", "no guard is called 'nothing'"),
        ("patterns: ['a']\n    colour: red", "key 'rules.0.colour'"),
    ],
)
def test_a_bad_rule_is_named(tmp_path: Path, rule: str, message: str) -> None:
    folder = tmp_path / "crisis" / "rules"
    folder.mkdir(parents=True)
    (folder / "rules.yaml").write_text(
        "priority: [none]\nclause_ends: [',']\nrules:\n  - id: x.y\n    level: crisis\n"
        f"    category: suicide\n    {rule}\n    examples: {{yes: [a]}}\n"
    )
    with pytest.raises(ContentError, match=message):
        load_crisis_rules(tmp_path)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Yes I'm safe, it won't hurt once I've taken them all", "crisis"),
        ("Yes I am safe.", "concern"),
        ("No. I'm not going to end my life. I'm going to make a cup of tea.", "concern"),
        ("Yes I'm safe. I'm just gutted.", "concern"),
    ],
)
def test_safe_answer_excuses_itself_and_nothing_beside_it(
    content: Content, text: str, level: str
) -> None:
    screener = Screener(content.crisis, RiskEncoder(content.crisis.model))
    history = [
        Message("user", "I want to kill myself"),
        Message("assistant", "Are you thinking of ending your life tonight?"),
    ]
    assert screener.screen(text, history).level == level


DANGERS = sorted(
    {text for rule in RULES.rules for text in rule.rule.examples.yes if text.isascii()}
)
LOOKALIKES = str.maketrans("aeopcxyi", "аеорсхуі")


def zero_width(text: str, at: int) -> str:
    return text[: at % len(text)] + "\u200b\u2060" + text[at % len(text) :]


def looked_alike(text: str, at: int) -> str:
    words = text.split(" ")
    words[at % len(words)] = words[at % len(words)].translate(LOOKALIKES)
    return " ".join(words)


DISGUISES = [
    lambda text, at: text.upper(),
    lambda text, at: text.replace("'", "’"),
    lambda text, at: text.replace("'", "`"),
    lambda text, at: text.replace(" ", "  "),
    lambda text, at: text.replace(" ", "\u00a0"),
    lambda text, at: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    lambda text, at: f"\n{text}\n",
    zero_width,
    looked_alike,
]


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(DANGERS), st.sampled_from(DISGUISES), st.integers(0, 200))
def test_what_a_reader_sees_through_lowers_no_level(
    text: str, disguise: Callable[[str, int], str], at: int
) -> None:
    plain = LEVELS.index(WHOLE.screen(text).level)
    hidden = disguise(text, at)
    assert LEVELS.index(WHOLE.screen(hidden).level) >= plain, hidden


class Suspicious:
    """Takes any text with a word for a crisis of a category, and all else for harmless."""

    def __init__(self, word: str, category: Category) -> None:
        self.word = word
        self.category: Category = category

    def read(self, text: str) -> list[Risk]:
        odds = 0.99 if self.word in text else 0.01
        return [Risk(text, odds, odds, self.category, "self")]


def screened(content: Content, suspicious: Suspicious, *said: str) -> Screening:
    screener = Screener(content.crisis, suspicious)  # type: ignore[arg-type]
    history = [Message("user", text) for text in said[:-1]]
    return screener.screen(said[-1], history)


SUSPECT = "my grandson put this on the tablet for me today"
HARMLESS = "we had a nice walk to the market this morning"


def test_mere_suspicion_falls_to_a_concern_and_no_further(content: Content) -> None:
    encoder = Suspicious("tablet", "suicide")
    assert screened(content, encoder, SUSPECT).level == "crisis"
    assert screened(content, encoder, SUSPECT, "just kidding").level == "crisis"
    doubted = screened(content, encoder, SUSPECT, HARMLESS)
    assert (doubted.level, doubted.doubted) == ("concern", True)
    assert screened(content, encoder, SUSPECT, HARMLESS, HARMLESS, HARMLESS).level == "concern"
    assert screened(content, encoder, SUSPECT, HARMLESS, SUSPECT).level == "crisis"


def test_crisis_that_a_rule_saw_stays_whatever_is_suspected_after_it(content: Content) -> None:
    encoder = Suspicious("tablet", "suicide")
    said = ("I want to kill myself tonight", HARMLESS, SUSPECT, HARMLESS, HARMLESS)
    for count in range(1, len(said) + 1):
        assert screened(content, encoder, *said[:count]).level == "crisis", said[:count]


def test_abuse_that_a_rule_saw_is_not_forgotten_with_a_suspicion(content: Content) -> None:
    encoder = Suspicious("tablet", "suicide")
    told = "he goes through my messages and hides my bank card"
    assert screened(content, encoder, told).abuse_context
    assert screened(content, encoder, told, SUSPECT, HARMLESS).abuse_context
    suspected = Suspicious("tablet", "partner_violence")
    assert screened(content, suspected, SUSPECT).abuse_context
    assert not screened(content, suspected, SUSPECT, HARMLESS).abuse_context


def test_safe_answer_lowers_what_a_rule_saw_one_level(content: Content) -> None:
    screener = Screener(content.crisis, Suspicious("tablet", "suicide"))  # type: ignore[arg-type]
    history = [
        Message("user", "I want to kill myself tonight"),
        Message("assistant", "Are you safe right now?"),
    ]
    lowered = screener.screen("yes I'm safe", history)
    assert (lowered.level, lowered.doubted) == ("concern", False)


class Uneasy:
    """Suspects every text about a shed a little: too little by itself."""

    def read(self, text: str) -> list[Risk]:
        return [Risk(text, 0.45 if "shed" in text else 0.02, 0.1, "suicide", "self")]


def test_two_suspicious_messages_close_together_are_a_concern(content: Content) -> None:
    screener = Screener(content.crisis, Uneasy())  # type: ignore[arg-type]
    shed = "i tidied the shed and everything in it"

    def level(*said: str) -> str:
        return screener.screen(said[-1], [Message("user", text) for text in said[:-1]]).level

    assert level(shed) == "none"
    assert level(shed, HARMLESS) == "none"
    assert level(shed, shed) == "concern"
    assert level(shed, HARMLESS, shed) == "concern"
    assert level(shed, HARMLESS, HARMLESS, shed) == "none"
