// The conversation with a band, as firmware/PROTOCOL.md says it. Pure: no page, no Bluetooth.
// Speaks bytes (Uint8Array) over a link { readVersion(), writeControl(value), close() }, both
// promises; whoever made the link hands values over by `received(channel, value)`.
// TABLES (the field tables and numbers of the band's own code) stands before this file.

const P = TABLES.protocol;
const ROOM = 20; // bytes that any link carries in one write; a page cannot ask for its MTU
const ANSWER_MS = 15000;
const CHALLENGE_MS = 5000;
const SETTLE_MS = 2000;
const WAITING_MAX = 4096; // messages that nobody has read: then the band has gone mad
const MOST_RECORDS = 4000000;
const LOGGED_MEANWHILE = 4096;
const HEADER = 6;
const CRC = 4;
const utf8 = (text) => new TextEncoder().encode(text);

export class BandError extends Error {}

// --- bytes ---------------------------------------------------------------------------------------

export function joined(...parts) {
  const all = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n >>> 0;
});

export function crc32(data, before = 0) {
  let crc = ~before >>> 0;
  for (const byte of data) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ byte) & 255];
  return ~crc >>> 0;
}

const SIZES = { B: 1, b: 1, H: 2, h: 2, I: 4, Q: 8 };

function codeOf([, code]) {
  const letter = code.at(-1);
  const count = code.length > 1 ? Number(code.slice(0, -1)) : 1;
  return { letter, count, size: letter === "s" ? count : SIZES[letter] * count };
}

export const sizeOf = (fields) => fields.reduce((n, field) => n + codeOf(field).size, 0);

export function pack(fields, values) {
  const data = new Uint8Array(sizeOf(fields));
  const view = new DataView(data.buffer);
  let at = 0;
  for (const field of fields) {
    const { letter, size } = codeOf(field);
    const value = values[field[0]] ?? 0;
    if (letter === "s") data.set(value || new Uint8Array(0), at);
    else if (letter === "Q") view.setBigUint64(at, BigInt(value), true);
    else if (size === 4) view.setUint32(at, value, true);
    else if (size === 2) view.setUint16(at, value, true);
    else view.setUint8(at, value);
    at += size;
  }
  return data;
}

// Returns the values; null where the bytes are too few. More bytes are of a newer band.
export function unpack(fields, data) {
  if (data.length < sizeOf(fields)) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const read = {
    B: (at) => view.getUint8(at),
    b: (at) => view.getInt8(at),
    H: (at) => view.getUint16(at, true),
    h: (at) => view.getInt16(at, true),
    I: (at) => view.getUint32(at, true),
    Q: (at) => Number(view.getBigUint64(at, true)),
  };
  const values = {};
  let at = 0;
  for (const field of fields) {
    const { letter, count, size } = codeOf(field);
    if (letter === "s") values[field[0]] = data.slice(at, at + size);
    else if (field[1].length === 1) values[field[0]] = read[letter](at);
    else values[field[0]] = Array.from({ length: count }, (_, i) => read[letter](at + i * SIZES[letter]));
    at += size;
  }
  return values;
}

export function same(a, b) {
  let differ = a.length ^ b.length;
  for (let i = 0; i < Math.min(a.length, b.length); i++) differ |= a[i] ^ b[i];
  return differ === 0;
}

// --- the key's text ------------------------------------------------------------------------------

export function keyOfText(text) {
  const plain = text.replace(/[\s\u00ad\u2010-\u2014\u2212-]/g, "").toLowerCase();
  if (!plain.startsWith("notturno1.")) throw new BandError("not a key");
  const letters = plain.slice(10);
  if (letters.length !== 71 || /[^a-z2-7]/.test(letters)) throw new BandError("not a key");
  const data = new Uint8Array(44);
  let bits = 0, held = 0, at = 0;
  for (const letter of letters) {
    held = ((held << 5) | "abcdefghijklmnopqrstuvwxyz234567".indexOf(letter)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      if (at < 44) data[at++] = (held >> bits) & 255;
    }
  }
  const check = new DataView(data.buffer).getUint32(40, true);
  if (crc32(data.subarray(0, 40)) !== check || held & ((1 << bits) - 1)) throw new BandError("key changed");
  return { deviceId: hex(data.subarray(0, 8)), key: data.slice(8, 40) };
}

