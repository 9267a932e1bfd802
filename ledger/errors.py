"""Every error this package raises on purpose, as one tree.

* LedgerError
  - InputError                 what was handed in is not well formed
    + RecordFormatError        a row of a record file (FORMAT): line, field and reason
    + EnvelopeError            envelope or statement bytes that are not canonical or not complete
    + NoteError                a signed note, checkpoint or proof text that does not parse
    + KeyFileError             a key file that cannot be read, or that others could read
    + SignerError              a command or key service that does not sign as it should
    + QuestionError            a question that cannot be asked (unknown destination, item, date)
    + SettingError             an option, variable or context that does not make sense
  - NotFoundError              the named thing is not on record
    + ErasedError              an attachment that was destroyed, by an entry of the log
  - RefusedError               well formed, but the ledger's rules say no
    + RuleError                an aggregate's named rule
    + NotPermittedError        who may sign what: role, key, signature
      . SignatureError         a signature that does not verify, or a key that may not sign
      . RoleError              the author's role does not open or extend this stream
    + VersionConflictError     expected_version is stale
    + DuplicateError           same nonce with other bytes, or a fact_id already taken
    + OldSizeError             a witness cosigned another size last than the old one given
  - VerificationError          somebody's proof, signature or checkpoint does not hold
    + MisbehaviorError         the log contradicts itself, and there is evidence of it
      . ForkError              two histories under one origin
      . RollbackError          a history shorter than one already seen
  - StoreError                 the database failed or does not agree with itself
    + UnavailableError         not now: busy, shutting down, clock behind

Verification raises, it never returns a bool: "If it is incorrect to ignore the result of a
method, it should raise an exception" (pyca/cryptography, submitting patches).
"""

from __future__ import annotations

import copyreg


class LedgerError(Exception):
    """Root of every error raised on purpose.

    Attributes:
        message: One sentence, for a person.
        field: Where in the input the fault lies, a path such as ``provisions[0].effective``, or "".
        rule: The name of the rule that refused, in kebab-case, or "".
    """

    def __init__(self, message: str, *, field: str = "", rule: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.rule = rule

    def __reduce__(self) -> tuple[object, ...]:
        """Be the same in another process, whatever else a kind of error takes to be made."""
        made = copyreg.__newobj__  # type: ignore[attr-defined]  # typeshed leaves it out
        return made, (type(self), *self.args), vars(self)


class InputError(LedgerError):
    """What was handed in is not well formed."""


class RecordFormatError(InputError):
    """A row of a record file does not follow FORMAT."""

    def __init__(self, message: str, *, line: int = 0, field: str = "", rule: str = "") -> None:
        super().__init__(message, field=field, rule=rule)
        self.line = line


class EnvelopeError(InputError):
    """Envelope or statement bytes are not canonical, or lack something."""


class NoteError(InputError):
    """A signed note, checkpoint or proof text does not parse."""


class KeyFileError(InputError):
    """A key file cannot be read, or could be read by others."""


class SignerError(InputError):
    """Whatever holds a private key did not sign, or not with that key."""


class QuestionError(InputError):
    """A question that cannot be asked."""


class SettingError(InputError):
    """An option, variable or context that does not make sense."""


class NotFoundError(LedgerError):
    """The named thing is not on record."""


class ErasedError(NotFoundError):
    """An attachment was destroyed.

    Attributes:
        index: The entry that had it destroyed.
    """

    def __init__(self, message: str, *, index: int) -> None:
        super().__init__(message, field="commitment", rule="attachment-erased")
        self.index = index


class RefusedError(LedgerError):
    """Well formed, but the ledger's rules say no."""


class RuleError(RefusedError):
    """An aggregate's named rule refuses this event."""


class NotPermittedError(RefusedError):
    """Who may sign what."""


class SignatureError(NotPermittedError):
    """A signature does not verify, or its key may not sign this."""


class RoleError(NotPermittedError):
    """The author's role does not open or extend this stream."""


class VersionConflictError(RefusedError):
    """``expected_version`` is not the stream's version.

    Attributes:
        expected: The version the statement was written against.
        actual: The events the stream holds.
    """

    def __init__(self, message: str, *, expected: int, actual: int) -> None:
        super().__init__(message, field="expected_version", rule="expected-version")
        self.expected = expected
        self.actual = actual


class DuplicateError(RefusedError):
    """The same nonce with other bytes, or a fact_id that is taken."""


class OldSizeError(RefusedError):
    """A checkpoint was to be cosigned as the next after another than the last.

    Attributes:
        size: The size that the witness cosigned last; 0 before the first.
    """

    def __init__(self, message: str, *, size: int) -> None:
        super().__init__(message, field="old", rule="old-size")
        self.size = size


class VerificationError(LedgerError):
    """A proof, signature or checkpoint does not hold."""


class MisbehaviorError(VerificationError):
    """The log contradicts itself.

    Attributes:
        evidence: What a third party can check, as ``ledger.client.misbehavior`` writes it, or b"".
        evidence_file: Where it was kept, or "".
    """

    def __init__(
        self,
        message: str,
        *,
        field: str = "",
        rule: str = "",
        evidence: bytes = b"",
        evidence_file: str = "",
    ) -> None:
        super().__init__(message, field=field, rule=rule)
        self.evidence = evidence
        self.evidence_file = evidence_file


class ForkError(MisbehaviorError):
    """Two histories under one origin."""


class RollbackError(MisbehaviorError):
    """A history shorter than one already seen."""


class StoreError(LedgerError):
    """The database failed, or does not agree with itself."""


class UnavailableError(StoreError):
    """Not now: busy, shutting down, or the clock is behind the log."""
