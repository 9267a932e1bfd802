"""LogService: checkpoints, proofs and keys, by which a client needs to trust nothing."""

from __future__ import annotations

from functools import partial
from typing import final

from ledger.codec.words import FACT_KINDS
from ledger.domain.authorship import ADMINISTRATORS_STREAM
from ledger.domain.delegation import Delegation
from ledger.domain.keyring import KeyRecord
from ledger.domain.logkeys import LogKey
from ledger.domain.vocabulary import Collection
from ledger.errors import InputError, NotFoundError, UnavailableError
from ledger.log.tiles import TILE_WIDTH, TilePath
from ledger.readmodels.catalog import CatalogView
from ledger.service.calls import Context
from ledger.service.pagination import PageStart, Paginator, fill, page_size_of
from ledger.service.parts import Parts
from ledger.service.reading import Reading
from ledger.service.receipts import receipt_to_proto
from ledger.service.sizes import Newest, checkpoint_at
from ledger.service.tiles import tile_content
from ledger.store.rows import StoredCheckpoint
from ledger.v1 import log_pb2 as pb
from ledger.v1 import services_pb2_grpc


@final
class LogService(services_pb2_grpc.LogServiceServicer):
    """Reads the tree and the keyring."""

    def __init__(self, reading: Reading, pages: Paginator) -> None:
        self._reading = reading
        self._parts = reading.parts
        self._pages = pages
        self._newest = Newest(reading.parts)

    async def GetCheckpoint(
        self, request: pb.GetCheckpointRequest, context: Context
    ) -> pb.GetCheckpointResponse:
        if not request.witnessed:
            return await self._reading.look_up(partial(_checkpoint, self._parts, request))
        await self._parts.witnessing.reached(request.min_tree_size or 1)
        return await self._reading.look_up(partial(_witnessed, self._parts, request))

    async def GetInclusionProof(
        self, request: pb.GetInclusionProofRequest, context: Context
    ) -> pb.GetInclusionProofResponse:
        # Of the newest tree, which is in memory, without a way to a thread and back.
        stored = None if request.tree_size else self._newest.at_hand()
        if stored is not None and request.index < stored.tree_size <= self._loaded():
            return _inclusion_proof(self._parts, request, stored)
        return await self._reading.look_up(partial(self._prove, request))

    def _loaded(self) -> int:
        """How many entries the tree in memory holds."""
        return self._parts.reader.tree.hashes.size

    def _prove(self, request: pb.GetInclusionProofRequest) -> pb.GetInclusionProofResponse:
        size = request.tree_size
        stored = checkpoint_at(self._parts, size) if size else self._newest.read()
        return _inclusion_proof(self._parts, request, stored)

    async def GetConsistencyProof(
        self, request: pb.GetConsistencyProofRequest, context: Context
    ) -> pb.GetConsistencyProofResponse:
        return await self._reading.look_up(partial(_consistency_proof, self._parts, request))

    async def GetTile(self, request: pb.GetTileRequest, context: Context) -> pb.GetTileResponse:
        tile = TilePath(request.level, request.index, request.width or TILE_WIDTH)
        return pb.GetTileResponse(tile=await self._content(tile))

    async def GetEntryBundle(
        self, request: pb.GetEntryBundleRequest, context: Context
    ) -> pb.GetEntryBundleResponse:
        bundle = TilePath(None, request.index, request.width or TILE_WIDTH)
        return pb.GetEntryBundleResponse(bundle=await self._content(bundle))

    async def _content(self, tile: TilePath) -> bytes:
        return await self._reading.look_up(partial(tile_content, self._parts.reader, tile))

    async def GetAuthor(
        self, request: pb.GetAuthorRequest, context: Context
    ) -> pb.GetAuthorResponse:
        return await self._reading.look_up(
            partial(_author_response, self._parts, request), tree_sizes={0}
        )

    async def ListAuthors(
        self, request: pb.ListAuthorsRequest, context: Context
    ) -> pb.ListAuthorsResponse:
        return await self._reading.look_up(
            partial(_authors, self._parts, self._pages, request), tree_sizes={0}
        )

    async def ListLogKeys(
        self, request: pb.ListLogKeysRequest, context: Context
    ) -> pb.ListLogKeysResponse:
        return await self._reading.look_up(partial(_log_keys, self._parts), tree_sizes={0})


def _checkpoint(parts: Parts, request: pb.GetCheckpointRequest) -> pb.GetCheckpointResponse:
    latest = parts.reader.latest_checkpoint()
    proof: tuple[bytes, ...] = ()
    if request.consistent_with:
        if request.consistent_with > latest.tree_size:
            if parts.is_replica:
                raise UnavailableError(
                    f"This replica has {latest.tree_size} entries so far, not yet "
                    f"{request.consistent_with}.",
                    rule="replica-behind",
                )
            raise NotFoundError(
                f"This log has {latest.tree_size} entries, not {request.consistent_with}: keep "
                "the checkpoint that you hold, it proves that somebody signed more.",
                field="consistent_with",
                rule="tree-size",
            )
        proof = parts.reader.consistency_proof(request.consistent_with, latest.tree_size)
    note = parts.witnessing.cosigned(latest).note
    return pb.GetCheckpointResponse(checkpoint=note, consistency_proof=proof)


