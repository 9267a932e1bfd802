// Signed notes and checkpoints (C2SP signed-note and tlog-checkpoint), verified by pinned keys.

import { createPublicKey, verify } from "node:crypto";

import { fromBase64, fromDecimal, sha256, VerificationError } from "./encoding.mjs";

const ED25519 = 0x01;
// What stands before the 32 bytes of an Ed25519 key in its SPKI DER (RFC 8410).
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/**
 * Read a verifier key as a pin has it: `name+id+base64(type || public key)`.
 *
 * @returns {{name: string, id: Buffer, key: import("node:crypto").KeyObject}}
 */
export function verifierKey(text) {
  const [, name, id, body] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  const typed = fromBase64(body ?? "");
  const expected = sha256(`${name}\n`, typed).subarray(0, 4);
  if (typed[0] !== ED25519 || typed.length !== 33 || expected.toString("hex") !== id) {
    throw new VerificationError("verifier-key", `${text} is not an Ed25519 verifier key.`);
  }
  const spki = Buffer.concat([SPKI_PREFIX, typed.subarray(1)]);
  return { name, id: expected, key: createPublicKey({ key: spki, format: "der", type: "spki" }) };
}

/**
 * Open a checkpoint: one of the pinned keys must have signed it, and no signature of one may fail.
 *
 * @param {Buffer} note The signed note, verbatim.
 * @param {{origin: string, keys: ReturnType<typeof verifierKey>[]}} pin
 * @returns {{size: bigint, root: Buffer}}
 * @throws {VerificationError} It is not one, is another log's, or is not signed.
 */
export function openCheckpoint(note, pin) {
  const all = note.toString("utf8");
  const end = all.lastIndexOf("\n\n") + 1;
  if (end === 0 || !Buffer.from(all, "utf8").equals(note) || !all.endsWith("\n")) {
    throw new VerificationError("note", "The checkpoint is not a signed note.");
  }
  const text = all.slice(0, end);
  const lines = all.slice(end + 1, -1).split("\n");
  if (lines.filter((line) => isSignedBy(line, text, pin.keys)).length === 0) {
    throw new VerificationError("log-signature", "No pinned key signed the checkpoint.");
  }
  const [origin, size, root] = text.split("\n");
  if (origin !== pin.origin) {
    throw new VerificationError("origin", `The checkpoint is that of ${origin}.`);
  }
  const checkpoint = { size: fromDecimal(size ?? ""), root: fromBase64(root ?? "") };
  if (checkpoint.root.length !== 32) {
    throw new VerificationError("root-hash", "The checkpoint's root has not 32 bytes.");
  }
  return checkpoint;
}

/** Whether a signature line is that of a known key; one that is and does not verify is an error. */
function isSignedBy(line, text, keys) {
  const [, name, body] = /^\u2014 ([^ +]+) ([^ ]+)$/.exec(line) ?? [];
  if (name === undefined) {
    throw new VerificationError("note", `${JSON.stringify(line)} is not a signature line.`);
  }
  const signature = fromBase64(body);
  const signer = keys.find((one) => one.name === name && one.id.equals(signature.subarray(0, 4)));
  if (signer === undefined) return false;
  if (!verify(null, Buffer.from(text, "utf8"), signer.key, signature.subarray(4))) {
    throw new VerificationError("log-signature", `The signature by ${name} does not verify.`);
  }
  return true;
}
