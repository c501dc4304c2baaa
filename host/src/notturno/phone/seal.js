// The seal on what goes to and fro, and the pieces that a link carries it in, as
// firmware/PROTOCOL.md says it. Pure but for the browser's own cryptography; stands behind bytes.js.

const P = TABLES.protocol;

// --- the seal ------------------------------------------------------------------------------------

const subtle = globalThis.crypto?.subtle;
const HMAC = { name: "HMAC", hash: "SHA-256" };

export const macKey = (key) => subtle.importKey("raw", key, HMAC, false, ["sign"]);
export const mac = async (key, data) => new Uint8Array(await subtle.sign("HMAC", key, data));

export async function hkdf(key, salt, info, n) {
  const base = await subtle.importKey("raw", key, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: typeof info === "string" ? utf8(info) : info };
  return new Uint8Array(await subtle.deriveBits(how, base, 8 * n));
}

export async function counted(key, block, data) {
  const how = { name: "AES-CTR", counter: block, length: 32 };
  return new Uint8Array(await subtle.encrypt(how, key, data));
}

const cipherKey = (key) => subtle.importKey("raw", key, "AES-CTR", false, ["encrypt"]);

export async function proofs(key, versions, hostNonce, bandNonce) {
  const proof = await macKey(await hkdf(key, new Uint8Array(0), "notturno 2 proof", 32));
  const said = joined(Uint8Array.from(versions), hostNonce, bandNonce);
  const of = async (who) => (await mac(proof, joined(utf8(who), said))).slice(0, P.PROOF_LEN);
  return { band: await of("band"), host: await of("host") };
}

const TAG = 10;

export class Session {
  static async make(key, hostNonce, bandNonce, atBand = false) {
    const secrets = await hkdf(key, joined(hostNonce, bandNonce), "notturno 2 seal", 96);
    const half = async (at) => ({
      cipher: await cipherKey(secrets.slice(at, at + 16)),
      mac: await macKey(secrets.slice(at + 16, at + 48)),
    });
    const session = new Session();
    const toBand = await half(0), toHost = await half(48);
    session.out = atBand ? toHost : toBand;
    session.in = atBand ? toBand : toHost;
    session.sent = {};
    session.heard = {};
    return session;
  }

  static block(channel, counter) {
    const block = new Uint8Array(16);
    block[0] = channel;
    new DataView(block.buffer).setUint32(8, counter);
    return block;
  }

  async seal(channel, plain) {
    const counter = this.sent[channel] ?? 0;
    this.sent[channel] = counter + 1;
    const head = new Uint8Array(4);
    new DataView(head.buffer).setUint32(0, counter, true);
    const secret = await counted(this.out.cipher, Session.block(channel, counter), plain);
    const tag = await mac(this.out.mac, joined([channel], head, secret));
    return joined(head, secret, tag.slice(0, TAG));
  }

  // Returns what was sealed. Throws BandError for a false, repeated or missing message.
  async open(channel, sealed) {
    const end = sealed.length - TAG;
    if (end < 4) throw new BandError("a message is too short to be sealed");
    const tag = await mac(this.in.mac, joined([channel], sealed.subarray(0, end)));
    if (!same(tag.slice(0, TAG), sealed.subarray(end))) throw new BandError("a message is not sealed with the key");
    const counter = new DataView(sealed.buffer, sealed.byteOffset).getUint32(0, true);
    const due = this.heard[channel] ?? 0;
    if (counter < due || (counter > due && channel !== P.LIVE)) throw new BandError("a message is missing");
    this.heard[channel] = counter + 1;
    return counted(this.in.cipher, Session.block(channel, counter), sealed.subarray(4, end));
  }
}

// --- pieces --------------------------------------------------------------------------------------

export class Splitter {
  count = 0;

  *values(message, room) {
    let at = 0;
    do {
      const piece = message.subarray(at, at + room - 1);
      const first = at === 0 ? P.HEAD_FIRST : 0;
      at += room - 1;
      const last = at >= message.length ? P.HEAD_LAST : 0;
      yield joined([this.count | first | last], piece);
      this.count = (this.count + 1) & P.HEAD_COUNT;
    } while (at < message.length);
  }
}

export class Joiner {
  constructor(most, lossy = false) {
    Object.assign(this, { most, lossy, due: 0, message: null });
  }

  // Returns the message that a value ends, else null. Throws BandError, unless values may be lost.
  add(value) {
    if (!value.length) return this.wrong();
    const number = value[0] & P.HEAD_COUNT;
    const inOrder = number === this.due;
    this.due = (number + 1) & P.HEAD_COUNT;
    if (value[0] & P.HEAD_FIRST) {
      if (this.message || !inOrder) this.wrong();
      this.message = new Uint8Array(0);
    } else if (!this.message || !inOrder) return this.wrong();
    if (this.message.length + value.length - 1 > this.most) return this.wrong();
    this.message = joined(this.message, value.subarray(1));
    if (!(value[0] & P.HEAD_LAST)) return null;
    const message = this.message;
    this.message = null;
    return message;
  }

  wrong() {
    this.message = null;
    if (!this.lossy) throw new BandError("a piece of a message is missing");
    return null;
  }
}
