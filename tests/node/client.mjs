// A client of the ledger in Node, from a key of its own to a verified receipt: an example for
// other languages. It has the protos, the formats and Node's crypto, and no code of the ledger's.
//
//   node client.mjs keygen KEY AUTHOR PIN             make a key, and ask to be enrolled
//   node client.mjs append SERVER PIN KEY AUTHOR ID   sign an order, append it, verify everything
//   node client.mjs verify PIN RECEIPT...             verify receipts, asking nobody
//
// Stdout gets one JSON value. Exit codes: 0 done, 1 refused, 2 usage, 3 not verified.

import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

import { VerificationError } from "./lib/encoding.mjs";
import { Ledger, readPin, verifyReceipt } from "./lib/ledger.mjs";
import { possessionMessage, signedOrder, spki } from "./lib/statement.mjs";

const BYTES = ["entry", "checkpoint"];

/** Write KEY, and KEY.enroll.json for the administrators of the ledger. */
function keygen(keyPath, author, pinPath) {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ format: "pem", type: "pkcs8" });
  writeFileSync(keyPath, pem, { mode: 0o600, flag: "wx" });
  const { ledgerId } = readPin(pinPath);
  const possession = sign(null, possessionMessage(ledgerId, author, publicKey), privateKey);
  const request = {
    ledger_id: ledgerId.toString("hex"),
    author,
    public_key: spki(publicKey).toString("base64"),
    possession: possession.toString("base64"),
  };
  writeFileSync(`${keyPath}.enroll.json`, `${JSON.stringify(request, null, 2)}\n`);
  return request;
}

/** Append an order, having verified a checkpoint before: the newer one must continue it. */
async function append(server, pinPath, keyPath, author, id) {
  const pin = readPin(pinPath);
  const privateKey = createPrivateKey(readFileSync(keyPath));
  const ledger = new Ledger(server, pin);
  try {
    const older = await ledger.checkpoint();
    const order = {
      id,
      stream: `orders/${id}`,
      actor: "Node Works",
      addressee: "TSMC",
      items: ["X1"],
      quantity: 5000,
      publicDay: "2025-09-01",
    };
    const place = { ledgerId: pin.ledgerId, expectedVersion: 0, anchor: older };
    const key = { name: author, privateKey, publicKey: createPublicKey(privateKey) };
    const signed = signedOrder(order, place, key);
    const { receipt, verified } = await ledger.append(signed);
    return {
      statement_digest: signed.digest.toString("hex"),
      recorded_ms: Number(verified.recordedMs),
      older_tree_size: Number(older.size),
      tree_size: Number(ledger.head.size),
      receipt: toJson(receipt),
    };
  } finally {
    ledger.close();
  }
}

/** Verify receipts as `append` printed them; each one's outcome, and whether all of them hold. */
function verify(pinPath, ...paths) {
  const pin = readPin(pinPath);
  return paths.map((path) => {
    try {
      const { index } = verifyReceipt(fromJson(JSON.parse(readFileSync(path, "utf8"))), pin);
      return { path, holds: true, index: Number(index) };
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      process.exitCode = 3;
      return { path, holds: false, rule: error.rule, message: error.message };
    }
  });
}

const toJson = (receipt) => ({
  ...receipt,
  ...Object.fromEntries(BYTES.map((name) => [name, receipt[name].toString("base64")])),
  inclusion_proof: receipt.inclusion_proof.map((node) => node.toString("base64")),
});

const fromJson = (receipt) => ({
  ...receipt,
  ...Object.fromEntries(BYTES.map((name) => [name, Buffer.from(receipt[name], "base64")])),
  inclusion_proof: receipt.inclusion_proof.map((node) => Buffer.from(node, "base64")),
});

const COMMANDS = { keygen: [keygen, 3], append: [append, 5], verify: [verify, 2] };
const [name, ...given] = process.argv.slice(2);
const [command, least] = COMMANDS[name] ?? [];
if (command === undefined || given.length < least) {
  console.error("usage: node client.mjs keygen|append|verify ..., as its first lines say");
  process.exit(2);
}
try {
  console.log(JSON.stringify(await command(...given), null, 2));
} catch (error) {
  const unverified = error instanceof VerificationError;
  console.error(unverified ? `${error.rule}: ${error.message}` : (error.details ?? error));
  process.exitCode = unverified ? 3 : 1;
}
