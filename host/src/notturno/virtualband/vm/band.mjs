// The virtual band's processor: runs the real MicroPython VM on the firmware's files.
// Touches the flash folder (through hostfs) and the line to the Python side (through link).
//
// node band.mjs '{"wasm": module, "flash": folder, "shims": folder, "capacity": bytes,
//                "answers": fd, "requests": fd, "rtc_s": s since 2000 at virtual time 0,
//                "cause": of the first start, "tick_error": relative}'
//
// A boot is one life of the VM. The program runs in slices of its event loop, because this port
// collects garbage only when control comes back to JavaScript.

import crypto from "node:crypto";
import v8 from "node:v8";

import { hostFs } from "./hostfs.mjs";
import { wrapImports } from "./imports.mjs";
import { Link, OP } from "./link.mjs";
import { Prompt } from "./prompt.mjs";

// Most lives are short, and what optimises code costs a third of one: it is to wait until a night has
// begun. As often as a few minutes of the band's time run them, functions are optimised as before.
v8.setFlagsFromString("--wasm-tiering-budget=30000000"); // bytes of code run; else 1.8 million
if (parseInt(process.versions.node) < 22) // newer ones count otherwise, and name it otherwise
  v8.setFlagsFromString("--interrupt-budget=1000000"); // the same of JavaScript; else 66 thousand

const settings = JSON.parse(process.argv[2]);
const SLICE = 200; // turns of the event loop between collections
const HEAP_BYTES = 1 << 20;
const WAKE_ON_STDIN = 1;
const WAKE_ON_PIN = 2;
const DEEP = 4;
const KEPT_BYTES = 2048; // RTC memory
const CTRL_C = 3;
const RUNNING = 1;
const AT_PROMPT = 2;
const [HARD, DEEP_SLEEP, SOFT] = [2, 4, 5]; // machine.reset_cause()

const link = new Link(settings.answers, settings.requests, settings.tick_error);
const prompt = new Prompt(link, () => vm._module._mp_hal_get_interrupt_char());
let vm = null;
let program = null; // the shim _vm.py
let busy = false; // code runs: Ctrl-C interrupts it
let interrupted = false;
let resetTo = 0; // a reset that the program has asked for
let cause = settings.cause;
let woke = 0; // machine.wake_reason() after a deep sleep
let clockChip = true;
let seed = 1;
let identity = [0, 0, 0];
let rtcOffsetS = settings.rtc_s; // seconds from 2000 at virtual time 0

function random() {
  // xorshift32, seeded per boot by the Python side: the same seed, the same night
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return seed >>> 0;
}

link.onInterruptByte = (byte) => {
  if (!busy || byte !== vm._module._mp_hal_get_interrupt_char()) return false;
  vm._module._mp_sched_keyboard_interrupt();
  interrupted = true;
  return true;
};

wrapImports({
  ticksMs: () => link.ticksMs(),
  timeMs: () => Math.floor(link.now() / 1000),
  random,
  stdinReady: () => link.stdin.length > 0,
  waitStdin: (ms) => link.waitMs(ms, WAKE_ON_STDIN),
});

const heap = () => vm._module.HEAPU8; // fetched each time: growth replaces the buffer

// In free time nothing changes between two readings at one instant: do not ask twice. The end of a
// wait says what the pins are that a program looks at whenever it wakes: (number, level) of each.
const readings = new Map();
function wait(ms, flags = 0) {
  const status = link.waitMs(ms, flags);
  for (let i = 0; i < link.payload.length; i += 2)
    readings.set(OP.PIN * 256 + link.payload[i], { at: link.now(), value: link.payload[i + 1] });
  return status;
}
function remembered(op, number) {
  const key = op * 256 + number;
  const last = readings.get(key);
  if (last && last.at === link.now() && !link.paced) return last.value;
  const value = link.request(op, { a: number });
  readings.set(key, { at: link.now(), value });
  return value;
}

// Fed twice at one instant it waits as long as fed once.
let fedAt = -1;
function watchdog(timeoutMs) {
  if (!timeoutMs && !link.paced && fedAt === link.now()) return;
  fedAt = link.now();
  link.tell(OP.WATCHDOG, { n: timeoutMs });
}

