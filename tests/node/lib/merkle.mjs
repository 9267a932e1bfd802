// The Merkle tree of RFC 6962, and its two proofs as RFC 9162 verifies them.

import { sha256, VerificationError } from "./encoding.mjs";

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

/** The hash of an entry: H(0x00 || entry), RFC 6962 section 2.1. */
export const leafHash = (entry) => sha256(LEAF, entry);

const nodeHash = (left, right) => sha256(NODE, left, right);

/**
 * Prove that a tree of `size` and `root` holds a leaf at `index` (RFC 9162 section 2.1.3.2).
 *
 * @param {bigint} index The leaf's place, from 0.
 * @param {bigint} size How many leaves the tree has.
 * @param {Buffer} hash The leaf's hash.
 * @param {Buffer[]} path The siblings from the leaf up, 32 bytes each.
 * @param {Buffer} root The tree's root hash.
 * @throws {VerificationError} The proof does not hold.
 */
export function verifyInclusion(index, size, hash, path, root) {
  if (index >= size) fail("inclusion-proof", `A tree of ${size} has no leaf ${index}.`);
  let place = index;
  let last = size - 1n;
  let reached = hash;
  for (const sibling of checked(path, "inclusion-proof")) {
    if (last === 0n) fail("inclusion-proof", "The proof is too long.");
    if (place & 1n || place === last) {
      reached = nodeHash(sibling, reached);
      while (!(place & 1n) && place !== 0n) [place, last] = [place >> 1n, last >> 1n];
    } else {
      reached = nodeHash(reached, sibling);
    }
    [place, last] = [place >> 1n, last >> 1n];
  }
  if (last !== 0n || !reached.equals(root)) {
    fail("inclusion-proof", `Leaf ${index} is not in the tree of ${size} that was signed.`);
  }
}

/**
 * Prove that a newer tree begins with an older one (RFC 9162 section 2.1.4.2).
 *
 * @param {{size: bigint, root: Buffer}} older
 * @param {{size: bigint, root: Buffer}} newer
 * @param {Buffer[]} path Nodes, 32 bytes each; none where the two are of one size.
 * @throws {VerificationError} The proof does not hold: the log was rolled back, or has forked.
 */
export function verifyConsistency(older, newer, path) {
  if (older.size === 0n || older.size > newer.size) {
    fail("consistency-proof", `A tree of ${newer.size} does not continue one of ${older.size}.`);
  }
  if (older.size === newer.size) {
    if (path.length !== 0 || !older.root.equals(newer.root)) {
      fail("consistency-proof", `There are two trees of ${older.size}.`);
    }
    return;
  }
  const nodes = [...checked(path, "consistency-proof")];
  // Where the older tree is complete its root is a node of the newer one, and is not sent.
  if ((older.size & (older.size - 1n)) === 0n) nodes.unshift(older.root);
  if (nodes.length === 0) fail("consistency-proof", "The proof is empty.");
  let place = older.size - 1n;
  let last = newer.size - 1n;
  while (place & 1n) [place, last] = [place >> 1n, last >> 1n];
  let [olderRoot, newerRoot] = [nodes[0], nodes[0]];
  for (const node of nodes.slice(1)) {
    if (last === 0n) fail("consistency-proof", "The proof is too long.");
    if (place & 1n || place === last) {
      olderRoot = nodeHash(node, olderRoot);
      newerRoot = nodeHash(node, newerRoot);
      while (!(place & 1n) && place !== 0n) [place, last] = [place >> 1n, last >> 1n];
    } else {
      newerRoot = nodeHash(newerRoot, node);
    }
    [place, last] = [place >> 1n, last >> 1n];
  }
  if (last !== 0n || !olderRoot.equals(older.root) || !newerRoot.equals(newer.root)) {
    fail("consistency-proof", `The tree of ${newer.size} does not continue that of ${older.size}.`);
  }
}

function* checked(path, rule) {
  for (const node of path) {
    if (node.length !== 32) fail(rule, "A node of the proof has not 32 bytes.");
    yield node;
  }
}

function fail(rule, message) {
  throw new VerificationError(rule, message);
}