export const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");

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

// --- records -------------------------------------------------------------------------------------

// Cuts a stream of joined frames at their ends. `rest`: bytes of one that has not ended.
export class Frames {
  rest = new Uint8Array(0);
  damaged = 0;

  take(data) {
    const all = joined(this.rest, data);
    const found = [];
    let at = 0;
    while (all.length - at >= HEADER) {
      const n = all[at + 5];
      if (n > TABLES.wire.MAX_PAYLOAD_LEN) throw new BandError("no record is that long");
      const end = at + HEADER + n + CRC;
      if (end > all.length) break;
      const frame = all.slice(at, end);
      if (wholeFrame(frame)) found.push(frame);
      else this.damaged++;
      at = end;
    }
    this.rest = all.slice(at);
    return found;
  }
}

const u32 = (data, at) => new DataView(data.buffer, data.byteOffset).getUint32(at, true);
export const seqOf = (frame) => u32(frame, 0);
export const payloadOf = (frame) => frame.subarray(HEADER, frame.length - CRC);
const wholeFrame = (frame) => crc32(frame.subarray(0, frame.length - CRC)) === u32(frame, frame.length - CRC);

// --- the band ------------------------------------------------------------------------------------

export class Band {
  constructor(link) {
    this.link = link;
    this.splitter = new Splitter();
    this.joiners = {
      [P.CONTROL]: new Joiner(P.MESSAGE_MAX),
      [P.DATA]: new Joiner(P.MESSAGE_MAX),
      [P.LIVE]: new Joiner(P.MESSAGE_MAX, true),
    };
    this.session = null;
    this.messages = [];
    this.waiter = null;
    this.failure = null;
    this.opening = Promise.resolve(); // messages are opened one after the other, in their order
  }

  // A value has come on a channel; its bytes must be the caller's own.
  received(channel, value) {
    if (this.failure) return;
    let message;
    try {
      message = this.joiners[channel].add(value);
    } catch (error) {
      return this.fail(error);
    }
    if (!message) return;
    const sealed = this.session;
    this.opening = this.opening.then(async () => {
      if (this.failure) return;
      try {
        this.put({ channel, data: sealed ? await sealed.open(channel, message) : message });
      } catch (error) {
        if (channel !== P.LIVE) this.fail(error);
      }
    });
  }

  fail(error) {
    this.failure ??= error instanceof Error ? error : new BandError(String(error));
    this.waiter?.reject(this.failure);
    this.waiter = null;
  }

  put(message) {
    if (this.waiter) {
      this.waiter.resolve(message);
      this.waiter = null;
    } else if (this.messages.push(message) > WAITING_MAX) this.fail(new BandError("the band does not stop talking"));
  }

