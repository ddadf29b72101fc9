"""Who the partner is, from what the person has written so far, and how to speak of them.

Nothing is assumed from the person's own gender. A word such as "wife" settles the pronoun; for
"partner", "spouse" or a name it comes from the pronouns that the person uses, and is "they" until
one is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.content.language import Language, Pronoun

from .words import Token, tokenize

_THEM: dict[Pronoun, str] = {"he": "him", "she": "her", "they": "them"}
_THEIR: dict[Pronoun, str] = {"he": "his", "she": "her", "they": "their"}
_GENDER: dict[str, Pronoun] = {
    "he": "he", "him": "he", "his": "he", "himself": "he",
    "she": "she", "her": "she", "hers": "she", "herself": "she",
}  # fmt: skip
_MOST_BETWEEN = 3


@dataclass(frozen=True, slots=True)
class Partner:
    """How to name the partner ("your husband", "Tom", "your partner") and their pronoun."""

    reference: str
    pronoun: Pronoun

    @property
    def them(self) -> str:
        """The object form: him, her, them."""
        return _THEM[self.pronoun]

    @property
    def their(self) -> str:
        """The possessive: his, her, their."""
        return _THEIR[self.pronoun]


@dataclass(frozen=True, slots=True)
class _Mention:
    """A place where the partner is named; ``former`` for an ex."""

    reference: str
    pronoun: Pronoun
    name: bool
    former: bool


def find_partner(texts: Sequence[str], language: Language) -> Partner:
    """Return the partner after all of the person's messages, oldest first.

    The latest name or relation wins, a present partner before an ex; a later bare pronoun only
    adds the pronoun.
    """
    reader = _Reader(language)
    for text in texts:
        reader.read(tokenize(text, language))
    return reader.partner()


class _Reader:
    def __init__(self, language: Language) -> None:
        self.language = language
        self.mentions: list[_Mention] = []
        self.partner_names: set[str] = set()
        self.other_names: set[str] = set()
        self.loose_names: list[tuple[str, str]] = []
        self.pronouns: list[Pronoun] = []

    def read(self, tokens: Sequence[Token]) -> None:
        """Read one message."""
        recent: Pronoun | None = None  # of the person last named who is not the partner
        for place, token in enumerate(tokens):
            if not token.word:
                continue
            mention = self._relation(tokens, place)
            if mention is not None:
                self._add(mention, tokens, place)
                recent = None
                continue
            kin = self._kin(tokens, place)
            if kin is not None:
                recent = kin
                continue
            if self._name(tokens, place):
                recent = self._loose(token, recent)
                continue
            gender = _GENDER.get(token.low)
            if gender is not None and gender != recent:
                self.pronouns.append(gender)

    def _relation(self, tokens: Sequence[Token], place: int) -> _Mention | None:
        """Return the partner named at ``place`` by a relation: "my husband", "my ex"."""
        language = self.language
        token = tokens[place]
        low = token.low.removesuffix("'s").removesuffix("'")
        before = tokens[place - 1].low if place else ""
        if f"{before}-{low}" in language.partners:
            low, place = f"{before}-{low}", place - 1
        if token.text in language.partner_initials:
            low = language.partner_initials[token.text]
        if low not in language.partners:
            return None
        owner = self._owner(tokens, place)
        former = low.startswith("ex")
        if owner is None:
            free = low in language.partners_unowned and not former
            if not free or before in language.determiners - {"the"}:
                return None
        elif owner == "the" and low in language.partners_only_after_my:
            return None
        noun, pronoun = language.partners[low]
        return _Mention(f"your {noun}", pronoun, name=False, former=former)

    def _owner(self, tokens: Sequence[Token], place: int) -> str | None:
        """Return "my" or "the" before the word, past at most three adjectives; else None."""
        language = self.language
        for back in range(1, _MOST_BETWEEN + 2):
            at = place - back
            if at < 0 or not tokens[at].word:
                return None
            low = tokens[at].low
            if low == "my" or (low == "the" and back == 1):
                return low
            if low == "ex" and back == 1:
                return None
            closed = low in language.prepositions or low in language.conjunctions
            if low.endswith("'s") or low in language.not_partners or closed or low in _GENDER:
                return None
            if low in language.determiners or low in language.everyone:
                return None
        return None

    def _add(self, mention: _Mention, tokens: Sequence[Token], place: int) -> None:
        name = self._apposed(tokens, place)
        if name:
            self.partner_names.add(name.lower())
            self.other_names.discard(name.lower())
            mention = _Mention(name, mention.pronoun, name=True, former=mention.former)
        self.mentions.append(mention)

    def _apposed(self, tokens: Sequence[Token], place: int) -> str:
        """Return the name beside a relation: "my husband Tom", "Tom (my boyfriend)"."""
        language = self.language
        after = place + 1
        lows = [token.low for token in tokens[after : after + 3]]
        if lows[:1] == ["'s"]:
            after += 1
        if (
            (tokens[place].low.endswith("'s") and lows[:2] == ["name", "is"])
            or lows[:2] == ["is", "called"]
            or lows[:2] == ["is", "named"]
        ):
            after += 2
        elif (after < len(tokens) and tokens[after].text in ",(") or lows[:1] == ["named"]:
            after += 1
        elif tokens[place].low.endswith("'s"):
            return ""
        if self._name(tokens, after):
            return self._shown(tokens[after])
        start = place
        while start > 0 and tokens[start].low != "my" and place - start < _MOST_BETWEEN:
            start -= 1
        if start >= 2 and tokens[start - 1].text in ",(—–-" and self._name(tokens, start - 2):
            closed = after - 1 < len(tokens) - 1 and tokens[place + 1].text in ",)—–-"
            if closed or place + 1 >= len(tokens):
                return self._shown(tokens[start - 2])
        del language
        return ""

    def _kin(self, tokens: Sequence[Token], place: int) -> Pronoun | None:
        """Return the pronoun of somebody else named here, noting a name beside the word."""
        relations = self.language.relations
        low = tokens[place].low.removesuffix("'s")
        if low not in self.language.everyone:
            return None
        if self._name(tokens, place + 1):
            self.other_names.add(tokens[place + 1].low.removesuffix("'s"))
        if low in relations.she:
            return "she"
        if low in relations.he:
            return "he"
        return "they"

    def _name(self, tokens: Sequence[Token], place: int) -> bool:
        if place >= len(tokens) or not tokens[place].word:
            return False
        language = self.language
        token = tokens[place]
        low = token.low.removesuffix("'s")
        if low in language.given_names:
            plain = low in language.names_with_capital and low not in language.names_anyway
            opens = place == 0 or (not tokens[place - 1].word and tokens[place - 1].text in ".!?\n")
            return not plain or (
                token.text[:1].isupper() and not token.text.isupper() and not opens
            )
        beside = place > 0 and tokens[place - 1].low in self.language.partners
        return beside and token.text.istitle() and low not in language.proper and len(low) > 1

    def _loose(self, token: Token, recent: Pronoun | None) -> Pronoun | None:
        low = token.low.removesuffix("'s")
        shown = self._shown(token)
        if low in self.partner_names:
            known = next(m for m in reversed(self.mentions) if m.reference.lower() == low)
            self.mentions.append(known)
            return None
        if low not in self.other_names:
            self.loose_names.append((low, shown))
            return recent
        return self.language.given_names.get(low, "they")

    def _shown(self, token: Token) -> str:
        text = token.text.removesuffix("'s").removesuffix("’s")
        return text[:1].upper() + (text[1:].lower() if text.isupper() else text[1:])

    def partner(self) -> Partner:
        """Return what all messages together say."""
        present = [mention for mention in self.mentions if not mention.former]
        chosen = (present or self.mentions)[-1:]
        if chosen:
            mention = chosen[0]
            pronoun = mention.pronoun
            if pronoun == "they":
                pronoun = self._heard()
            return Partner(mention.reference, pronoun)
        names = {low for low, _ in self.loose_names} - self.other_names
        if len(names) == 1:
            shown = next(shown for low, shown in self.loose_names if low in names)
            heard = self._heard()
            usual = self.language.given_names.get(next(iter(names)), "they")
            return Partner(shown, heard if heard != "they" else usual)
        return Partner("your partner", self._heard())

    def _heard(self) -> Pronoun:
        """Return the one gendered pronoun that was used; "they" with none or with both alike."""
        he, she = self.pronouns.count("he"), self.pronouns.count("she")
        if he == she:
            return "they"
        if he and she and max(he, she) < 3 * min(he, she):
            return "they"
        return "he" if he > she else "she"
