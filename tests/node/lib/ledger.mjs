// A ledger over gRPC, of which nothing is believed that is not verified by the pin.

import { readFileSync } from "node:fs";

import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

import { fromDecimal, VerificationError } from "./encoding.mjs";
import { leafHash, verifyConsistency, verifyInclusion } from "./merkle.mjs";
import { openCheckpoint, verifierKey } from "./note.mjs";
import { PROTOS } from "./statement.mjs";

const DEADLINE_MS = 30_000;
const ENTRY_FORMAT = 1;
const ENTRY_HEAD = 9;

/** Read a pin, which whoever founded the ledger hands out: origin, ledger id and log keys. */
export function readPin(path) {
  const pin = JSON.parse(readFileSync(path, "utf8"));
  return {
    origin: pin.origin,
    ledgerId: Buffer.from(pin.ledger_id, "hex"),
    keys: pin.log_keys.map(verifierKey),
  };
}

/**
 * Verify a receipt: the log that is pinned holds this entry at this index.
 *
 * @param {{entry: Buffer, index: string, inclusion_proof: Buffer[], checkpoint: Buffer}} receipt
 * @returns {{recordedMs: bigint, envelope: Buffer, index: bigint, checkpoint: object}}
 * @throws {VerificationError} It does not, or not by this proof.
 */
export function verifyReceipt(receipt, pin) {
  const checkpoint = openCheckpoint(receipt.checkpoint, pin);
  const index = fromDecimal(receipt.index);
  const hash = leafHash(receipt.entry);
  verifyInclusion(index, checkpoint.size, hash, receipt.inclusion_proof, checkpoint.root);
  if (receipt.entry[0] !== ENTRY_FORMAT || receipt.entry.length <= ENTRY_HEAD) {
    throw new VerificationError("entry", "The entry is of another format.");
  }
  const recordedMs = receipt.entry.readBigUInt64BE(1);
  return { recordedMs, envelope: receipt.entry.subarray(ENTRY_HEAD), index, checkpoint };
}

/** One ledger. Its checkpoints only ever grow: `head` is the newest that was verified. */
export class Ledger {
  #ledger;
  #log;
  #pin;
  head = null;

  constructor(address, pin) {
    const definition = loader.loadSync("ledger/v1/services.proto", {
      includeDirs: [PROTOS],
      keepCase: true, // names as the protos have them
      longs: String, // a uint64 may exceed what a Number holds
      defaults: true,
    });
    const { LedgerService, LogService } = grpc.loadPackageDefinition(definition).ledger.v1;
    // Off loopback: grpc.credentials.createSsl(ca), and the token as metadata of each call.
    const credentials = grpc.credentials.createInsecure();
    this.#ledger = new LedgerService(address, credentials);
    this.#log = new LogService(address, credentials);
    this.#pin = pin;
  }

  close() {
    this.#ledger.close();
    this.#log.close();
  }

  /** Get the newest checkpoint, and see that it continues the one known before. */
  async checkpoint() {
    const { checkpoint } = await call(this.#log, "GetCheckpoint", {});
    return this.#accept(openCheckpoint(checkpoint, this.#pin));
  }

  /** Append an envelope, and verify that the receipt is its own. Gives the receipt as it came. */
  async append({ envelope }) {
    const { receipt } = await call(this.#ledger, "Append", { envelope });
    const verified = verifyReceipt(receipt, this.#pin);
    // Only the first envelope of a statement is stored: after a retry compare digests instead.
    if (!verified.envelope.equals(envelope)) {
      throw new VerificationError("receipt", "The receipt is that of another statement.");
    }
    await this.#accept(verified.checkpoint);
    return { receipt, verified };
  }

  async #accept(checkpoint) {
    const older = this.head;
    if (older !== null) {
      const sizes = { first_tree_size: `${older.size}`, second_tree_size: `${checkpoint.size}` };
      const { consistency_proof: path } = await call(this.#log, "GetConsistencyProof", sizes);
      verifyConsistency(older, checkpoint, path);
    }
    this.head = checkpoint;
    return checkpoint;
  }
}

/** Make one unary call. A refusal rejects with grpc's error, whose `details` is a sentence. */
function call(stub, method, request) {
  const deadline = Date.now() + DEADLINE_MS;
  return new Promise((resolve, reject) => {
    stub[method](request, { deadline }, (error, reply) => (error ? reject(error) : resolve(reply)));
  });
}
