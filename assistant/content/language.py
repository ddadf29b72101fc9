"""The words that guided mode needs to read what a person wrote: ``knowledge/language.yaml``.

Everything is lower case with straight apostrophes. :attr:`Language.lexicon` holds the verb forms,
made once from the base forms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from .base import Data, load_yaml

Pronoun = Literal["he", "she", "they"]
VerbForm = Literal["base", "third", "past", "participle", "ing"]


def _as_words(value: Any) -> Any:
    return value.split() if isinstance(value, str) else value


Words = Annotated[frozenset[str], BeforeValidator(_as_words)]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Verb forms by what they can be: each maps a form to its base, such as "told" to "tell"."""

    base: dict[str, str]
    third: dict[str, str]
    past: dict[str, str]
    participle: dict[str, str]
    ing: dict[str, str]

    def lemma(self, word: str) -> str | None:
        """Return the base of a verb form, or None if the word is no known form."""
        for forms in (self.base, self.third, self.past, self.participle, self.ing):
            if word in forms:
                return forms[word]
        return None


class Verbs(Data):
    """Base forms, and the forms that the rules of spelling don't give."""

    irregular: dict[str, Annotated[tuple[str, ...], Field(min_length=2, max_length=4)]]
    regular: Words
    pasts: dict[str, str]
    participles: dict[str, str]
    ings: dict[str, str]
    doubling: Words
    doubtful: Words


class ByPronoun(Data):
    """Words sorted by the pronoun that stands for them."""

    he: Words
    she: Words
    they: Words


class Relations(ByPronoun):
    """People who are not the partner; ``plural`` are several at once."""

    plural: Words


class Language(Data):
    """``knowledge/language.yaml``; the comments in that file say what each list is for."""

    verbs: Verbs
    contractions: dict[str, str]
    proper: Words
    acronyms: Words
    partners: dict[str, tuple[str, Pronoun]]
    partners_only_after_my: Words
    not_partners: Words
    relations: Relations
    names: ByPronoun
    names_with_capital: Words
    names_anyway: Words
    adverbs: Words
    negators: Words
    prepositions: Words
    particles: Words
    determiners: Words
    conjunctions: Words
    lead_words: Words
    lead_phrases: tuple[str, ...]
    trail_words: Words
    trail_phrases: tuple[str, ...]
    interrogatives: Words
    time_subordinators: Words
    reason_subordinators: Words
    condition_subordinators: Words
    relativizers: Words
    clause_nouns: Words
    gap_nouns: Words
    gap_verbs: Words
    bridging: Words
    hedging: Words
    echo_heads: Words
    groups: Words
    unquoted: Words
    asking: Words
    wishing: Words
    longing: Words
    takes_listener: Words
    bridging_adjectives: Words
    unreal_verbs: Words
    speech_verbs: Words
    mind_verbs: Words
    mind_verb_objects: Words
    verdict_verbs: Words
    own_fault_verbs: Words
    order_words: Words
    hypothetical_modals: Words
    absolutes: Words
    absolute_phrases: tuple[str, ...]
    sweeping: Words
    judging: Words
    quotable: Words
    profane: Words
    grave: Words
    grave_phrases: tuple[str, ...]
    unreal_phrases: tuple[str, ...]
    sarcasm_phrases: tuple[str, ...]
    sarcasm_marks: Words
    own_states: Words
    other_states: Words
    degree: Words
    state_prepositions: Words
    linking: Words
    wanting: Words
    dangling: Words
    time_words: Words
    time_heads: Words
    time_nouns: Words
    lead_prepositions: Words
    intensifiers: Words
    softeners: Words
    clitic_hosts: Words
    after_copula: Words
    titles: Words
    pronoun_nouns: Words
    needs_more: Words
    own_fault_phrases: tuple[str, ...]
    verdict_only_as_main: Words
    present_marks: Words
    own_words: Words
    thing_verbs: Words
    partner_initials: dict[str, str]
    partners_unowned: Words
    feeling_needs_copula: Words
    feeling_copulas: Words
    feeling_idioms: tuple[str, ...]
    feeling_unreal: Words
    feeling_negators: Words
    feeling_not_negating: tuple[str, ...]
    feeling_attribution: Words
    more_after: tuple[str, ...]
    occasions: Words
    proper_with_capital: Words

    @cached_property
    def lexicon(self) -> Lexicon:
        """The verb forms, made from the base forms by the rules of spelling."""
        made = Lexicon({}, {}, {}, {}, {})
        doubling = self.verbs.doubling
        for base, forms in self.verbs.irregular.items():
            made.base[base] = base
            made.past[forms[0]] = base
            made.participle[forms[1]] = base
            made.third[forms[2] if len(forms) > 2 else third_person(base)] = base
            made.ing[forms[3] if len(forms) > 3 else ing_form(base, doubling)] = base
        for base in sorted(self.verbs.regular - self.verbs.irregular.keys()):
            made.base[base] = base
            made.past[past_form(base, doubling)] = base
            made.participle[past_form(base, doubling)] = base
            made.third[third_person(base)] = base
            made.ing[ing_form(base, doubling)] = base
        made.past.update(self.verbs.pasts)
        made.participle.update(self.verbs.pasts | self.verbs.participles)
        made.ing.update(self.verbs.ings)
        return made

    @cached_property
    def everyone(self) -> Words:
        """Every word for somebody who is not the partner."""
        kin = self.relations
        return kin.he | kin.she | kin.they | kin.plural

    @cached_property
    def given_names(self) -> dict[str, Pronoun]:
        """First names in lower case, each with the pronoun it most often has."""
        found: dict[str, Pronoun] = dict.fromkeys(self.names.he, "he")
        found.update(dict.fromkeys(self.names.she, "she"))
        found.update(dict.fromkeys(self.names.they, "they"))
        found.update(dict.fromkeys(self.names.he & self.names.she, "they"))
        return found


