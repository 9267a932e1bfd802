"""Other people's test vectors, run where they lie; none of them is kept here.

    python -m tests.vectors FOLDER

or with ``LEDGER_VECTORS`` naming the folder. It ends with code 1 if one disagrees, or if the folder
holds none. Read are, wherever below the folder they lie:

* ``inclusion/**/*.json`` and ``consistency/**/*.json`` as transparency-dev/merkle keeps them in its
  ``testdata``;
* ``rfc6962_reference_tree.json``: leaves, and the root of each size from 0;
* ``generated_tiles.json``: roots and tiles of trees of numbered leaves, and the paths of tiles;
* ``dsse.json``: the example of DSSE's protocol, with its ECDSA signature;
* ``signed_note.json``: notes of C2SP signed-note and of Go's package ``note``.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import click
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from nacl.signing import SigningKey

from ledger.errors import LedgerError
from ledger.log.hashtree import HashTree
from ledger.log.merkle import leaf_hash, root_of
from ledger.log.note import open_note, sign_note
from ledger.log.notekeys import NoteSigner, VerifierKey
from ledger.log.proofs import root_at, verify_consistency, verify_inclusion
from ledger.log.tiles import TILE_WIDTH, TilePath, encode_bundle, tile_bytes, tile_paths
from ledger.signing.dsse import pae
from ledger.signing.publickeys import parse_public_key

Outcome = tuple[str, bool]
"""What a check is about, and whether it agrees."""

_P256_SPKI: Final = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def _hashes(proof: list[str] | None) -> list[bytes]:
    return [_bytes(node) for node in proof or ()]


def _holds(check: Callable[..., object], *arguments: Any) -> bool:
    try:
        check(*arguments)
    except LedgerError:
        return False
    return True


def _inclusion(case: dict[str, Any]) -> Iterator[Outcome]:
    place, size = case["leafIdx"], case["treeSize"]
    leaf, root = _bytes(case["leafHash"]), _bytes(case["root"])
    held = _holds(verify_inclusion, place, size, leaf, _hashes(case["proof"]), root)
    yield case["desc"], held is not case["wantErr"]


def _consistency(case: dict[str, Any]) -> Iterator[Outcome]:
    sizes = case["size1"], case["size2"]
    roots = _bytes(case["root1"]), _bytes(case["root2"])
    proof = _hashes(case["proof"])
    held = _holds(verify_consistency, sizes[0], roots[0], sizes[1], roots[1], proof)
    yield case["desc"], held is not case["wantErr"]


def _reference_tree(case: dict[str, Any]) -> Iterator[Outcome]:
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in case["leaf_inputs_hex"]]
    tree = HashTree(leaves)
    for size, root in enumerate(case["root_hex_by_size"]):
        expected = bytes.fromhex(root)
        yield f"size {size}", root_at(size, tree) == root_of(leaves[:size]) == expected


def _tiles(case: dict[str, Any]) -> Iterator[Outcome]:
    for told in case["paths"]:
        level = None if told["level"] == "entries" else told["level"]
        path = TilePath(level, told["index"], told["width"] or TILE_WIDTH)
        yield told["path"], str(path) == told["path"] and TilePath.parse(told["path"]) == path
    largest = max(tree["size"] for tree in case["trees"])
    leaves = [str(place).encode() for place in range(largest)]
    whole = HashTree(map(leaf_hash, leaves))
    for tree in case["trees"]:
        size = tree["size"]
        yield f"root of {size}", root_at(size, whole) == _bytes(tree["root_b64"])
        paths = {str(path): path for path in tile_paths(size)}
        for told in tree["tiles_first_last_partial"]:
            content = _content(paths[told["path"]], leaves, whole)
            expected = told["len"], told["sha256"]
            yield told["path"], (len(content), sha256(content).hexdigest()) == expected


def _content(path: TilePath, leaves: list[bytes], tree: HashTree) -> bytes:
    if path.level is not None:
        return tile_bytes(path, tree)
    begin = path.index * TILE_WIDTH
    return encode_bundle(leaves[begin : begin + path.width])


def _dsse(case: dict[str, Any]) -> Iterator[Outcome]:
    message = pae(case["payloadType"], case["payload"].encode())
    yield "PAE", message == case["pae"].encode()
    point = b"".join(int(case[name]).to_bytes(32) for name in ("x", "y"))
    raw = _bytes(case["sig_b64"])
    signature = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    yield "signature", _holds(parse_public_key(_P256_SPKI + point).verify, signature, message)


def _notes(case: dict[str, Any]) -> Iterator[Outcome]:
    for told in case["cases"]:
        key, note = VerifierKey.parse(told["vkey"]), told["note"].encode()
        yield f"note by {key.name}", _holds(open_note, note, [key])
        if "skey" in told:
            signer = _signer(key, told["skey"])
            text = told["note"].rpartition("\n\n")[0] + "\n"
            yield f"note signed as {key.name}", sign_note(text, [signer]) == note


def _signer(key: VerifierKey, told: str) -> NoteSigner:
    """Read Go's form of a private key, ``PRIVATE+KEY+name+id+base64(type || seed)``."""
    secret = SigningKey(_bytes(told.split("+", 4)[4])[1:])
    return NoteSigner(key, lambda message: secret.sign(message).signature)


SETS: Final[dict[str, Callable[[dict[str, Any]], Iterator[Outcome]]]] = {
    "inclusion/**/*.json": _inclusion,
    "consistency/**/*.json": _consistency,
    "rfc6962_reference_tree.json": _reference_tree,
    "generated_tiles.json": _tiles,
    "dsse.json": _dsse,
    "signed_note.json": _notes,
}


def run(folder: Path) -> tuple[Counter[str], list[str]]:
    """Run every vector below a folder.

    Returns:
        How many agree, by set; and one line for each that does not.
    """
    agreeing: Counter[str] = Counter()
    disagreeing: list[str] = []
    for pattern, check in SETS.items():
        for file in sorted(folder.rglob(pattern)):
            for about, agrees in check(json.loads(file.read_text(encoding="utf-8"))):
                if agrees:
                    agreeing[pattern] += 1
                else:
                    disagreeing.append(f"{file.relative_to(folder)}: {about}")
    return agreeing, disagreeing


def main(arguments: list[str]) -> int:
    """Run the vectors of the folder that is named, and tell what came of it."""
    named = arguments[0] if arguments else os.environ.get("LEDGER_VECTORS", "")
    if not named:
        click.echo(__doc__, err=True)
        return 2
    agreeing, disagreeing = run(Path(named))
    for pattern in SETS:
        click.echo(f"{agreeing[pattern]:6,} agree  {pattern}")
    for line in disagreeing:
        click.echo(f"DISAGREES  {line}")
    return 1 if disagreeing or not agreeing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
