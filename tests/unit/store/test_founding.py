"""A ledger begins once, by those who can, and is opened only when it is whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.domain.authorship import Administrator
from ledger.errors import (
    EnvelopeError,
    RefusedError,
    RuleError,
    SettingError,
    SignatureError,
    StoreError,
)
from ledger.store.committing import Ledger
from ledger.store.founding import found, require_sound
from tests.unit.store.builders import (
    LEDGER_ID,
    LedgerFolder,
    founding,
    key_of,
    log_signer,
    order,
    proved,
    tamper,
)


class TestFounding:
    def test_the_founding_is_entry_0_and_names_the_ledger(self, folder: LedgerFolder) -> None:
        ledger = folder.open()

        receipt = found(ledger, founding())

        assert (receipt.index, proved(receipt).size) == (0, 1)
        assert ledger.reader.index_of_statement(LEDGER_ID) == 0
        assert folder.head.read().size == 1

    def test_a_ledger_begins_with_its_founding(self, folder: LedgerFolder) -> None:
        with pytest.raises(RuleError) as refusal:
            found(folder.open(), order(1))

        assert refusal.value.rule == "founding-is-entry-0"
        assert not folder.head.exists()

    def test_what_is_no_envelope_founds_nothing(self, folder: LedgerFolder) -> None:
        with pytest.raises(EnvelopeError):
            found(folder.open(), b"")

    @pytest.mark.parametrize(
        "other",
        [{"origin": "ledger.example/other"}, {"log_key": key_of("other").public.spki_der}],
    )
    def test_the_founding_names_the_key_that_signs_here(
        self, folder: LedgerFolder, other: dict[str, object]
    ) -> None:
        with pytest.raises(SettingError) as refusal:
            found(folder.open(), founding(**other))

        assert refusal.value.rule == "log-key"

    def test_enough_administrators_sign(self, folder: LedgerFolder) -> None:
        administrators = _administrators("ada", "bob")

        with pytest.raises(SignatureError) as refusal:
            found(folder.open(), founding(administrators=administrators, threshold=2))

        assert refusal.value.rule == "administrators-threshold"

    def test_a_founding_that_was_refused_can_be_tried_again(self, folder: LedgerFolder) -> None:
        ledger = folder.open()
        with pytest.raises(RefusedError):
            found(ledger, founding(administrators=_administrators("eve")))

        assert found(ledger, founding()).index == 0

    def test_a_ledger_is_founded_once(self, ledger: Ledger) -> None:
        with pytest.raises(RefusedError) as refusal:
            found(ledger, founding())

        assert refusal.value.rule == "already-founded"


class TestOpening:
    def test_a_founded_ledger_is_sound(self, ledger: Ledger) -> None:
        require_sound(ledger)

    def test_an_empty_database_is_no_ledger(self, folder: LedgerFolder) -> None:
        ledger = folder.open()
        ledger.recorder.create_table()
        ledger.head.create()

        with pytest.raises(StoreError) as refusal:
            require_sound(ledger)

        assert refusal.value.rule == "not-founded"

    def test_a_ledger_without_its_head_is_not_opened(
        self, ledger: Ledger, folder: LedgerFolder
    ) -> None:
        (folder.path / "head").unlink()

        with pytest.raises(StoreError) as refusal:
            require_sound(ledger)

        assert refusal.value.rule == "head-missing"

    def test_a_ledger_without_a_log_key_is_none(self, ledger: Ledger) -> None:
        with pytest.raises(SettingError) as refusal:
            replace(ledger, signers=())

        assert refusal.value.rule == "log-key"

    def test_the_key_of_another_log_is_refused(self, ledger: Ledger) -> None:
        with pytest.raises(SettingError) as refusal:
            require_sound(replace(ledger, signers=(log_signer("ledger.example/other"),)))

        assert refusal.value.rule == "log-key"

    @pytest.mark.usefixtures("ledger")
    def test_leaf_hashes_that_were_changed_are_refused(self, folder: LedgerFolder) -> None:
        tamper(folder, "UPDATE ledger_entries SET leaf_hash = zeroblob(32)")

        with pytest.raises(StoreError) as refusal:
            require_sound(folder.open())

        assert refusal.value.rule == "root-mismatch"


def _administrators(*names: str) -> tuple[Administrator, ...]:
    return tuple(
        Administrator(author=name, spki_der=key_of(name).public.spki_der) for name in names
    )
