"""The question: the key of an answer (model of the law §2)."""

from __future__ import annotations

from datetime import date

from ledger.domain.model import Frozen
from ledger.domain.scope import CountryCode
from ledger.domain.vocabulary import Basis, EndUse, Transaction

NO_END_USE = "no part-744 end use"
NO_LISTED_PARTY = "no listed party"
NO_EXEMPT_PARTY = "no exempt party"
IS_EXPORT = "transaction is an export"

EXPORTER = "exporter"
CONSIGNEE = "consignee"
CONSIGNEE_HEADQUARTERS = "consignee_headquarters"
SHIPPED_FROM = "shipped_from"


class Question(Frozen):
    """What is asked. Only item and destination are mandatory.

    ``affirmed`` are preconditions of exceptions and lanes, or scopes of licenses and measures, that
    the asker vouches for. ``as_of`` is the day asked about, ``known_at`` the last day whose
    knowledge counts, on the given basis.
    """

    item: str
    destination: CountryCode
    as_of: date
    known_at: date
    basis: Basis = Basis.PUBLIC
    exporter: str | None = None
    consignee: str | None = None
    consignee_headquarters: CountryCode | None = None
    end_use: EndUse | None = None
    shipped_from: CountryCode | None = None
    transaction: Transaction | None = None
    affirmed: tuple[str, ...] = ()

    def affirms(self, words: str) -> bool:
        """Whether the asker vouches for these words, without regard to case."""
        folded = words.casefold()
        return any(folded == affirmed.casefold() for affirmed in self.affirmed)

    def supplied(self) -> tuple[str, ...]:
        """The facts that the asker supplied, as ``name=value``."""
        facts = {
            "item": self.item,
            "destination": self.destination,
            EXPORTER: self.exporter,
            CONSIGNEE: self.consignee,
            CONSIGNEE_HEADQUARTERS: self.consignee_headquarters,
            "end_use": self.end_use,
            SHIPPED_FROM: self.shipped_from,
            "transaction": self.transaction,
        }
        stated = tuple(f"{name}={value}" for name, value in facts.items() if value is not None)
        return (*stated, *(f"affirmed={words}" for words in self.affirmed))
