"""The written crisis replies: what they say, and which one is said when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import get_args

import pytest

from assistant import sentences
from assistant.content.escalation import EscalationReply, load_escalation
from assistant.content.helplines import load_helplines
from assistant.errors import ContentError
from assistant.escalation import Escalation
from assistant.types import CATEGORIES, Category, Evidence, Message, Screening, Subject

KNOWLEDGE = Path(__file__).parent.parent / "knowledge"
REPLIES = load_escalation(KNOWLEDGE)
HELPLINES = load_helplines(KNOWLEDGE)
ESCALATION = Escalation(REPLIES, HELPLINES)
CRISES = [c for c in CATEGORIES if c != "none"]
EARLY_WORDS = 45
MAX_WORDS = 125
FORBIDDEN = (
    r"committed|failed attempt|successful attempt|calm down|at least|look on the bright|you should|"
    r"you must|you need to|you have to\b(?! decide)|everything happens|i hear you|valid\b|journey|"
    r"hold space|here for you|thank you for|takes courage|unpack|explore|process|toxic|narcissis|"
    r"abuser|leave him|leave her|couple|counsell?ing together|i promise|will get better|i love you|"
    r"always be here|i care about you|as an ai|i'm unable|i cannot|i can't help"
)

written = pytest.mark.parametrize(
    "reply", [r for r in REPLIES if not r.concern], ids=lambda r: r.id
)
check_ins = pytest.mark.parametrize("reply", [r for r in REPLIES if r.concern], ids=lambda r: r.id)
category = pytest.mark.parametrize("category", CATEGORIES)
subject = pytest.mark.parametrize("subject", get_args(Subject))
imminence = pytest.mark.parametrize("imminent", [False, True])
country = pytest.mark.parametrize("country", [None, "XX", *(c.code for c in HELPLINES.countries)])


def crisis(category: Category, subject: Subject = "self", imminent: bool = False) -> Screening:
    return Screening("crisis", category, subject, imminent=imminent)


def concern(
    category: Category, subject: Subject = "self", quote: str = "", carried: bool = False
) -> Screening:
    evidence = (Evidence("rule", quote),) if quote else ()
    return Screening("concern", category, subject, evidence, carried=carried)


def talk(
    screening: Screening, said: Sequence[str], country: str | None = "GB"
) -> tuple[list[str], list[Message]]:
    """Send messages one after the other; returns the replies and the whole conversation."""
    history: list[Message] = []
    replies = []
    for text in said:
        reply = ESCALATION.reply(screening, text, history, country).text
        history += [Message("user", text), Message("assistant", reply)]
        replies.append(reply)
    return replies, history


def moments() -> Iterator[tuple[EscalationReply, Screening]]:
    """Every written reply with every crisis it may be said in."""
    for reply in REPLIES:
        for category, subject in product(CRISES, get_args(Subject)):
            if not reply.concern and reply.fits(category, subject):
                yield reply, crisis(category, subject)


def ids(texts: Sequence[str]) -> list[str]:
    """Which reply each text is."""
    return [
        next(r.id for r in REPLIES if not r.concern and all(p in text for p in r.pieces))
        for text in texts
    ]


# -- what is written ---------------------------------------------------------------------------


@written
def test_no_reply_has_forbidden_words(reply: EscalationReply) -> None:
    assert not re.search(FORBIDDEN, reply.body, re.IGNORECASE)


@check_ins
def test_no_check_in_has_forbidden_words(reply: EscalationReply) -> None:
    assert not re.search(FORBIDDEN, reply.body, re.IGNORECASE)


@written
def test_a_reply_asks_at_most_two_questions(reply: EscalationReply) -> None:
    quoted = re.sub(r'"[^"]*"', "", reply.body)
    assert quoted.count("?") <= 2


@written
def test_a_declared_question_is_asked_at_the_end(reply: EscalationReply) -> None:
    if reply.asks:
        assert reply.body.endswith("?")


@check_ins
def test_a_check_in_asks_at_most_one_question(reply: EscalationReply) -> None:
    assert reply.body.count("?") <= 1


def test_no_two_texts_begin_with_the_same_words() -> None:
    openings = [" ".join(r.body.lower().split()[:5]) for r in REPLIES]
    assert {o for o in openings if openings.count(o) > 1} == set()


@country
def test_replies_read_well_with_the_numbers_of_every_country(country: str | None) -> None:
    for reply, screening in moments():
        text = ESCALATION.fill(reply, screening, country)
        assert "{" not in text
        for sentence in sentences.split(text):
            assert len(sentence.split()) <= 30, (reply.id, sentence)
            assert not sentence[0].islower(), (reply.id, sentence)


@country
def test_the_first_reply_gives_a_number_early(country: str | None) -> None:
    for category, subject, imminent in product(CATEGORIES, get_args(Subject), (True, False)):
        text = ESCALATION.reply(crisis(category, subject, imminent), "", (), country).text
        early = " ".join(text.split()[:EARLY_WORDS])
        assert re.search(r"\d[\d -]{2,}|findahelpline\.com", early), early
        assert len(text.split()) <= MAX_WORDS, (category, subject, len(text.split()))


@category
@subject
def test_the_first_reply_to_an_imminent_danger_names_the_emergency_number(
    category: Category, subject: Subject
) -> None:
    text = ESCALATION.reply(crisis(category, subject, True), "", (), "GB").text
    assert "999" in " ".join(text.split()[:EARLY_WORDS])


@pytest.mark.parametrize(
    "word", ["couples", "mediation", "forgive", '"I" statement', "be a better"]
)
def test_nothing_said_to_someone_hurt_by_a_partner_asks_them_to_work_on_it(word: str) -> None:
    for reply in REPLIES:
        if reply.category in ("partner_violence", "sexual_violence"):
            assert word not in reply.body


@pytest.mark.parametrize("category", ["partner_violence", "sexual_violence", "child_abuse"])
@imminence
def test_someone_who_was_hurt_is_believed(category: Category, imminent: bool) -> None:
    text = ESCALATION.reply(crisis(category, "self", imminent), "", (), None).text
    assert text.startswith("I believe you")


# -- which one is said -------------------------------------------------------------------------


@category
@subject
@imminence
def test_a_person_who_keeps_writing_gets_a_new_text_each_time(
    category: Category, subject: Subject, imminent: bool
) -> None:
    said = ["it happened again", *(f"and then, {n} days later, it went on" for n in range(8))]
    replies, _ = talk(crisis(category, subject, imminent), said)
    assert len(set(replies)) == 9


def test_when_all_is_said_the_text_said_longest_ago_comes_again() -> None:
    replies, _ = talk(crisis("psychosis"), ["it goes on"] * 40)
    assert len(set(replies[-9:])) == 9
    assert replies[0] not in replies[1:]


def test_a_change_of_country_does_not_hide_what_was_said() -> None:
    screening = crisis("suicide")
    first = ESCALATION.reply(screening, "", (), "GB").text
    second = ESCALATION.reply(screening, "so", [Message("assistant", first)], "US").text
    assert ids([first, second]) == ["suicide-self", "suicide-self-2"]


@pytest.mark.parametrize(
    ("category", "answer", "expected"),
    [
        ("partner_violence", "No.", "partner-violence-self-now"),
        ("partner_violence", "no he's downstairs", "partner-violence-self-now"),
        ("partner_violence", "Yes", "safe-self"),
        ("partner_violence", "he’s at work", "safe-self"),
        ("partner_violence", "I don't know", "safe-unclear"),
        ("partner_violence", "he reads my messages", "watched"),
        ("partner_violence", "they would take my kids", "found-out"),
        ("partner_violence", "I can't speak, he'll hear", "no-privacy"),
        ("suicide", "yes", "suicide-self-now"),
        ("suicide", "Yes, I think so", "suicide-self-now"),
        ("suicide", "no, not tonight", "safe-self"),
        ("suicide", "not sure", "safe-unclear"),
        ("suicide", "I don’t want to call anyone", "wont-call"),
        ("suicide", "i won't call a hotline", "wont-call"),
        ("suicide", "please don't tell anyone", "secret"),
        ("suicide", "how many pills would it be", "methods"),
        ("suicide", "lol jk", "kidding"),
        ("suicide", "can i text someone instead?", "chat"),
        ("suicide", "is it free?", "cost"),
        ("suicide", "I have no one", "alone"),
        ("suicide", "I tried that, nobody answered", "nothing-helps"),
        ("suicide", "you're useless", "hostile"),
        ("suicide", "can we talk about something else", "topic"),
        ("suicide", "ok I'll call them", "will-call"),
        ("suicide", "goodbye", "leaving"),
        ("suicide", "i'm not safe", "suicide-self-now"),
        ("self_harm", "sometimes", "suicidal-self"),
        ("self_harm", "no", "safe-self"),
        ("suicide", "no, not tonight. just so tired", "safe-self"),
        ("suicide", "no but soon", "suicide-self-2"),
        ("partner_violence", "yes, he's at work till six", "safe-self"),
        ("partner_violence", "yes until he gets home", "partner-violence-self-2"),
        ("partner_violence", "he's at the door", "partner-violence-self-now"),
        ("harm_to_others", "no, she's at her mum's", "harm-safe"),
        ("medical", "no", "medical-alone"),
        ("medical", "my sister", "with-someone"),
        ("harm_to_others", "yes", "harm-to-others-self-now"),
        ("psychosis", "yes it does", "psychosis-self-now"),
        ("eating_disorder", "a bit", "eating-disorder-self-now"),
    ],
)
def test_the_reply_fits_what_the_message_answers(
    category: Category, answer: str, expected: str
) -> None:
    replies, _ = talk(crisis(category), ["", answer])
    assert ids(replies)[1] == expected


@pytest.mark.parametrize(
    "text",
    [
        "I feel useless",
        "he told me to shut up",
        "he said he didn't mean it",
        "things between us are bad",
        "he came back to the house",
        "I've decided to leave him",
        "I don't know what to do any more",
        "nobody at work knows my name",
    ],
)
def test_an_ordinary_message_is_not_taken_for_an_answer(text: str) -> None:
    replies, _ = talk(crisis("suicide"), ["", text])
    assert ids(replies)[1] == "suicide-self-2"


def test_a_second_refusal_gets_a_second_answer_and_then_the_talk_goes_on() -> None:
    replies, _ = talk(crisis("suicide"), ["", "I won't call", "I won't call", "I won't call"])
    assert ids(replies)[1:] == ["wont-call", "wont-call-2", "suicide-self-2"]


def test_danger_that_becomes_imminent_gets_the_emergency_reply() -> None:
    first = ESCALATION.reply(crisis("partner_violence"), "", (), "GB").text
    history = [Message("assistant", first)]
    now = crisis("partner_violence", imminent=True)
    assert ids([ESCALATION.reply(now, "he's at the door", history, "GB").text]) == [
        "partner-violence-self-now"
    ]


def test_another_kind_of_crisis_begins_with_its_own_first_reply() -> None:
    _, history = talk(crisis("partner_violence"), ["", "it went on"])
    reply = ESCALATION.reply(crisis("suicide"), "I want to die", history, "GB").text
    assert ids([reply]) == ["suicide-self"]


def test_asking_for_a_method_first_of_all_is_met_without_one() -> None:
    reply = ESCALATION.reply(crisis("suicide"), "painless way to die?", (), "US").text
    assert ids([reply]) == ["methods"]
    assert "988" in reply


def test_asking_to_write_instead_gives_a_way_to_write() -> None:
    replies, _ = talk(crisis("suicide"), ["", "could I text instead"], "GB")
    assert "text SHOUT to 85258" in replies[1]
    replies, _ = talk(crisis("suicide"), ["", "could I text instead"], None)
    assert "findahelpline.com" in replies[1]


# -- check-ins ---------------------------------------------------------------------------------


@category
@subject
def test_a_concern_gets_a_check_in(category: Category, subject: Subject) -> None:
    assert ESCALATION.check_in(concern(category, subject), ())


def test_a_check_in_is_not_repeated_and_leaves_two_turns_free() -> None:
    history: list[Message] = []
    given = []
    for _ in range(12):
        check_in = ESCALATION.check_in(concern("suicide"), history)
        given.append(check_in)
        history += [Message("user", "so tired"), Message("assistant", f"Hm. {check_in or 'Oh.'}")]
    said = [c for c in given if c]
    assert [bool(c) for c in given] == [True, False, False] * 4
    assert len(set(said)) == len(said) == 4


def test_there_is_no_check_in_without_a_concern() -> None:
    assert ESCALATION.check_in(Screening(), ()) is None
    assert ESCALATION.check_in(crisis("suicide"), ()) is None


@pytest.mark.parametrize(
    ("category", "quote", "word"),
    [
        ("suicide", "tried to die years ago", "before"),
        ("partner_violence", "scared of him", "scared"),
        ("self_harm", "used to cut", "without it"),
    ],
)
def test_a_check_in_fits_what_was_said(category: Category, quote: str, word: str) -> None:
    assert word in (ESCALATION.check_in(concern(category, quote=quote), ()) or "")


def test_after_a_crisis_the_check_in_steps_down() -> None:
    _, history = talk(crisis("suicide"), ["", "no, not tonight"])
    check_in = ESCALATION.check_in(concern("suicide", carried=True), history)
    assert check_in in [r.body for r in REPLIES if r.concern and r.barrier == "safe"]


def test_after_a_mere_suspicion_the_check_in_owns_the_doubt() -> None:
    doubts = {r.body for r in REPLIES if r.concern and r.barrier == "doubt"}
    assert len(doubts) >= 3
    _, history = talk(crisis("suicide"), ["", "my knee is acting up again today"])
    doubted = replace(concern("suicide", carried=True), doubted=True)
    assert ESCALATION.check_in(doubted, history) in doubts
    assert ESCALATION.check_in(doubted, ()) is None


# -- lines of help -----------------------------------------------------------------------------


@country
def test_there_are_one_to_three_lines_and_unsure_ones_come_last(country: str | None) -> None:
    for category, subject in product(CATEGORIES, get_args(Subject)):
        shown = ESCALATION.resources(crisis(category, subject), country, soft=False)
        assert 1 <= len(shown.lines) <= 3
        assert shown.lines[0].sure
        assert [x.sure for x in shown.lines] == sorted((x.sure for x in shown.lines), reverse=True)


@pytest.mark.parametrize(
    ("category", "subject", "country", "first"),
    [
        ("suicide", "self", "GB", "Samaritans"),
        ("suicide", "self", "US", "988 Suicide & Crisis Lifeline"),
        ("partner_violence", "self", "US", "National Domestic Violence Hotline"),
        ("partner_violence", "self", "DE", "Hilfetelefon Gewalt gegen Frauen"),
        ("partner_violence", "self", "IN", "Women Helpline"),
        ("harm_to_others", "self", "GB", "Respect Phoneline"),
        ("harm_to_others", "self", "NZ", "0800 HEY BRO"),
        ("harm_to_others", "self", "AT", "Männerinfo"),
        ("harm_to_others", "self", "IE", "Samaritans Ireland"),
        ("harm_to_others", "other", "GB", "Samaritans"),
        ("child_abuse", "self", "GB", "Childline"),
        ("child_abuse", "other", "GB", "NSPCC Helpline"),
        ("child_abuse", "other", "FR", "119 Enfance en danger"),
        ("medical", "self", "US", "Poison Control"),
        ("eating_disorder", "self", "GB", "Beat"),
        ("sexual_violence", "self", "IE", "Rape Crisis National Helpline"),
        ("psychosis", "self", "JP", "Yorisoi Hotline"),
        ("none", "self", "DE", "TelefonSeelsorge"),
    ],
)
def test_the_line_fits_the_crisis(
    category: Category, subject: Subject, country: str, first: str
) -> None:
    assert ESCALATION.resources(crisis(category, subject), country, False).lines[0].name == first


def test_a_line_with_hours_comes_with_one_that_is_always_open() -> None:
    text = ESCALATION.reply(crisis("eating_disorder"), "", (), "GB").text
    assert "Beat on 0808 801 0677 (weekdays 3–8pm), or call Samaritans on 116 123 (24/7)" in text


def test_an_unknown_country_is_never_taken_for_another() -> None:
    for code in (None, "XX"):
        shown = ESCALATION.resources(crisis("suicide"), code, soft=True)
        assert shown.country == ""
        assert shown.soft
        assert not any(x.call for x in shown.lines)
        text = ESCALATION.reply(crisis("suicide", imminent=True), "", (), code).text
        assert "988" not in text
        assert HELPLINES.international.emergency in text


def test_a_number_nobody_confirmed_is_shown_with_a_note() -> None:
    lines = ESCALATION.resources(crisis("harm_to_others"), "IE", False).lines
    unsure = [x for x in lines if not x.sure]
    assert unsure
    assert all(x.about.endswith(HELPLINES.phrases.unsure) for x in unsure)


# -- files that are not valid ------------------------------------------------------------------

BODY = "You can {line}. " + "word " * 40


def load(folder: Path, head: str, body: str) -> None:
    replies = folder / "crisis" / "replies"
    replies.mkdir(parents=True)
    (replies / "one.md").write_text(f"---\nid: one\n{head}\n---\n{body}\n", encoding="utf-8")
    load_escalation(folder)


@pytest.mark.parametrize(
    ("head", "body", "problem"),
    [
        ("category: suicide\nsubject: self", BODY + "{number}", "unknown slot {number}"),
        ("category: suicide\nsubject: self", BODY + "{", "brace"),
        ("category: suicide\nsubject: self", "You can {line}.", "35 to 95"),
        ("category: suicide\nsubject: self", "word " * 40, "needs {emergency}"),
        ("category: suicide\nsubject: self\nconcern: true", BODY, "at most 30 words"),
        ("category: sadness\nsubject: self", BODY, "category"),
        ("category: suicide\nsubject: self\nfor: nothing", BODY, "for"),
        ("category: suicide\nsubject: self", BODY, "no first reply"),
    ],
)
def test_a_bad_file_names_what_is_wrong(tmp_path: Path, head: str, body: str, problem: str) -> None:
    with pytest.raises(ContentError, match=re.escape(problem)):
        load(tmp_path, head, body)


def test_the_id_is_the_name_of_the_file(tmp_path: Path) -> None:
    replies = tmp_path / "crisis" / "replies"
    replies.mkdir(parents=True)
    (replies / "two.md").write_text(
        f"---\nid: one\ncategory: any\nsubject: any\n---\n{BODY}\n", encoding="utf-8"
    )
    with pytest.raises(ContentError, match=re.escape("without '.md'")):
        load_escalation(tmp_path)


def test_a_text_may_stand_only_once(tmp_path: Path) -> None:
    replies = tmp_path / "crisis" / "replies"
    replies.mkdir(parents=True)
    for name in ("one", "two"):
        (replies / f"{name}.md").write_text(
            f"---\nid: {name}\ncategory: any\nsubject: any\n---\n{BODY}\n", encoding="utf-8"
        )
    with pytest.raises(ContentError, match="another file"):
        load_escalation(tmp_path)


# -- young people ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "young"),
    [
        ("I'm 15 and I want to die", True),
        ("im sixteen. i cut myself again", True),
        ("16yo girl here, my boyfriend hit me", True),
        ("I'm 45 and I want to die", False),
        ("I'm 15% sure about us and I want to die", False),
        ("we've been married 17 years and I want to die", False),
        ("I am 16 weeks pregnant and he hit me", False),
        ("my daughter is 15 and wants to die", False),
    ],
)
def test_lines_for_young_people_come_first_for_them(text: str, young: bool) -> None:
    given = ESCALATION.reply(crisis("suicide"), text, (), "GB")
    lines = HELPLINES.country("GB").lines
    for_young = {line.name for line in lines if "young_people" in line.help_for}
    assert (given.resources.lines[0].name in for_young) == young


def test_an_age_told_earlier_counts() -> None:
    history = [Message("user", "I'm 14"), Message("assistant", "Hello.")]
    given = ESCALATION.reply(crisis("self_harm"), "i cut myself", history, "US")
    lines = HELPLINES.country("US").lines
    assert given.resources.lines[0].name in {
        line.name for line in lines if "young_people" in line.help_for
    }
