"""Signed statements by the thousand: one is made by the client's own code, the rest from it.

What differs from one to the next is set in the parsed message, which is then serialized and
signed as the client would. The server cannot tell them apart.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from itertools import count

from ledger.client.signer import Author, Place, state
from ledger.codec.canonical import serialize
from ledger.codec.statements import encode_statement
from ledger.domain.statement import NONCE_LENGTH
from ledger.signing.dsse import PAYLOAD_TYPE, pae
from ledger.v1 import services_pb2, statement_pb2
from tests import builders
from tests.bench.servers import Ours

_ITEMS = 1_000
"""How many different items the orders are for: an answer lists every order of its item."""


class Envelopes:
    """An endless supply of orders, each the first of its stream, by the ledger's registrar."""

    def __init__(self, ledger: Ours) -> None:
        self._author: Author = ledger.registrar
        place = Place(
            ledger_id=ledger.pin.ledger_id,
            expected_version=0,
            signed_at_ms=time.time_ns() // 1_000_000,
        )
        fact = builders.order("bench-order", items=("Bench 0",), quantity=builders.exactly(1_000))
        data = encode_statement(state(fact, self._author.name, place))
        self._statement = statement_pb2.Statement.FromString(data)
        self._names = self._new_names()

    def take(self, number: int) -> list[bytes]:
        """So many envelopes, none of which was taken before."""
        return [self._envelope() for _ in range(number)]

    def appends(self, number: int) -> list[bytes]:
        """So many serialized requests to append one."""
        return [
            services_pb2.AppendRequest(envelope=envelope).SerializeToString()
            for envelope in self.take(number)
        ]

    def batches(self, number: int, size: int) -> list[bytes]:
        """So many serialized requests to append a batch."""
        return [
            services_pb2.AppendBatchRequest(envelopes=self.take(size)).SerializeToString()
            for _ in range(number)
        ]

    def _envelope(self) -> bytes:
        statement, (name, number) = self._statement, next(self._names)
        statement.fact_id = name
        statement.stream = f"orders/{name}"
        statement.nonce = os.urandom(NONCE_LENGTH)
        statement.fact.reported.items[0] = f"Bench {number % _ITEMS}"
        payload = serialize(statement)
        signature = statement_pb2.Signature(
            sig=self._author.signer.sign(pae(PAYLOAD_TYPE, payload)),
            keyid=self._author.signer.public.keyid,
        )
        envelope = statement_pb2.Envelope(
            payload=payload, payload_type=PAYLOAD_TYPE, signatures=[signature]
        )
        return serialize(envelope)

    @staticmethod
    def _new_names() -> Iterator[tuple[str, int]]:
        """Names that no earlier run on the same ledger has used, numbered."""
        run = os.urandom(4).hex()
        for number in count(1):
            yield f"bench-{run}-{number}", number