const sim = {
  wait: (ms) => wait(ms),
  sleep: (ms, deep) => wait(ms, WAKE_ON_PIN | (deep ? DEEP : 0)), // 2: a pin woke it
  watchdog, // 0: feed it
  synced: () => void link.request(OP.SYNCED),
  keep: (at, n) => void link.request(OP.KEPT, { payload: heap().subarray(at, at + Math.min(n, KEPT_BYTES)) }),
  kept(at, max) {
    link.request(OP.KEPT, { a: 1 });
    const n = Math.min(link.payload.length, max);
    heap().set(link.payload.subarray(0, n), at);
    return n;
  },
  woke: () => woke,
  wakes_for(reason) {
    woke = reason;
  },
  clock_chip: () => (clockChip ? 1 : 0),
  i2c_read(address, register, at, n) {
    const status = link.request(OP.I2C_READ, { a: address, b: register, n });
    if (status === 0) heap().set(link.payload, at);
    return status;
  },
  i2c_write(address, register, at, n) {
    return link.request(OP.I2C_WRITE, { a: address, b: register, payload: heap().subarray(at, at + n) });
  },
  i2c_setup: (hz, timeoutUs) => void link.request(OP.I2C_SETUP, { n: hz, t: timeoutUs }),
  i2c_probe: (address) => link.request(OP.I2C_PROBE, { a: address }),
  pin: (number) => remembered(OP.PIN, number),
  drive_pin: (number, how) => void link.request(OP.PIN, { a: number, b: how }), // 1 low, 2 high
  watch_pin: (number, wakes) => void link.request(OP.WATCH_PIN, { a: number, b: wakes }),
  adc_uv: (number) => remembered(OP.ADC, number),
  ble(op, at, n, answerAt, answerMax) {
    const status = link.request(OP.BLE, { a: op, payload: n ? heap().subarray(at, at + n) : null });
    if (status < 0) return status;
    const m = Math.min(link.payload.length, answerMax);
    if (m) heap().set(link.payload.subarray(0, m), answerAt);
    return link.payload.length;
  },
  events: () => link.events.length,
  event(at, max) {
    const event = link.events.shift();
    if (!event) return 0;
    heap().set(event.subarray(0, max), at);
    return event.length;
  },
  reset(kind) {
    resetTo = kind;
  },
  entropy: (at, n) => void crypto.randomFillSync(heap(), at, n), // real: never the same twice
  aes(encrypts, keyAt, keyBytes, chainAt, at, n, outAt) {
    const bytes = (from, length) => heap().subarray(from, from + length);
    const make = encrypts ? crypto.createCipheriv : crypto.createDecipheriv;
    const mode = chainAt ? "cbc" : "ecb";
    const chain = chainAt ? Buffer.from(bytes(chainAt, 16)) : null;
    const cipher = make(`aes-${8 * keyBytes}-${mode}`, bytes(keyAt, keyBytes), chain);
    cipher.setAutoPadding(false);
    const last = Buffer.from(bytes(at + n - 16, 16)); // kept: the result may go over the data
    const result = cipher.update(bytes(at, n));
    cipher.final();
    heap().set(result, outAt);
    if (chainAt) heap().set(encrypts ? result.subarray(n - 16) : last, chainAt);
  },
  cause: () => cause,
  id_byte: (i) => identity[i],
  rtc_s: () => Math.floor(link.now() / 1000 / link.tickUs + rtcOffsetS),
  rtc_us: () => Math.floor((link.now() * 1000) / link.tickUs) % 1e6,
  set_rtc_s(seconds) {
    rtcOffsetS = seconds - Math.floor(link.now() / 1000 / link.tickUs);
    link.request(OP.SET_RTC, { t: rtcOffsetS });
  },
};

function readStdin() {
  interrupted = false;
  while (!link.stdin.length) {
    link.waitMs(-1, WAKE_ON_STDIN);
    if (interrupted) return null;
  }
  return link.stdin.shift();
}

function print(text) {
  for (const byte of Buffer.from(text.replace(/\r?\n/g, "\r\n"))) link.print(byte);
}

// Run Python in the VM; returns what it returns, or null when it raised.
function run(work) {
  busy = true;
  try {
    return work();
  } catch (error) {
    if (error.name !== "PythonError") throw error;
    if (error.type !== "SystemExit") print(error.message);
    if (error.type === "SystemExit" && !resetTo) resetTo = SOFT;
    return null;
  } finally {
    busy = false;
  }
}

async function life() {
  const { loadMicroPython } = await import(settings.wasm);
  vm = await loadMicroPython({
    heapsize: HEAP_BYTES,
    linebuffer: false,
    stdin: readStdin,
    stdout: (bytes) => prompt.printed(bytes[0]),
  });
  link.request(OP.BOOT, { a: cause });
  fedAt = -1;
  seed = link.payload.readUInt32LE(0) || 1;
  identity = [...link.payload.subarray(4, 7)];
  clockChip = link.payload[7] !== 0;
  if (cause !== SOFT) link.bootUs = Math.floor(link.nowUs);
  link.events = [];
  vm.FS.mkdir("/flash");
  vm.FS.mount(
    hostFs(vm.FS, { hiddenName: ".sim", hiddenFolder: settings.shims, capacity: settings.capacity }),
    { root: settings.flash },
    "/flash",
  );
  vm.registerJsModule("_sim", sim);
  vm.runPython("import vfs as v\nv.umount('/')\nv.mount(v.VfsPosix('/flash'),'/')\ndel v");
  vm.runPython("import sys as s\ns.path.insert(0,'/.sim')\ndel s");
  program = vm.pyimport("_vm");
  program.start();
  link.request(OP.STATE, { a: RUNNING });
  let running = run(() => program.run_file("boot.py")) === true;
  const wanted = !prompt.raw && !link.stdin.includes(CTRL_C); // typed while we booted
  if (!resetTo && wanted) running = run(() => program.run_file("main.py")) === true;
  while (running && !resetTo) running = run(() => program.step(SLICE)) === true;
  if (!resetTo) {
    link.request(OP.STATE, { a: AT_PROMPT });
    prompt.open(vm);
  }
  while (!resetTo) atPrompt();
  link.flush();
}

function atPrompt() {
  if (!link.stdin.length) link.waitMs(-1, WAKE_ON_STDIN);
  if (link.events.length) run(() => program.deliver());
  while (link.stdin.length && !resetTo) {
    busy = true;
    const reset = prompt.feed(vm, link.stdin.shift());
    busy = false;
    if (reset && !resetTo) resetTo = SOFT;
  }
}

for (;;) {
  await life();
  cause = resetTo;
  resetTo = 0;
  prompt.clear();
  if (cause !== SOFT) {
    prompt.raw = false;
    link.stdin = [];
  } else print("MPY: soft reboot\n");
}
