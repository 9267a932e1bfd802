"""A log that signs whatever its operator wants: every proof holds, and the content breaks rules.

Inclusion and consistency say nothing against it, so this is what an audit is for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc

from ledger.audit.served import verify_log
from ledger.client.client import LedgerClient
from ledger.client.connection import Connection
from ledger.client.heads import HeadsInMemory
from ledger.codec.entries import encode_entry
from ledger.domain.facts import Fact
from ledger.domain.statement import Entry
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.hashtree import HashTree
from ledger.log.merkle import leaf_hash
from ledger.log.notekeys import NoteSigner
from ledger.log.proofs import consistency_proof, inclusion_proof, root_at
from ledger.logkeyfiles import LOG_KEY_FILE
from ledger.signing.keyfiles import read_private_key
from ledger.v1 import log_pb2, services_pb2
from tests.simulator import REGISTRAR, Simulator


class Forger:
    """Whoever has the log's key, and an honest ledger to begin with.

    Args:
        service: The honest ledger; authors sign by the keys of their names.
    """

    def __init__(self, service: Simulator) -> None:
        self.service = service
        self.pin = service.pin
        self.key = read_private_key(service.directory / LOG_KEY_FILE, passphrase=None)
        reader = service.opened.parts.reader
        stored = reader.entries(0, reader.tree_size())
        self.entries = [entry.entry for entry in stored]

    @property
    def size(self) -> int:
        """How many entries the forged log has."""
        return len(self.entries)

    def add(self, envelope: bytes, *, recorded_ms: int | None = None) -> None:
        """Let an envelope in, whatever it holds."""
        now = self.service.clock() if recorded_ms is None else recorded_ms
        self.entries.append(encode_entry(Entry(recorded_ms=now, envelope=envelope)))

    def state(self, fact: Fact, author: str = REGISTRAR, *signers: str, **more: Any) -> bytes:
        """A statement, properly signed by whoever is named."""
        return self.service.envelope(fact, author, *signers, **more)

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve the forged log, all of it at its latest size; gives the address."""
        server = grpc.server(ThreadPoolExecutor(max_workers=2))
        server.add_generic_rpc_handlers([_Handler(self)])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            server.stop(grace=None).wait()


def audited(forger: Forger) -> None:
    """Audit a forged log as anybody who has the pin does.

    Raises:
        VerificationError: The first finding.
    """
    with (
        forger.serving() as address,
        LedgerClient.connect(Connection(target=address), forger.pin, HeadsInMemory()) as client,
    ):
        verify_log(client)


class _Handler(grpc.GenericRpcHandler):
    """The rpcs that an audit needs, over a list of entries."""

    def __init__(self, forger: Forger) -> None:
        self._entries = tuple(forger.entries)
        self._size = len(self._entries)
        self._tree = HashTree(map(leaf_hash, self._entries))
        checkpoint = Checkpoint(forger.pin.origin, self._size, root_at(self._size, self._tree))
        signer = NoteSigner(forger.pin.log_keys[0], forger.key.sign)
        self._note = sign_checkpoint(checkpoint, [signer])

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        match handler_call_details.method.rpartition("/")[2]:
            case "GetReceipt":
                return _answering(services_pb2.GetReceiptRequest, self._receipt)
            case "GetCheckpoint":
                return _answering(log_pb2.GetCheckpointRequest, self._checkpoint)
            case "GetConsistencyProof":
                return _answering(log_pb2.GetConsistencyProofRequest, self._consistency)
            case "GetInclusionProof":
                return _answering(log_pb2.GetInclusionProofRequest, self._inclusion)
            case "ListAttachments":
                return _answering(services_pb2.ListAttachmentsRequest, _no_attachments)
            case "ReadEntries":
                return grpc.unary_stream_rpc_method_handler(
                    lambda request, _: self._read(request),
                    request_deserializer=log_pb2.ReadEntriesRequest.FromString,
                    response_serializer=log_pb2.ReadEntriesResponse.SerializeToString,
                )
            case _:
                return None

    def _receipt(self, request: services_pb2.GetReceiptRequest) -> services_pb2.GetReceiptResponse:
        receipt = log_pb2.Receipt(
            entry=self._entries[request.index],
            index=request.index,
            inclusion_proof=inclusion_proof(request.index, self._size, self._tree),
            checkpoint=self._note,
        )
        return services_pb2.GetReceiptResponse(receipt=receipt)

    def _checkpoint(self, request: log_pb2.GetCheckpointRequest) -> log_pb2.GetCheckpointResponse:
        older = request.consistent_with
        proof = consistency_proof(older, self._size, self._tree) if older else []
        return log_pb2.GetCheckpointResponse(checkpoint=self._note, consistency_proof=proof)

    def _consistency(
        self, request: log_pb2.GetConsistencyProofRequest
    ) -> log_pb2.GetConsistencyProofResponse:
        first, second = request.first_tree_size, request.second_tree_size
        proof = consistency_proof(first, second, self._tree)
        return log_pb2.GetConsistencyProofResponse(consistency_proof=proof)

    def _inclusion(
        self, request: log_pb2.GetInclusionProofRequest
    ) -> log_pb2.GetInclusionProofResponse:
        proof = inclusion_proof(request.index, request.tree_size, self._tree)
        leaf = self._tree.node(0, request.index)
        return log_pb2.GetInclusionProofResponse(leaf_hash=leaf, inclusion_proof=proof)

    def _read(self, request: log_pb2.ReadEntriesRequest) -> Iterator[log_pb2.ReadEntriesResponse]:
        wanted = range(request.start_index, request.end_index)
        entries = [log_pb2.LogEntry(index=at, entry=self._entries[at]) for at in wanted]
        yield log_pb2.ReadEntriesResponse(entries=entries)


def _answering(kind: Any, answer: Callable[[Any], Any]) -> Any:
    return grpc.unary_unary_rpc_method_handler(
        lambda request, _: answer(request),
        request_deserializer=kind.FromString,
        response_serializer=lambda reply: reply.SerializeToString(),
    )


def _no_attachments(
    _: services_pb2.ListAttachmentsRequest,
) -> services_pb2.ListAttachmentsResponse:
    return services_pb2.ListAttachmentsResponse()