_VOWELS = "aeiou"


def third_person(base: str) -> str:
    """Return the form with he or she: "cry" gives "cries"."""
    if base.endswith(("s", "sh", "ch", "x", "z", "o")):
        return base + "es"
    if base.endswith("y") and base[-2:-1] not in _VOWELS:
        return base[:-1] + "ies"
    return base + "s"


def past_form(base: str, doubling: frozenset[str]) -> str:
    """Return the regular past: "stop" gives "stopped"; ``doubling`` names longer such verbs."""
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2:-1] not in _VOWELS:
        return base[:-1] + "ied"
    return _doubled(base, doubling) + "ed"


def ing_form(base: str, doubling: frozenset[str]) -> str:
    """Return the -ing form: "leave" gives "leaving"; ``doubling`` as in :func:`past_form`."""
    if base.endswith("ie"):
        return base[:-2] + "ying"
    if base.endswith("e") and not base.endswith(("ee", "oe", "ye")):
        return base[:-1] + "ing"
    return _doubled(base, doubling) + "ing"


def _doubled(base: str, doubling: frozenset[str]) -> str:
    """Double the last consonant where spelling does, as in "stopped" and "admitted"."""
    if len(base) < 3 or base[-1] in _VOWELS + "wxy" or base[-2] not in _VOWELS:
        return base
    one_syllable = base[-3] not in _VOWELS and not any(c in _VOWELS for c in base[:-2])
    one_syllable = one_syllable or (base[-3] == "u" and base[-4:-3] == "q" and len(base) <= 5)
    return base + base[-1] if one_syllable or base in doubling else base


class Alike(Data):
    """``knowledge/encoders/alike.yaml``: words read as another by the sentence encoder."""

    words: dict[str, str]


def load_language(folder: Path) -> Language:
    """Load ``language.yaml`` from the knowledge folder."""
    return load_yaml(folder / "language.yaml", Language)
