"""Trust policies: which logs, which witnesses, and how many of them are enough (C2SP tlog-policy).

A policy file is lines of ``log``, ``witness``, ``group`` and one ``quorum``; a name must be defined
before it is used, and is a member of at most one group, so that no witness counts twice. Names are
octets and nothing more: two that look alike are two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ledger.errors import NoteError, SettingError, VerificationError
from ledger.log.note import SignedNote, VerifiedSignature, verify_known
from ledger.log.notekeys import SignatureType, VerifierKey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

POLICY_BYTES_MAX: Final = 256 * 1024
ENTRIES_MAX: Final = 256
"""Most logs, witnesses and groups together; C2SP asks for at least 32 of each."""

FUTURE_S_MAX: Final = 600
"""How far ahead of our clock a witness's may be: a cosignature of later than that counts not."""

NO_QUORUM: Final = b"none"
_ALLOWED: Final = re.compile(rb"[\t\n\x20-\x7e\x80-\xff]*")
_BLANKS: Final = re.compile(rb"[ \t]+")
_THRESHOLD: Final = re.compile(rb"[1-9][0-9]{0,3}")
_GROUP_WORDS_MIN: Final = 3


@dataclass(frozen=True, slots=True)
class PolicyKey:
    """A log or a witness of a policy.

    Attributes:
        key: Its key; a log's is named by its origin.
        url: Where it is reached, "" if the policy does not say.
    """

    key: VerifierKey
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """Members of which ``threshold`` are enough; each the name of a witness or another group."""

    threshold: int
    members: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """A policy, as ``parse`` reads it.

    Attributes:
        logs: The logs that are accepted; none where the application knows which.
        witnesses: By their names in the policy.
        groups: By their names; a member was defined before its group.
        quorum: The name of the witness or group that is enough, or ``none``.
    """

    logs: tuple[PolicyKey, ...] = ()
    witnesses: Mapping[bytes, PolicyKey] = field(default_factory=dict)
    groups: Mapping[bytes, Group] = field(default_factory=dict)
    quorum: bytes = NO_QUORUM

    @classmethod
    def parse(cls, data: bytes) -> TrustPolicy:
        """Read a policy file.

        Raises:
            SettingError: It departs from C2SP tlog-policy; ``field`` names the line.
        """
        if len(data) > POLICY_BYTES_MAX:
            raise _refused(0, f"has at most {POLICY_BYTES_MAX} bytes", "policy-length")
        if _ALLOWED.fullmatch(data) is None:
            raise _refused(0, "has no control characters but tab and newline", "policy-octets")
        if data and not data.endswith(b"\n"):
            raise _refused(0, "ends its last line", "policy-lines")
        reading = _Reading()
        for number, line in enumerate(data.split(b"\n"), start=1):
            words = _BLANKS.split(line.strip(b" \t"))
            if words[0] and not words[0].startswith(b"#"):
                reading.take(number, words)
        return reading.policy()

    @property
    def witness_keys(self) -> tuple[VerifierKey, ...]:
        """The keys of all witnesses."""
        return tuple(witness.key for witness in self.witnesses.values())

    def require_log(self, origin: str, keys: Iterable[VerifierKey]) -> None:
        """See that a pinned log is one of the policy's, if it names any.

        Raises:
            SettingError: It is not.
        """
        pinned = set(keys)
        if self.logs and not any(log.key in pinned for log in self.logs):
            raise SettingError(
                f"The policy accepts other logs than {origin!r}.", field="policy", rule="policy-log"
            )

    def require_quorum(
        self, note: bytes, *, now_s: int | None = None
    ) -> tuple[VerifiedSignature, ...]:
        """Verify a checkpoint's cosignatures, and that they are enough.

        That the log signed it is ``open_checkpoint``'s matter.

        Args:
            note: The signed note.
            now_s: POSIX time in seconds; None does not look at the clock.

        Returns:
            The cosignatures that count.

        Raises:
            NoteError: The bytes are not a note.
            VerificationError: A known witness's cosignature fails, or they are not enough.
        """
        counted = self.cosignatures(note, now_s=now_s)
        if not self.is_enough(one.key for one in counted):
            names = ", ".join(one.key.name for one in counted) or "nobody"
            raise VerificationError(
                f"The checkpoint is cosigned by {names} of the policy's witnesses, and that is "
                f"below the quorum {self.quorum.decode('utf-8', 'replace')}.",
                field="signatures",
                rule="quorum",
            )
        return counted

    def cosignatures(
        self, note: bytes, *, now_s: int | None = None
    ) -> tuple[VerifiedSignature, ...]:
        """Verify the cosignatures of the policy's witnesses on a note; gives those that count.

        One without a time, or of a time well after now, vouches for nothing that was seen.

        Raises:
            NoteError: The bytes are not a note.
            VerificationError: A known witness's cosignature fails.
        """
        verified = verify_known(SignedNote.parse(note), self.witness_keys)
        latest = None if now_s is None else now_s + FUTURE_S_MAX
        return tuple(
            one for one in verified if one.time_s and (latest is None or one.time_s <= latest)
        )

    def is_enough(self, keys: Iterable[VerifierKey]) -> bool:
        """Whether these witnesses together make the quorum."""
        signed = set(keys)
        reached = {name for name, one in self.witnesses.items() if one.key in signed}
        # A member stands before its group, so that one pass in order decides.
        for name, group in self.groups.items():
            if sum(member in reached for member in group.members) >= group.threshold:
                reached.add(name)
        return self.quorum == NO_QUORUM or self.quorum in reached


