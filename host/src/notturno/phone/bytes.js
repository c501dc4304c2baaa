// Bytes, and the key as a person types it. Pure. Stands behind TABLES, before seal.js.

const utf8 = (text) => new TextEncoder().encode(text);

export class BandError extends Error {}

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
