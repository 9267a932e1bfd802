"""LogService: checkpoints, proofs and keys, by which a client needs to trust nothing."""

from __future__ import annotations

from functools import partial
from typing import final

from ledger.domain.keyring import KeyRecord
from ledger.errors import InputError, NotFoundError
from ledger.log.tiles import TILE_WIDTH, TilePath
from ledger.readmodels.catalog import CatalogView
from ledger.service.calls import Context
from ledger.service.pagination import PageStart, Paginator, fill, page_size_of
from ledger.service.parts import Parts
from ledger.service.reading import Reading
from ledger.service.sizes import checkpoint_at
from ledger.service.tiles import tile_content
from ledger.v1 import log_pb2 as pb
from ledger.v1 import services_pb2_grpc


@final
class LogService(services_pb2_grpc.LogServiceServicer):
    """Reads the tree and the keyring."""

    def __init__(self, reading: Reading, pages: Paginator) -> None:
        self._reading = reading
        self._parts = reading.parts
        self._pages = pages

    async def GetCheckpoint(
        self, request: pb.GetCheckpointRequest, context: Context
    ) -> pb.GetCheckpointResponse:
        return await self._reading.look_up(partial(_checkpoint, self._parts, request))

    async def GetInclusionProof(
        self, request: pb.GetInclusionProofRequest, context: Context
    ) -> pb.GetInclusionProofResponse:
        return await self._reading.look_up(partial(_inclusion_proof, self._parts, request))

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


def _checkpoint(parts: Parts, request: pb.GetCheckpointRequest) -> pb.GetCheckpointResponse:
    latest = parts.reader.latest_checkpoint()
    proof: tuple[bytes, ...] = ()
    if request.consistent_with:
        if request.consistent_with > latest.tree_size:
            raise NotFoundError(
                f"This log has {latest.tree_size} entries, not {request.consistent_with}: keep "
                "the checkpoint that you hold, it proves that somebody signed more.",
                field="consistent_with",
                rule="tree-size",
            )
        proof = parts.reader.consistency_proof(request.consistent_with, latest.tree_size)
    return pb.GetCheckpointResponse(checkpoint=latest.note, consistency_proof=proof)


def _inclusion_proof(
    parts: Parts, request: pb.GetInclusionProofRequest
) -> pb.GetInclusionProofResponse:
    stored = checkpoint_at(parts, request.tree_size)
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
    return pb.GetAuthorResponse(author=_author(view, request.author), tree_size=view.tree_size)


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
    )