def _witnessed(parts: Parts, request: pb.GetCheckpointRequest) -> pb.GetCheckpointResponse:
    newest = parts.witnessing.newest()
    proof: tuple[bytes, ...] = ()
    # Whoever holds a larger one is not told off: witnesses lag behind.
    if 0 < request.consistent_with <= newest.tree_size:
        proof = parts.reader.consistency_proof(request.consistent_with, newest.tree_size)
    return pb.GetCheckpointResponse(checkpoint=newest.note, consistency_proof=proof)


def _inclusion_proof(
    parts: Parts, request: pb.GetInclusionProofRequest, stored: StoredCheckpoint
) -> pb.GetInclusionProofResponse:
    proof = parts.reader.inclusion_proof(request.index, stored.tree_size)
    return pb.GetInclusionProofResponse(
        index=request.index,
        tree_size=stored.tree_size,
        leaf_hash=parts.reader.tree_of(stored.tree_size).node(0, request.index),
        inclusion_proof=proof,
        checkpoint=stored.note,
    )


def _consistency_proof(
    parts: Parts, request: pb.GetConsistencyProofRequest
) -> pb.GetConsistencyProofResponse:
    first = request.first_tree_size
    second = request.second_tree_size or parts.reader.latest_checkpoint().tree_size
    if not 0 < first <= second:
        raise InputError(
            f"There is no consistency proof from size {first} to size {second}.",
            field="first_tree_size",
            rule="consistency-sizes",
        )
    return pb.GetConsistencyProofResponse(
        first_tree_size=first,
        second_tree_size=second,
        consistency_proof=parts.reader.consistency_proof(first, second),
    )


def _author_response(parts: Parts, request: pb.GetAuthorRequest) -> pb.GetAuthorResponse:
    view = parts.models.catalog.at(parts.models.tree_size)
    if not view.keyring().keys_of(request.author):
        message = f"No author {request.author!r} is enrolled."
        raise NotFoundError(message, field="author", rule="author-on-record")
    indexes = _author_indexes(view, request.author) if request.include_receipts else []
    return pb.GetAuthorResponse(
        author=_author(view, request.author),
        tree_size=view.tree_size,
        receipts=(receipt_to_proto(parts.reader.receipt(index)) for index in indexes),
    )


def _author_indexes(view: CatalogView, name: str) -> list[int]:
    """The entries about an author's keys; a founder's first key stands in entry 0."""
    keys = view.keyring().keys_of(name)
    stream = f"{Collection.AUTHORS.value}/{name}"
    own = [recorded.index for recorded in view.stream(stream)] if view.has_stream(stream) else []
    return [0, *own] if keys[0].valid_from_index == 1 else own


def _log_keys(parts: Parts) -> pb.ListLogKeysResponse:
    view = parts.models.catalog.at(parts.models.tree_size)
    keyring = view.keyring()
    indexes = {entry.index for entry in view.stream(ADMINISTRATORS_STREAM)}
    for administrator in keyring.administrators:
        indexes.update(_author_indexes(view, administrator))
    return pb.ListLogKeysResponse(
        log_keys=map(_log_key, keyring.log_keys),
        receipts=(receipt_to_proto(parts.reader.receipt(index)) for index in sorted(indexes)),
        tree_size=view.tree_size,
    )


def _log_key(key: LogKey) -> pb.LogKey:
    return pb.LogKey(
        keyid=key.keyid,
        spki_der=key.spki_der,
        from_size=key.from_size,
        until_size=key.until_size,
    )


def _authors(
    parts: Parts, pages: Paginator, request: pb.ListAuthorsRequest
) -> pb.ListAuthorsResponse:
    size = page_size_of(request)
    start = pages.start(request)
    view = parts.models.catalog.at(start.tree_size or parts.models.tree_size)
    names = view.authors()[start.offset :]
    authors = fill((partial(_author, view, name) for name in names), size)
    token = ""
    if len(authors) < len(names):
        token = pages.token(request, PageStart(view.tree_size, start.offset + len(authors)))
    return pb.ListAuthorsResponse(authors=authors, next_page_token=token, tree_size=view.tree_size)


def _author(view: CatalogView, name: str) -> pb.Author:
    keys = view.keyring().keys_of(name)
    return pb.Author(
        author=name, role=keys[0].role.value, party=keys[0].party, keys=map(_key, keys)
    )


def _key(key: KeyRecord) -> pb.AuthorKey:
    return pb.AuthorKey(
        keyid=key.keyid,
        spki_der=key.spki_der,
        valid_from_index=key.valid_from_index,
        revoked_at_index=key.revoked_at_index,
        not_after_ms=key.not_after_ms,
        delegation=_delegation(key.delegation) if key.delegation else None,
    )


def _delegation(delegation: Delegation) -> pb.Delegation:
    return pb.Delegation(
        by_keyid=delegation.by_keyid,
        kinds=map(FACT_KINDS.number, delegation.kinds),
        streams=delegation.streams,
    )
