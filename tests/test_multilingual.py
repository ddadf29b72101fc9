"""Crisis replies in other languages: complete, in the person's language, with real numbers."""

from __future__ import annotations

import shutil
from itertools import product
from pathlib import Path
from typing import get_args

import pytest

from assistant.content import Content
from assistant.content.escalation import load_translations
from assistant.conversation import Assistant
from assistant.errors import ContentError
from assistant.languages import LanguageDetector
from assistant.multilingual import Escalations
from assistant.screening import Screener
from assistant.types import CATEGORIES, Message, Screening, Subject

ROOT = Path(__file__).parent.parent
CODES = ("ar", "de", "es", "fr", "hi", "it", "ja", "nl", "pl", "pt", "ru", "zh")
WISHES = {
    "es": "quiero morirme, no puedo más con esto",
    "fr": "je veux mourir, je n'en peux plus de tout ça",
    "de": "ich will nicht mehr leben, es ist alles zu viel",
    "pt": "quero morrer, não aguento mais isto",
    "it": "voglio morire, non ce la faccio più con tutto questo",
    "nl": "ik wil dood, het is me allemaal te veel",
    "pl": "nie chcę już żyć, to wszystko jest za trudne",
    "ru": "я больше не хочу жить, всё это слишком тяжело",
    "ar": "اريد ان اموت ولا اريد ان اعيش بعد الان",
    "hi": "मैं मरना चाहता हूँ, अब और नहीं सहा जाता",
    "zh": "我不想活了，真的太累了",
    "ja": "もう死にたいです。つらすぎます",
}


@pytest.fixture(scope="module")
def escalations(content: Content) -> Escalations:
    return Escalations(
        content.escalation,
        content.translations,
        content.helplines,
        LanguageDetector(content.languages),
    )


def test_there_is_one_for_each_language(content: Content) -> None:
    assert tuple(sorted(content.translations)) == CODES
    known = {spoken.code for spoken in content.languages.languages}
    assert set(CODES) <= known


@pytest.mark.parametrize("code", CODES)
async def test_crisis_is_answered_in_the_persons_language(assistant: Assistant, code: str) -> None:
    reply = await assistant.reply(WISHES[code], country="DE")
    assert reply.outcome == "escalated"
    written = assistant.content.translations[code]
    first = next(r for r in written.replies if "suicide" in r.categories and r.subject == "self")
    assert reply.text.startswith(first.body.partition("{")[0][:12])
    assert "{" not in reply.text
    assert reply.resources is not None
    assert any((line.call or "?") in reply.text for line in reply.resources.lines), reply.text


@pytest.mark.parametrize("code", CODES)
def test_every_text_fills_its_slots_in_every_country(
    escalations: Escalations, content: Content, code: str
) -> None:
    for country in (None, "US", "IN", "JP", "FR"):
        for category, subject, imminent in product(CATEGORIES, get_args(Subject), (True, False)):
            screening = Screening("crisis", category, subject, imminent=imminent)
            given = escalations.reply(screening, WISHES[code], (), country)
            assert not {"{", "}"} & set(given.text)
            assert content.helplines.international.emergency not in given.text


@pytest.mark.parametrize("code", CODES)
def test_six_turns_get_six_texts_also_after_short_answers(
    escalations: Escalations, code: str
) -> None:
    history: list[Message] = []
    told = []
    for said in (WISHES[code], "ok", "...", "?", "no", "hm"):
        given = escalations.reply(Screening("crisis", "suicide"), said, history, "ES")
        history += [Message("user", said), Message("assistant", given.text)]
        told.append(given.text)
    assert len(set(told)) == 6


def test_english_is_answered_in_english_after_another_language(escalations: Escalations) -> None:
    history = [Message("user", WISHES["fr"]), Message("assistant", "…")]
    text = "sorry I can write English too, I want to die"
    given = escalations.reply(Screening("crisis", "suicide"), text, history, "FR")
    assert "You can" in given.text


@pytest.mark.parametrize("category", ["suicide", "partner_violence", "medical"])
def test_check_in_comes_in_the_persons_language(
    escalations: Escalations, content: Content, category: str
) -> None:
    about = {"suicide": "living", "partner_violence": "safety"}.get(category, "other")
    screening = Screening("concern", category)  # type: ignore[arg-type]
    given = escalations.check_in(screening, "estoy muy cansada de todo y no sé qué hacer", ())
    assert given == content.translations["es"].check_ins[about]  # type: ignore[index]


def test_language_without_its_texts_is_answered_in_english(
    content: Content,
) -> None:
    bare = Escalations(
        content.escalation, {}, content.helplines, LanguageDetector(content.languages)
    )
    given = bare.reply(Screening("crisis", "suicide"), WISHES["es"], (), None)
    assert "You can" in given.text


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("code: es", "code: fr", "without '.yaml'"),
        ("categories: [any]", "categories: [medical]", "there is no first reply"),
        ("{line}", "{number}", "no other slot"),
        ("  safety:", "  safe:", "check_ins"),
    ],
)
def test_bad_file_names_what_is_wrong(tmp_path: Path, old: str, new: str, problem: str) -> None:
    folder = tmp_path / "crisis" / "languages"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "knowledge" / "crisis" / "languages" / "es.yaml", folder)
    text = (folder / "es.yaml").read_text()
    assert old in text
    (folder / "es.yaml").write_text(text.replace(old, new))
    with pytest.raises(ContentError, match=problem):
        load_translations(tmp_path)


@pytest.mark.parametrize(
    ("code", "safe", "unsafe"),
    [
        ("es", "ya estoy a salvo", "no estoy a salvo"),
        ("fr", "oui, je suis en sécurité", "je ne suis pas en sécurité"),
        ("de", "ja, ich bin in Sicherheit", "ich bin nicht in Sicherheit"),
        ("pt", "estou em segurança agora", "não estou em segurança"),
        ("it", "adesso sono al sicuro", "non sono al sicuro"),
        ("nl", "ja ik ben veilig", "ik ben niet veilig"),
        ("pl", "jestem bezpieczna", "nie jestem bezpieczna"),
        ("ru", "да, я в безопасности", "я не в безопасности"),
        ("ar", "نعم انا بامان", "انا لست بامان"),
        ("hi", "हाँ, मैं सुरक्षित हूँ", "मैं सुरक्षित नहीं हूँ"),
        ("zh", "我现在安全", "我现在不安全"),
        ("ja", "今は安全です", "安全ではありません"),
    ],
)
def test_safe_answer_lowers_the_level_one_step(
    content: Content, code: str, safe: str, unsafe: str
) -> None:
    screener = Screener(content.crisis)
    history = [Message("user", WISHES[code]), Message("assistant", "…")]
    assert screener.screen(WISHES[code]).level == "crisis"
    assert screener.screen(safe, history).level == "concern"
    assert screener.screen(unsafe, history).level == "crisis"