  async next(ms) {
    if (this.messages.length) return this.messages.shift();
    if (this.failure) throw this.failure;
    let timer;
    try {
      return await new Promise((resolve, reject) => {
        this.waiter = { resolve, reject };
        timer = setTimeout(() => this.fail(new BandError("the band stopped answering")), ms);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  async say(plain) {
    const message = this.session ? await this.session.seal(P.CONTROL, plain) : plain;
    for (const value of this.splitter.values(message, ROOM)) await this.link.writeControl(value);
  }

  async heard(op, fields, ms = ANSWER_MS) {
    const until = Date.now() + ms;
    for (;;) {
      const { channel, data } = await this.next(Math.max(until - Date.now(), 0));
      if (channel !== P.CONTROL || data[0] !== op) continue;
      const values = unpack(fields, data);
      if (!values) throw new BandError("an answer is cut off");
      return values;
    }
  }

  async ask(op, fields, values = {}, answer = P.REPLY_FIELDS) {
    await this.say(pack(fields, { op, ...values }));
    return this.heard(op, answer);
  }

  // Proves the key, and has the band prove it. Throws BandError: `why` says which way it failed.
  async prove(key) {
    const [version] = await this.link.readVersion();
    if (version !== P.VERSION) throw Object.assign(new BandError("another version"), { why: "version", version });
    const hostNonce = crypto.getRandomValues(new Uint8Array(P.NONCE_LEN));
    await this.say(pack(P.HELLO_FIELDS, { op: P.OP_HELLO, protocol_version: P.VERSION, host_nonce: hostNonce }));
    const challenge = await this.heard(P.OP_HELLO, P.CHALLENGE_FIELDS, CHALLENGE_MS);
    if (challenge.status !== P.STATUS_OK) throw Object.assign(new BandError("no challenge"), { why: "no key" });
    const versions = [P.VERSION, version];
    const expected = await proofs(key, versions, hostNonce, challenge.band_nonce);
    if (!same(expected.band, challenge.proof)) throw Object.assign(new BandError("a false proof"), { why: "wrong key" });
    const session = await Session.make(key, hostNonce, challenge.band_nonce);
    const proof = pack(P.PROOF_FIELDS, { op: P.OP_PROOF, proof: expected.host });
    const values = [...this.splitter.values(proof, ROOM)];
    this.session = session; // the answer is sealed, and may come before the write's own
    for (const value of values) await this.link.writeControl(value);
    await this.heard(P.OP_PROOF, P.REPLY_FIELDS, CHALLENGE_MS);
  }

  info() {
    return this.ask(P.OP_INFO, P.ASK_INFO_FIELDS, {}, P.INFO_FIELDS);
  }

  async setTime(hostId) {
    const asked = performance.now();
    await this.info();
    const half = Math.round((performance.now() - asked) / 2);
    const values = { utc_ms: Date.now() + half, error_ms: Math.min(half + 1, 65535), host_id: hostId };
    return this.ask(P.OP_SET_TIME, P.SET_TIME_FIELDS, values);
  }

  // Fetches the records from_seq to the newest; progress(records, expected).
  async fetchRecords(info, progress = () => {}) {
    const count = info.next_seq - info.first_seq;
    if (count < 0 || count > MOST_RECORDS) throw new BandError("no band holds that many records");
    const last = info.next_seq + LOGGED_MEANWHILE;
    const cutter = new Frames();
    const frames = [];
    let due = info.first_seq, crc = 0, fresh = false, ended = null;
    await this.say(pack(P.REPORT_FIELDS, { op: P.OP_REPORT, from_seq: due, through_seq: P.THROUGH_ALL }));
    while (!ended || crc !== ended.crc32) {
      const { channel, data } = await this.next(ended ? SETTLE_MS : ANSWER_MS);
      if (channel === P.DATA) {
        if (!data.length) throw new BandError("a message without records");
        fresh = true;
        for (const frame of cutter.take(data)) {
          if (seqOf(frame) < due || seqOf(frame) > last) throw new BandError("a record out of turn");
          due = seqOf(frame) + 1;
          crc = crc32(frame, crc);
          frames.push(frame);
        }
        progress(frames.length, Math.max(count, frames.length));
      } else if (channel === P.CONTROL) {
        const reply = unpack(P.REPLY_FIELDS, data);
        if (!reply) throw new BandError("an answer is cut off");
        if (reply.op === P.OP_REPORT) {
          if (reply.status !== P.STATUS_OK) throw new BandError("the band broke its report off");
          ended = reply;
        } else if (reply.op !== P.OP_CHECKPOINT || !fresh) throw new BandError("the band answered out of turn");
        fresh = false;
      }
    }
    return { frames, nextSeq: Math.max(ended.next_seq, info.first_seq), damaged: cutter.damaged };
  }

  // Confirms the records from committedSeq to the last one: only what was stored safely.
  commit(frames, committedSeq, throughSeq) {
    let crc = 0;
    for (const frame of frames) {
      if (seqOf(frame) >= committedSeq && seqOf(frame) <= throughSeq) crc = crc32(frame, crc);
    }
    return this.ask(P.OP_COMMIT, P.COMMIT_FIELDS, { through_seq: throughSeq, crc32: crc });
  }
}

export function recordsFile(info, frames, nextSeq, zone, fetchedUtcMs) {
  let text = "";
  for (const frame of frames) text += String.fromCharCode(...frame);
  return JSON.stringify({
    schema: TABLES.schema,
    device_id: hex(info.device_id),
    log_id: info.log_id,
    log_version: info.log_version,
    firmware: String.fromCharCode(...info.firmware.filter((byte) => byte > 31 && byte < 127)),
    zone,
    first_seq: info.first_seq,
    next_seq: nextSeq,
    fetched_utc_ms: fetchedUtcMs,
    frames: btoa(text),
  });
}
