from __future__ import annotations

from ledger.domain.effects import Signatories
from ledger.domain.facts import CoSignature
from tests.builders import action, co_signature, digest_of, relation, submission
from tests.unit.domain.aggregates.folding import fold, refusal

STREAM = "submissions/ad-letter"
LETTER = submission("ad-letter", signatories=Signatories(stated_count=20, names=("Ada Byron",)))


def joined(
    fact_id: str = "ad-joins", *, signatory: str = "Bo Diddley", digest: bytes = b""
) -> CoSignature:
    return co_signature(fact_id, STREAM, digest or digest_of(LETTER), signatory=signatory)


def test_a_signatory_joins_a_letter_that_is_named_by_its_digest() -> None:
    assert fold(LETTER, joined()).version == 2


def test_another_letter_is_not_joined() -> None:
    refused = refusal(LETTER, joined(digest=bytes(32)))

    assert (refused.rule, refused.field) == ("co-signature-names-letter", "letter_digest")


def test_a_later_fact_of_the_stream_is_not_the_letter() -> None:
    answer = submission("ad-answer", STREAM, relates_to=(relation("answers", "ad-letter"),))

    refused = refusal(LETTER, answer, joined(digest=digest_of(answer)))

    assert refused.rule == "co-signature-names-letter"


def test_a_co_signature_opens_no_stream() -> None:
    refused = refusal(joined())

    assert (refused.rule, refused.field) == ("co-signature-names-letter", "stream")


def test_a_signatory_signs_once() -> None:
    refused = refusal(LETTER, joined(), joined("ad-again", signatory="BO DIDDLEY"))

    assert (refused.rule, refused.field) == ("signatory-signs-once", "signatory")


def test_who_signed_the_letter_itself_does_not_join_it() -> None:
    assert refusal(LETTER, joined(signatory="ada byron")).rule == "signatory-signs-once"


def test_nobody_joins_a_withdrawn_letter() -> None:
    withdrawal = submission("ad-end", STREAM, subtype="withdrawal")

    assert refusal(LETTER, withdrawal, joined()).rule == "nothing-follows-withdrawal"


def test_a_letter_that_comes_late_is_the_one_to_join() -> None:
    early = submission(
        "ad-early", STREAM, signatories=Signatories(names=("Cy Twombly",)), actor="Press"
    )

    assert fold(early, LETTER, joined()).version == 3
    assert refusal(early, LETTER, joined(signatory="Cy Twombly")).rule == "signatory-signs-once"


def test_a_regulatory_action_is_no_submission() -> None:
    assert refusal(action("us-rule", STREAM)).rule == "family-fits-collection"
