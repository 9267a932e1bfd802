// Statements and envelopes: what an author signs, byte by byte (DSSE over protobuf).

import { randomBytes, sign } from "node:crypto";
import { fileURLToPath } from "node:url";

import protobuf from "protobufjs";

import { sha256, uint32 } from "./encoding.mjs";

export const PROTOS = fileURLToPath(new URL("../../../protos", import.meta.url));
const PAYLOAD_TYPE = "application/vnd.ledger.statement.v1+protobuf";

const types = new protobuf.Root();
types.resolvePath = (_, target) => `${PROTOS}/${target}`;
// Names as the protos have them: expected_version, not expectedVersion.
types.loadSync("ledger/v1/statement.proto", { keepCase: true });
const Statement = types.lookupType("ledger.v1.Statement");
const Envelope = types.lookupType("ledger.v1.Envelope");
const value = (name, member) => types.lookupEnum(`ledger.v1.${name}`).values[member];

/**
 * Write a message in its one spelling, in which the ledger takes it: fields by their numbers, no
 * field at its default, and `expected_version` always. protobufjs does the first by itself, and
 * the second wherever a default is left out of the object; so objects here leave them out.
 */
function serialize(type, object) {
  const fault = type.verify(object);
  if (fault) throw new TypeError(fault);
  return Buffer.from(type.encode(type.fromObject(object)).finish());
}

/** What is signed: "DSSEv1" SP len(type) SP type SP len(body) SP body. */
export function preAuthenticationEncoding(payload) {
  const head = `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

/** The key's name: hex SHA-256 of its SPKI DER. */
export function keyId(publicKey) {
  return sha256(spki(publicKey)).toString("hex");
}

/** A public key's SPKI DER. */
export const spki = (publicKey) => publicKey.export({ format: "der", type: "spki" });

/**
 * State a company's order, and sign it.
 *
 * @param {object} order `id`, `stream`, `actor`, `addressee`, `items`, `quantity`, `publicDay`.
 * @param {object} place `ledgerId`, `expectedVersion`, and the `anchor`, a verified checkpoint.
 * @param {object} author `name`, and both halves of the key, as KeyObjects.
 * @returns {{envelope: Buffer, digest: Buffer}} The envelope, and what names the statement.
 */
export function signedOrder(order, place, author) {
  const payload = serialize(Statement, {
    ledger_id: place.ledgerId,
    stream: order.stream,
    expected_version: place.expectedVersion,
    author: author.name,
    nonce: randomBytes(16),
    signed_at_ms: Date.now(),
    anchor: { size: Number(place.anchor.size), root: place.anchor.root },
    fact_id: order.id,
    fact: {
      reported: {
        family: value("Family", "FAMILY_COMPANY_ORDER"),
        subtype: "purchase_order",
        actor: order.actor,
        addressees: [order.addressee],
        items: order.items,
        dates: {
          public: { value: order.publicDay, precision: value("Precision", "PRECISION_DAY") },
        },
        quantity: { min: order.quantity, max: order.quantity, unit: "chips" },
        certainty: value("Certainty", "CERTAINTY_COMPANY_FILING"),
        grade: value("Grade", "GRADE_CHECKED"),
      },
    },
  });
  const message = preAuthenticationEncoding(payload);
  const envelope = serialize(Envelope, {
    payload,
    payload_type: PAYLOAD_TYPE,
    signatures: [{ sig: sign(null, message, author.privateKey), keyid: keyId(author.publicKey) }],
  });
  return { envelope, digest: sha256(message) };
}

/** What a new key signs, to show that its holder asks to be enrolled in this very ledger. */
export function possessionMessage(ledgerId, author, publicKey) {
  const parts = ["ledger-key-possession-v1", ledgerId, author, spki(publicKey)];
  const bytes = parts.map((part) => Buffer.from(part));
  return Buffer.concat(bytes.flatMap((part) => [uint32(part.length), part]));
}
