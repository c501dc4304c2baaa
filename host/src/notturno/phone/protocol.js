// The conversation with a band, as firmware/PROTOCOL.md says it. Pure: no page, no Bluetooth.
// Speaks bytes (Uint8Array) over a link { readVersion(), writeControl(value), close() }, both
// promises; whoever made the link hands values over by `received(channel, value)`.
// Before this file stand TABLES (the field tables and numbers of the band's own code),
// bytes.js and seal.js.

const ROOM = 20; // bytes that any link carries in one write; a page cannot ask for its MTU
const ANSWER_MS = 15000;
const CHALLENGE_MS = 5000;
const SETTLE_MS = 2000;
const WAITING_MAX = 4096; // messages that nobody has read: then the band has gone mad
const MOST_RECORDS = 4000000;
const LOGGED_MEANWHILE = 4096;
const HEADER = 6;
const CRC = 4;

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
