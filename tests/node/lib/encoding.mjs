// The small encodings of the formats, each read in its one canonical spelling.

import { createHash } from "node:crypto";

/** Something that a server gave does not hold. `rule` names what was checked. */
export class VerificationError extends Error {
  constructor(rule, message) {
    super(message);
    this.rule = rule;
  }
}

/** SHA-256 of byte strings, one after the other. */
export function sha256(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Base64 with full padding and nothing else in it: Buffer.from alone would take anything. */
export function fromBase64(text) {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) {
    throw new VerificationError("base64", `${JSON.stringify(text)} is not canonical base64.`);
  }
  return bytes;
}

/** A decimal without sign or leading zeros, as a BigInt. */
export function fromDecimal(text) {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(text)) {
    throw new VerificationError("decimal", `${JSON.stringify(text)} is not a plain decimal.`);
  }
  return BigInt(text);
}

/** A number as 4 bytes, the most significant first. */
export function uint32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