class _Reading:
    """A policy while its lines are read."""

    def __init__(self) -> None:
        self._logs: list[PolicyKey] = []
        self._witnesses: dict[bytes, PolicyKey] = {}
        self._groups: dict[bytes, Group] = {}
        self._members: set[bytes] = set()
        self._quorum: bytes | None = None
        self._lines: Mapping[bytes, Callable[[int, Sequence[bytes]], None]] = {
            b"log": self._log,
            b"witness": self._witness,
            b"group": self._group,
            b"quorum": self._set_quorum,
        }

    def take(self, number: int, words: Sequence[bytes]) -> None:
        """Read one line that is not empty."""
        keyword, *rest = words
        if keyword not in self._lines:
            raise _refused(number, "begins with log, witness, group or quorum", "policy-keyword")
        entries = len(self._logs) + len(self._witnesses) + len(self._groups)
        if entries == ENTRIES_MAX and keyword != b"quorum":
            raise _refused(number, f"is beyond {ENTRIES_MAX} entries", "policy-length")
        self._lines[keyword](number, rest)

    def policy(self) -> TrustPolicy:
        """What was read, once it is complete."""
        if self._quorum is None:
            raise _refused(0, "has exactly one quorum line", "policy-quorum")
        return TrustPolicy(tuple(self._logs), self._witnesses, self._groups, self._quorum)

    def _log(self, number: int, words: Sequence[bytes]) -> None:
        entry = _key(number, words, SignatureType.ED25519, "log <vkey> [<url>]")
        self._require_new(number, entry, self._logs)
        self._logs.append(entry)

    def _witness(self, number: int, words: Sequence[bytes]) -> None:
        form = "witness <name> <vkey> [<url>]"
        entry = _key(number, words[1:], SignatureType.COSIGNATURE_V1, form)
        self._require_new(number, entry, self._witnesses.values())
        self._require_new_name(number, words[0])
        self._witnesses[words[0]] = entry

    def _group(self, number: int, words: Sequence[bytes]) -> None:
        if len(words) < _GROUP_WORDS_MIN:
            raise _refused(number, "is group <name> all|any|<k> <name>...", "policy-line")
        name, threshold, *members = words
        self._require_new_name(number, name)
        for member in members:
            if member not in self._witnesses and member not in self._groups:
                raise _refused(number, "names members that are defined before", "policy-member")
            if member in self._members:
                raise _refused(number, "has no member that is one already", "policy-member")
            self._members.add(member)
        counts = {b"all": len(members), b"any": 1}
        if threshold not in counts and _THRESHOLD.fullmatch(threshold) is None:
            raise _refused(number, "says all, any or how many", "policy-threshold")
        least = counts.get(threshold) or int(threshold)
        if least > len(members):
            raise _refused(number, "asks for no more than its members", "policy-threshold")
        self._groups[name] = Group(least, tuple(members))

    def _set_quorum(self, number: int, words: Sequence[bytes]) -> None:
        known = {NO_QUORUM, *self._witnesses, *self._groups}
        if self._quorum is not None or len(words) != 1 or words[0] not in known:
            raise _refused(
                number, "is the one quorum line, of a name that is defined before", "policy-quorum"
            )
        self._quorum = words[0]

    def _require_new_name(self, number: int, name: bytes) -> None:
        if name == NO_QUORUM or name in self._witnesses or name in self._groups:
            raise _refused(number, "defines a name that is free", "policy-name")

    @staticmethod
    def _require_new(number: int, entry: PolicyKey, others: Iterable[PolicyKey]) -> None:
        # One key under two names is still one voice.
        if any(other.key.public_key == entry.key.public_key for other in others):
            raise _refused(number, "brings a key that is new", "policy-key")


def _key(number: int, words: Sequence[bytes], kind: SignatureType, form: str) -> PolicyKey:
    """Read a vkey, and a URL if there is one."""
    if not 1 <= len(words) <= len(("vkey", "url")):
        raise _refused(number, f"is {form}", "policy-line")
    try:
        vkey, *url = (word.decode("utf-8") for word in words)
        key = VerifierKey.parse(vkey)
    except (UnicodeDecodeError, NoteError) as error:
        raise _refused(number, f"is {form}, and the vkey is one", "policy-key") from error
    if key.signature_type is not kind:
        raise _refused(number, "has a vkey of the type that its kind signs with", "policy-key")
    return PolicyKey(key, url[0] if url else "")


def _refused(number: int, what: str, rule: str) -> SettingError:
    """A refusal: what a policy, or this line of it, would have to be."""
    subject = f"Line {number} of a policy" if number else "A policy"
    place = f"policy:{number}" if number else "policy"
    return SettingError(f"{subject} {what}; this one does not.", field=place, rule=rule)
