// What the VM's WebAssembly asks of the machine below it: time, chance, error numbers, poll.
// Touches `WebAssembly.instantiate` and `Table.get`, once per process. Speaks ms and Linux error numbers.

// The VM's C library has WASI's numbers; MicroPython's files and mpremote expect Linux's.
const LINUX_OF_WASI = {
  2: 13, 6: 11, 8: 9, 10: 16, 20: 17, 21: 14, 27: 4, 28: 22, 29: 5, 31: 21, 32: 40, 33: 24, 34: 31, 37: 36,
  41: 23, 43: 19, 44: 2, 48: 12, 51: 28, 52: 38, 54: 20, 55: 39, 58: 95, 60: 6, 61: 75, 63: 1, 64: 32, 69: 30, 70: 29,
  75: 18,
};
const POLLIN = 1;
const POLLOUT = 4;

// This build's error handling looks a function up in the table at almost every step of the bytecode
// loop; the table does not change, and remembering it halves the processor time of a night.
export function rememberTableEntries() {
  const original = WebAssembly.Table.prototype.get;
  WebAssembly.Table.prototype.get = function (i) {
    this.known ??= [];
    return (this.known[i] ??= original.call(this, i));
  };
}

export function wrapImports(hooks) {
  rememberTableEntries();
  const original = WebAssembly.instantiate;
  let compiled = null;
  WebAssembly.instantiate = async (binary, imports) => {
    compiled ??= await WebAssembly.compile(binary);
    const env = imports.env;
    for (const name of Object.keys(env)) {
      if (!name.startsWith("__syscall_")) continue;
      const call = env[name];
      env[name] = (...args) => {
        const result = call(...args);
        return typeof result === "number" && result < 0 ? -(LINUX_OF_WASI[-result] ?? 5) : result;
      };
    }
    env.mp_js_ticks_ms = hooks.ticksMs;
    env.mp_js_time_ms = hooks.timeMs;
    env.mp_js_random_u32 = hooks.random;
    let memory = null;
    // pollfd: i32 fd, i16 events, i16 revents
    const poll = (address, n, timeoutMs) => {
      const view = () => new DataView(memory.buffer);
      const look = () => {
        let ready = 0;
        for (let i = 0; i < n; i++) {
          const at = address + 8 * i;
          const asked = view().getInt16(at + 4, true);
          let got = asked & POLLOUT;
          if (asked & POLLIN && view().getInt32(at, true) === 0 && hooks.stdinReady()) got |= POLLIN;
          view().setInt16(at + 6, got, true);
          if (got) ready++;
        }
        return ready;
      };
      const ready = look();
      if (ready || timeoutMs === 0) return ready;
      hooks.waitStdin(timeoutMs);
      return look();
    };
    env.__syscall_poll = poll;
    env.__syscall_poll_nonblocking = (address, n) => poll(address, n, 0);
    const instance = await original(compiled, imports);
    memory = instance.exports.memory;
    return { instance, module: compiled };
  };
}
