"""The verifying client: nothing is trusted because the server said it.

What a program imports stands in ``__all__``: a ``Pin`` says which ledger is meant, a ``Connection``
how it is reached, a ``HeadFile`` what was already seen, and a ``LedgerClient`` or, on an event
loop, an ``AsyncLedgerClient`` asks it.

Reading order: ``connection`` and ``transport`` (the channel), ``failures`` (how a refusal comes
back), ``pins`` and ``heads`` (what is trusted, and what was already seen), ``trust`` (how a
checkpoint is accepted), ``misbehavior`` and ``contradictions`` (what is kept against a log that
contradicts itself), ``calls``, ``answers``, ``evidence``, ``enrollments``, ``records`` and
``asyncclient`` (the rpcs, and what must hold of each reply), ``asynccomparing`` (many statuses at
once), ``completeness`` (that nothing was left out), ``client`` and ``comparing`` (the same for
plain functions), ``signer`` and ``authoring`` (statements and signatures), ``rows``, ``settling``
and ``importer`` (record files on their way in), ``receiptfiles``, and ``audit`` (the whole log,
once), ``streaming`` (what goes on as it comes), ``client`` and ``comparing`` (the same for plain
functions), ``signer`` and ``authoring`` (statements and signatures), ``rows``, ``settling`` and
``importer`` (record files on their way in), ``receiptfiles``, and ``audit`` (the whole log,
recomputed).
"""

from ledger.client.asyncclient import AsyncLedgerClient
from ledger.client.asynccomparing import AsyncComparing, Matrix, Outcome
from ledger.client.client import LedgerClient, first_pin
from ledger.client.comparing import Comparing
from ledger.client.completeness import whole_collection, whole_stream, whole_timeline
from ledger.client.connection import Connection
from ledger.client.heads import HeadFile, HeadMemory, HeadsInMemory
from ledger.client.misbehavior import Kind, Verdict, judge
from ledger.client.opened import OpenedEntry
from ledger.client.pins import Pin
from ledger.client.records import Proved
from ledger.client.streaming import append_each, watch_entries
from ledger.client.trust import Head
from ledger.log.receipts import Receipt

__all__ = [
    "AsyncComparing",
    "AsyncLedgerClient",
    "Comparing",
    "Connection",
    "Head",
    "HeadFile",
    "HeadMemory",
    "HeadsInMemory",
    "Kind",
    "LedgerClient",
    "Matrix",
    "OpenedEntry",
    "Outcome",
    "Pin",
    "Proved",
    "Receipt",
    "Verdict",
    "append_each",
    "first_pin",
    "judge",
    "watch_entries",
    "whole_collection",
    "whole_stream",
    "whole_timeline",
]
