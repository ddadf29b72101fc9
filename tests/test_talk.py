"""The parts of talking: saying back, quoting, tone, memory, and what is asked for outright."""

from __future__ import annotations

import re

import numpy as np
import pytest
from talking import talk

from assistant.content import Content
from assistant.conversation import Assistant
from assistant.guided.echo import echo_of, quote_of
from assistant.guided.lines import Lines
from assistant.guided.memory import remember
from assistant.guided.people import Partner
from assistant.guided.tone import Tone
from assistant.types import Message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("his tone", "his tone"),
        ("my mum", "your mum"),
        ("the silence.", "the silence"),
        ("last Sunday", "last Sunday"),
        ("being alone", "being alone"),
    ],
)
def test_short_answer_is_echoed(content: Content, text: str, said: str) -> None:
    assert echo_of(text, content.language) == said


@pytest.mark.parametrize(
    "text", ["yes", "he left", "the soup is still there", "my fault", "what is the point", "idk"]
)
def test_what_is_no_noun_phrase_is_not_echoed(content: Content, text: str) -> None:
    assert echo_of(text, content.language) is None


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("The nurses say to go along with it. So I am Ted.", "So I am Ted"),
        (
            "She has her choir, her Italian. I have a lathe I do not use.",
            "I have a lathe I do not use",
        ),
    ],
)
def test_last_short_sentence_is_quoted_as_it_was(content: Content, text: str, quote: str) -> None:
    assert quote_of(text, content.language) == quote


@pytest.mark.parametrize(
    "text",
    [
        "Is it wrong that I want this?",
        "You don't understand me.",
        "Thank you for that.",
        "is it insane to be jealous of bread",
        "ok",
        'He said "go away now".',
    ],
)
def test_what_is_said_to_the_assistant_or_asked_is_not_quoted(content: Content, text: str) -> None:
    assert quote_of(text, content.language) is None


def test_line_of_hardly_more_than_their_words_may_come_again() -> None:
    lines = Lines([], "seed")
    assert lines.pick(["So {clause}."], {"clause": "he left"}) == "So he left."
    assert lines.pick(["So {clause}."], {"clause": "he left"}) is None
    assert lines.pick(["So {clause}."], {"clause": "she came back"}) == "So she came back."


def test_line_with_a_sentence_that_was_said_is_not_picked() -> None:
    lines = Lines(["Right. What do you make of it?"], "seed")
    assert lines.pick(["I see how it went. What do you make of it?"], {}) is None


def test_tone_is_learned_from_moods() -> None:
    vectors = np.eye(384, dtype=np.float32)[:8]
    tone = Tone(["heavy"] * 4 + ["good"] * 4, vectors)
    assert tone.of(vectors[1:2])[0] == "heavy"
    assert tone.of(vectors[6:7])[0] == "good"


def test_memory_keeps_wishes_feelings_and_what_happened(
    assistant: Assistant, content: Content
) -> None:
    history = [
        Message("user", "My husband walked out of the kitchen and I felt lonely"),
        Message("assistant", "That hurts. What would help?"),
        Message("user", "I want him to ask me about my day"),
        Message("assistant", "So you want him to ask you about your day. When would that be?"),
    ]
    partner = Partner("your husband", "he")
    memory = remember(history, assistant._guide.reader, partner, content.language)
    assert memory.feelings == ("lonely",)
    assert memory.facts == ("your husband walked out of the kitchen",)
    assert memory.wants == ("you want him to ask you about your day",)
    assert memory.wish == "I want you to ask me about my day"
    assert memory.asked == 2


async def test_words_to_say_are_the_persons_own_where_they_gave_them(assistant: Assistant) -> None:
    (reply,) = await talk(
        assistant, "How do I tell her I miss the talking without it sounding like a complaint?"
    )
    assert "I miss the talking" in reply.text


async def test_a_wish_of_before_becomes_the_words_to_say(assistant: Assistant) -> None:
    *_, reply = await talk(
        assistant,
        "I want him to say it out loud once.",
        "How do I even begin a sentence like that?",
    )
    assert "I want you to say it out loud once" in reply.text


async def test_idea_is_offered_first_and_told_on_yes(assistant: Assistant) -> None:
    said = [
        "My wife keeps interrupting me when I talk about my day",
        "I feel unimportant, like a radio in the background",
        "I want her to just hear me out for once",
        "It happened again yesterday when I told her about work",
        "She interrupts me in front of our friends too",
        "She doesn't listen when I tell her that it hurts",
        "I tried to tell her about it and she talked over me",
        "My wife never lets me finish a sentence",
        "She interrupted me again this morning",
    ]
    history: list[Message] = []
    for text in said:
        reply = await assistant.reply(text, history)
        history += [Message("user", text), Message("assistant", reply.text)]
        titles = [p.title for p in assistant.content.principles if f'"{p.title}"' in reply.text]
        if titles:
            break
    else:
        pytest.fail("no idea of the guide was offered")
    assert reply.principles == ()
    told = await assistant.reply("yes please", history)
    (principle,) = told.principles
    assert assistant.knowledge.principles[principle].title == titles[0]
    assert assistant.knowledge.principles[principle].idea in told.text
    declined = await assistant.reply("no thanks", history)
    assert declined.principles == ()


@pytest.mark.parametrize(
    "text",
    [
        "Thank you. I'm going to lie down now.",
        "ok good night",
        "I have to go, bye",
        "my bus is here",
    ],
)
async def test_goodbye_is_met_with_a_goodbye(assistant: Assistant, text: str) -> None:
    (reply,) = await talk(assistant, text)
    lines = next(s for s in assistant.content.situations if s.id == "goodbye").lines["answer"]
    moments = [m for m in assistant.content.moments if m.id.startswith(("bye", "have-to-go"))]
    allowed = [*lines, *(line for m in moments for line in m.reply)]
    assert any(line[:20] in reply.text for line in allowed), reply.text


async def test_questions_do_not_come_at_the_end_of_every_turn(assistant: Assistant) -> None:
    said = ["He forgot my birthday", "We had planned it for weeks", "I cooked", "He came at eleven"]
    replies = await talk(assistant, *said, "He said sorry", "I went to bed", "I couldn't sleep")
    ends = [reply.text.rstrip().endswith("?") for reply in replies]
    assert 0 < sum(ends) < len(ends)


async def test_light_message_gets_no_heavy_reply(assistant: Assistant) -> None:
    (reply,) = await talk(assistant, "haha he put the milk in the oven again, I laughed so hard")
    assert not re.search(r"\b(hurts|sorry|hard for|weighs|painful)\b", reply.text)


async def test_advice_asked_for_is_a_small_step_of_the_topic(
    assistant: Assistant, content: Content
) -> None:
    told = "My husband never listens when I tell him about my day, he just looks away"
    replies = await talk(assistant, told, "what can I do about it?")
    steps = next(s for s in content.situations if s.id == "ignored").lines["small_step"]
    openings = [step.partition("{")[0] for step in steps]
    assert any(opening in replies[-1].text for opening in openings), replies[-1].text
