// The line to the virtual band's Python side, and the virtual clock as the VM sees it.
// Touches two pipes. Speaks microseconds of virtual time.
//
// One request is under way at a time, and every answer carries the clock and whatever happened
// meanwhile (radio events, bytes typed at the prompt), so that nothing overtakes anything.
// Layouts are those of vmlink.py.

import fs from "node:fs";

const REQUEST_BYTES = 20; // u32 length, u8 op, u8 a, u16 b, u32 n, f64 time_us
const ANSWER_BYTES = 28; // u32 length, i32 status, f64 now_us, u8 paced, u8 0, u16 0, u32 payload, u32 events
const SPINS = 64; // clock reads without any other request before one is made
const TOLD = 64; // things told one after the other before an answer is asked for

export const OP = {
  POLL: 0, WAIT: 1, I2C_READ: 2, I2C_WRITE: 3, I2C_PROBE: 4, I2C_SETUP: 5, PIN: 6, WATCH_PIN: 7, ADC: 8,
  BLE: 9, OUT: 10, STATE: 11, BOOT: 12, WATCHDOG: 13, KEPT: 14, SET_RTC: 15, SYNCED: 16,
};
const EVENT_STDIN = 2; // other events go to the program: 1 radio, 3 pin

export class Link {
  constructor(answers, requests, tickError = 0) {
    this.tickUs = 1000 / (1 + tickError); // real time that a tick of 1 ms lasts
    this.answers = answers;
    this.requests = requests;
    this.out = Buffer.alloc(1 << 16);
    this.in = Buffer.alloc(1 << 17);
    this.nowUs = 0;
    this.paced = false;
    this.since = 0; // host clock at the last answer, ms
    this.bootUs = 0; // virtual time when this boot's tick counter was 0
    this.spins = 0;
    this.told = 0;
    this.stdin = [];
    this.events = [];
    this.printed = [];
    this.onInterruptByte = () => false; // true: the byte was Ctrl-C and has been dealt with
  }

  // --- clock ---

  now() {
    return this.paced ? this.nowUs + (performance.now() - this.since) * 1000 : this.nowUs;
  }

  ticksMs() {
    // A program that only looks at the clock would never let virtual time pass: ask now and then.
    if (++this.spins >= SPINS) this.request(OP.POLL);
    return this.tick();
  }

  tick() {
    return Math.floor((this.now() - this.bootUs) / this.tickUs + 1e-9);
  }

  waitMs(ms, flags = 0) {
    // ends on a whole tick, so that a sleep of n ticks is n ticks
    const end = this.bootUs + (this.tick() + ms) * this.tickUs;
    return this.request(OP.WAIT, { a: flags, t: ms < 0 ? -1 : end });
  }

  // --- requests ---

  print(byte) {
    this.printed.push(byte);
    if (this.printed.length >= 4096) this.request(OP.POLL); // so that Ctrl-C reaches a loop that prints
  }

  flush() {
    if (!this.printed.length) return;
    const bytes = Buffer.from(this.printed);
    this.printed = [];
    this.write(OP.OUT, { payload: bytes });
  }

  write(op, { a = 0, b = 0, n = 0, t = 0, payload = null }) {
    const length = REQUEST_BYTES + (payload ? payload.length : 0);
    if (length > this.out.length) this.out = Buffer.alloc(length * 2);
    const out = this.out;
    out.writeUInt32LE(length, 0);
    out[4] = op;
    out[5] = a;
    out.writeUInt16LE(b, 6);
    out.writeUInt32LE(n, 8);
    out.writeDoubleLE(t, 12);
    if (payload) out.set(payload, REQUEST_BYTES);
    for (let at = 0; at < length; ) at += fs.writeSync(this.requests, out, at, length - at);
  }

  // What has no answer: the other side reads it before the next request, at the same instant.
  tell(op, fields) {
    this.flush();
    this.spins = 0;
    this.write(op, fields);
    if (++this.told >= TOLD) this.request(OP.POLL); // so that Ctrl-C reaches a loop that only tells
  }

  request(op, fields = {}) {
    this.flush();
    this.spins = this.told = 0;
    this.write(op, fields);
    let have = 0;
    let length = ANSWER_BYTES;
    while (have < length) {
      const n = fs.readSync(this.answers, this.in, have, this.in.length - have);
      if (n === 0) process.exit(0); // the band's other half is gone: so is the power
      have += n;
      if (have >= 4) length = this.in.readUInt32LE(0);
      if (length > this.in.length) {
        const bigger = Buffer.alloc(length * 2);
        this.in.copy(bigger, 0, 0, have);
        this.in = bigger;
      }
    }
    const data = this.in;
    this.nowUs = data.readDoubleLE(8);
    this.paced = data[16] !== 0;
    this.since = performance.now();
    const payloadLength = data.readUInt32LE(20);
    this.takeEvents(ANSWER_BYTES + payloadLength, length);
    this.payload = data.subarray(ANSWER_BYTES, ANSWER_BYTES + payloadLength);
    return data.readInt32LE(4);
  }

  takeEvents(at, end) {
    const data = this.in;
    while (at < end) {
      const kind = data[at];
      const n = data.readUInt16LE(at + 1);
      const body = data.subarray(at + 3, at + 3 + n);
      at += 3 + n;
      if (kind === EVENT_STDIN) {
        for (const byte of body) if (!this.onInterruptByte(byte)) this.stdin.push(byte);
      } else this.events.push(Buffer.concat([Buffer.from([kind]), body]));
    }
  }
}
