// The serial prompt: friendly and raw REPL of the VM, with raw-paste done here.
// Touches the VM's REPL one character at a time. Speaks bytes.
//
// The VM's own raw-paste reads its characters by a call that this port does not have, so the
// protocol (MicroPython reference, "raw-paste mode") is spoken here and the code is handed on.

const CTRL_A = 1;
const CTRL_B = 2;
const CTRL_D = 4;
const CTRL_E = 5;
const WINDOW = 2048;

// Hand a character to the VM's own prompt, as its replProcessChar does, in half the time: a program of
// a hundred thousand comes this way.
const take = (vm, character) => vm._module._mp_js_repl_process_char(character);

export class Prompt {
  constructor(link, interruptChar) {
    this.link = link;
    this.interruptChar = interruptChar;
    this.last = 0;
    this.raw = false; // survives a soft reset, as on a device
    this.clear();
  }

  // The first prompt of a boot; a raw prompt stays raw over a soft reset.
  open(vm) {
    this.muted = this.raw;
    vm.replInit();
    this.muted = false;
    if (this.raw) take(vm, CTRL_A);
  }

  clear() {
    this.column = 0; // characters since the last raw prompt
    this.paste = null; // code collected in raw-paste mode
    this.asked = []; // the beginning of a raw-paste request
    this.swallow = 0;
    this.muted = false;
  }

  // Feed one byte; returns true when the VM asks for a soft reset.
  feed(vm, byte) {
    if (this.paste) return this.collect(vm, byte);
    if (this.raw && (this.asked.length || (byte === CTRL_E && this.column === 0))) {
      this.asked.push(byte);
      if (this.asked.length < 3) return false;
      const wanted = this.asked[1] === 0x41 && this.asked[2] === 1;
      this.asked = [];
      if (!wanted) return this.say([0x52, 0]);
      this.paste = [];
      return this.say([0x52, 1, WINDOW & 255, WINDOW >> 8]);
    }
    if (byte === CTRL_A) this.raw = true;
    else if (byte === CTRL_B) this.raw = false;
    this.column = byte === CTRL_D || byte === CTRL_A ? 0 : this.column + 1;
    if (byte === CTRL_D || byte === 13) this.link.flush(); // what runs now may never come back
    return take(vm, byte) !== 0;
  }

  collect(vm, byte) {
    if (byte === 3) {
      this.paste = null;
      return this.say([CTRL_D]);
    }
    if (byte !== CTRL_D) {
      this.paste.push(byte);
      if (this.paste.length % WINDOW === 0) this.say([1]);
      return false;
    }
    const code = this.paste;
    this.paste = null;
    this.say([CTRL_D]);
    this.link.flush();
    this.swallow = 2; // "OK", which raw-paste mode does not say
    let reset = false;
    for (const c of code) take(vm, c);
    reset = code.length ? take(vm, CTRL_D) !== 0 : false;
    if (!code.length) this.say([CTRL_D, CTRL_D, 0x3e]);
    return reset;
  }

  say(bytes) {
    for (const b of bytes) this.link.print(b);
    return false;
  }

  // What the VM prints on its way to the line.
  printed(byte) {
    if (this.muted) return;
    if (this.swallow) {
      this.swallow--;
      return;
    }
    // A terminal wants \r\n. In the raw prompt, and while a program has switched Ctrl-C off to speak
    // bytes (mpremote mount), everything goes out as it is.
    if (byte === 10 && this.last !== 13 && !this.raw && this.interruptChar() === 3) this.link.print(13);
    this.last = byte;
    this.link.print(byte);
  }
}
