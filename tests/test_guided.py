"""Guided mode: replies that fit, never repeat, and walk exercises with the person's own words."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st
from talking import talk

from assistant.content import Content
from assistant.content.guided import check_line, load_situations, slots_of
from assistant.conversation import Assistant
from assistant.errors import ContentError
from assistant.guided.lines import Lines, fill
from assistant.types import Message

ROOT = Path(__file__).parent.parent
OPEN_BRACE = re.compile(r"[{}]")
DOUBLED = re.compile(r"\b(\w+) \1\b", re.IGNORECASE)
ALLOWED_DOUBLES = {"that", "had", "you", "really", "very", "so", "no"}


def sentences_of(text: str) -> list[str]:
    return [s.strip() for s in re.split(r"(?<=[.!?])\s+", text) if len(s.split()) > 3]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("My sister laughed at my idea in front of everyone", "your sister laughed at your idea"),
        ("Tom forgot my birthday and I cried in the car", "Tom forgot your birthday"),
        ("my wife told me she needs space", "your wife told you she needs space"),
        ("He didn't come to my mother's funeral", "he didn't come to your mother's funeral"),
    ],
)
async def test_own_clause_comes_back_turned_round(
    assistant: Assistant, text: str, words: str
) -> None:
    (reply,) = await talk(assistant, text)
    assert words.lower() in reply.text.lower()


async def test_named_feeling_is_named_back(assistant: Assistant) -> None:
    (reply,) = await talk(assistant, "I feel so lonely since we moved, he works every evening")
    assert "lonely" in reply.text.lower()


async def test_ruled_out_feeling_is_not_put_back(assistant: Assistant) -> None:
    (reply,) = await talk(assistant, "I'm not angry with her about the dishes, just worn out by it")
    assert "angry" not in reply.text.lower()


async def test_no_sentence_is_said_twice_in_forty_turns(assistant: Assistant) -> None:
    lines = [
        "My partner is always on the phone at dinner",
        "yes",
        "it makes me feel invisible",
        "I don't know",
        "we had the same fight again last night",
        "she walked out of the room",
        "I said some awful things",
        "ok",
    ] * 5
    replies = await talk(assistant, *lines)
    seen: dict[str, int] = {}
    for number, reply in enumerate(replies):
        for sentence in sentences_of(reply.text):
            assert sentence not in seen, f"turns {seen[sentence]} and {number}: {sentence}"
            seen[sentence] = number
        assert len(reply.text.split()) <= 120


async def test_reply_deepens_to_an_idea_of_the_guide_and_a_step(assistant: Assistant) -> None:
    replies = await talk(
        assistant,
        "My wife keeps interrupting me when I talk about my day",
        "I feel unimportant, like a radio in the background",
        "I want her to just hear me out for once",
        "It happened again yesterday",
        "I'd like to try something",
    )
    assert any(reply.principles for reply in replies)
    assert sum("?" in reply.text for reply in replies) < len(replies)


@pytest.mark.parametrize(
    ("question", "principle"),
    [
        ("What is an I statement?", "i-statements"),
        ("what does emotional safety mean?", "what-emotional-safety-is"),
        ("how long does it take to build it back?", "how-long-it-takes"),
        ("How do I apologise without making excuses?", "apology-without-excuses"),
    ],
)
async def test_question_about_the_guide_is_answered_from_it_with_the_source(
    assistant: Assistant, question: str, principle: str
) -> None:
    (reply,) = await talk(assistant, question)
    assert principle in reply.principles
    found = assistant.knowledge.principles[reply.principles[0]]
    assert found.title in reply.text


@pytest.mark.parametrize(
    "question", ["are you a real person?", "am I talking to a human", "r u a bot"]
)
async def test_says_plainly_that_it_is_an_ai(assistant: Assistant, question: str) -> None:
    (reply,) = await talk(assistant, question)
    assert re.search(r"\bAI\b|\bprogram\b", reply.text)


@pytest.mark.parametrize(
    "text",
    ["give me a recipe for lasagna", "write python code to sort a list", "who won the match?"],
)
async def test_is_honest_about_what_is_outside(assistant: Assistant, text: str) -> None:
    (reply,) = await talk(assistant, text)
    assert reply.principles == ()
    assert len(reply.text.split()) < 60


async def test_takes_no_side_and_gives_no_verdict(assistant: Assistant) -> None:
    replies = await talk(
        assistant, "Should I leave him?", "is he a narcissist?", "am I the problem here?"
    )
    for reply in replies:
        lowered = reply.text.lower()
        assert not re.search(r"\b(leave him|you should|he is a|he's a narc|yes,|no,)", lowered)


async def test_language_it_cannot_speak_is_answered_in_that_language(assistant: Assistant) -> None:
    (reply,) = await talk(assistant, "Mi marido no me escucha nunca y me siento muy sola")
    assert "inglés" in reply.text


async def test_exercise_is_walked_to_its_end_with_the_persons_words(assistant: Assistant) -> None:
    replies = await talk(
        assistant,
        "He was on his phone all through dinner with my parents",
        "he looked at his phone for most of the meal",
        "lonely",
        "to feel that we're in it together",
        "put the phone in the hall when we have guests",
        exercise="i-statements",
    )
    assert [r.step for r in replies] == ["event", "feeling", "need", "request", "done"]
    takeaway = replies[-1].takeaway or ""
    assert "I felt lonely" in takeaway
    assert "put the phone in the hall" in takeaway
    assert "{" not in takeaway


async def test_blaming_answer_gets_help_once_and_is_then_taken(assistant: Assistant) -> None:
    replies = await talk(
        assistant,
        "hi, something happened at dinner",
        "he never listens to me",
        "he never ever listens",
        exercise="i-statements",
    )
    assert [r.step for r in replies] == ["event", "event", "feeling"]


async def test_skip_back_and_stop_steer_an_exercise(assistant: Assistant) -> None:
    replies = await talk(
        assistant,
        "It was a long day",
        "skip",
        "back",
        "the sun came out at lunch",
        "stop",
        exercise="daily-check-in",
    )
    assert [r.step for r in replies] == ["high", "low", "high", "low", "done"]
    (after, *_) = (
        await talk(
            assistant,
            "It was a long day",
            "stop",
            "we argued about money",
            exercise="daily-check-in",
        )
    )[2:]
    assert after.step is None


async def test_question_in_an_exercise_is_answered_and_the_step_comes_again(
    assistant: Assistant,
) -> None:
    replies = await talk(
        assistant,
        "They were late again",
        "what is an I statement?",
        "they came an hour after they had said",
        exercise="i-statements",
    )
    assert "i-statements" in replies[1].principles
    assert [r.step for r in replies] == ["event", "event", "feeling"]


async def test_danger_in_an_exercise_stops_it(assistant: Assistant) -> None:
    replies = await talk(
        assistant, "It was a bad day", "I want to kill myself", exercise="daily-check-in"
    )
    assert replies[1].outcome == "escalated"
    assert replies[1].step is None


async def test_place_in_an_exercise_is_read_from_plain_history(assistant: Assistant) -> None:
    replies = await talk(assistant, "long day", "a walk in the park", exercise="daily-check-in")
    plain = [
        Message("user", "long day"),
        Message("assistant", replies[0].text),
        Message("user", "a walk in the park"),
        Message("assistant", replies[1].text),
    ]
    reply = await assistant.reply("the bills came in", plain, "daily-check-in")
    assert reply.step == "feeling"


@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=st.text(min_size=1, max_size=200))
def test_any_text_gets_a_whole_reply(assistant: Assistant, text: str) -> None:
    import asyncio

    from assistant.errors import InputError
    from assistant.saying import clean

    try:
        clean(text)
    except InputError:
        return
    reply = asyncio.run(assistant.reply(text))
    assert reply.text.strip()
    assert not OPEN_BRACE.search(reply.text.replace(text, ""))


def test_every_line_fits_every_partner(content: Content) -> None:
    """Fill each line with each kind of partner: no slot left, no doubled word, no "you your"."""
    partners = [
        {"partner": "your husband", "them": "him", "their": "his", "they": "he"},
        {"partner": "Sam", "them": "them", "their": "their", "they": "they"},
    ]
    for situation in content.situations:
        for line in (line for lines in situation.lines.values() for line in lines):
            check_line(line)
            for partner in partners:
                slots = {
                    **partner,
                    "Partner": partner["partner"][0].upper() + partner["partner"][1:],
                    "Their": partner["their"].capitalize(),
                    "They": partner["they"].capitalize(),
                    "clause": "your sister laughed at your idea",
                    "feeling": "hurt and worried",
                }
                said = fill(line, slots)
                assert not OPEN_BRACE.search(said), line
                assert "you your" not in said, line
                doubles = {m.group(1).lower() for m in DOUBLED.finditer(said)}
                assert doubles <= ALLOWED_DOUBLES, (situation.id, said)


def test_guided_mode_has_enough_lines_and_situations(content: Content) -> None:
    assert len(content.situations) >= 60
    topics = [s for s in content.situations if s.kind == "topic"]
    lines = [line for s in content.situations for ls in s.lines.values() for line in ls]
    assert len(lines) >= 1500
    assert len(set(lines)) == len(lines)
    for topic in topics:
        assert len(topic.exemplars) >= 15, topic.id
        for move in ("reflect", "validate", "ask_more"):
            assert len(topic.lines[move]) >= 3, (topic.id, move)  # type: ignore[index]


def test_lines_are_not_picked_twice() -> None:
    lines = Lines([], "seed")
    options = ["So {clause}, and it stayed with you.", "It hurts when {clause}.", "That is a lot."]
    slots = {"clause": "he left"}
    picked = [lines.pick(options, slots) for _ in range(4)]
    assert sorted(p for p in picked if p) == sorted(fill(o, slots) for o in options)
    assert picked[-1] is None
    assert lines.pick(["Only with {feeling} here."], slots) is None


def test_slot_at_the_start_of_a_sentence_gets_a_capital() -> None:
    assert fill("{clause}. {partner} knows.", {"clause": "he left", "partner": "your wife"}) == (
        "He left. Your wife knows."
    )
    assert slots_of("{a} and {b}") == {"a", "b"}


def test_bad_lines_are_refused_when_loaded() -> None:
    for bad in ("{Nobody} said", "a {brace", "{They} is late", "{they} has left"):
        with pytest.raises(ValueError, match=r"."):
            check_line(bad)
    for good in ("{They} said so", "{They} could come", "What might {they} say?"):
        check_line(good)


def test_reader_tells_situations_apart_on_messages_it_has_not_seen(assistant: Any) -> None:
    """Blind messages, the part kept aside: see ``docs/measurements.md`` for the figures."""
    import json
    from pathlib import Path

    path = Path(__file__).parent.parent / "evals" / "aside" / "situations.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    aside = [row for row in rows if row["part"] == "aside"]
    reader = assistant._guide.reader
    right = 0
    for row in aside:
        understood = reader.read(row["text"])
        best = max([*understood.topics, *understood.others], key=lambda m: m.score)
        right += best.situation.id in row["situations"]
    assert right / len(aside) >= 0.65


async def test_question_about_a_step_is_never_kept_as_its_answer(assistant: Assistant) -> None:
    replies = await talk(
        assistant,
        "she corrected my English in front of guests",
        "she corrected my English twice at dinner",
        "wait what counts as a feeling",
        "you didn't answer, I asked if invisible is one",
        "to be a team",
        "wait until the guests have gone",
        exercise="i-statements",
    )
    takeaway = replies[-1].takeaway or ""
    assert "counts as" not in takeaway
    assert "invisible" not in takeaway
    assert "to be a team" in takeaway


async def test_every_principle_can_be_told_within_the_length_of_a_reply(
    assistant: Assistant, content: Content, caplog: pytest.LogCaptureFixture
) -> None:
    """Each title asked as a question: the answer has room for its source, and is not refused."""
    untold = []
    for principle in content.principles:
        (reply,) = await talk(assistant, f"what does the guide say about this: {principle.title}?")
        assert len(reply.text.split()) <= 120, principle.id
        if not reply.principles:
            untold.append(principle.id)
    assert len(untold) <= 3, untold  # "a therapist", say, is answered by what was written for it
    assert "refused" not in caplog.text


def test_situation_that_code_asks_for_must_be_there(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "prompts" / "guided", tmp_path / "guided")
    (tmp_path / "guided" / "situations" / "thanks.yaml").unlink()
    with pytest.raises(ContentError, match="there is no situation 'thanks'"):
        load_situations(tmp_path)
