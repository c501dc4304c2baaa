// Runs the page's protocol against a band whose GATT values come and go as lines of JSON.
// argv[2]: the script's file. First line in: {key, commit}. Out: {write}, {read}, {done} or {failed}.

import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { Band, nightOf, recordsFile, hex } = await import(pathToFileURL(process.argv[2]));
const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const out = (line) => process.stdout.write(JSON.stringify(line) + "\n");
const waiting = [];
const answered = () => new Promise((resolve) => waiting.push(resolve));

const link = {
  readVersion: async () => (out({ read: true }), bytes(await answered())),
  writeControl: async (value) => (out({ write: hex(value) }), void (await answered())),
};
const band = new Band(link);

async function run({ key, commit, host }) {
  try {
    await band.prove(bytes(key));
    await band.setTime(host);
    const info = await band.info();
    const { frames, nextSeq } = await band.fetchRecords(info);
    const night = nightOf(frames);
    let status = null;
    if (commit) status = (await band.commit(frames, info.committed_seq, nextSeq - 1)).status;
    out({ done: { file: recordsFile(info, frames, nextSeq, "Europe/Rome", 1768290000000), night, status } });
  } catch (error) {
    out({ failed: error.message, why: error.why ?? null });
  }
  process.exit(0);
}

let begun = false;
for await (const line of createInterface({ input: process.stdin })) {
  const said = JSON.parse(line);
  if (!begun) {
    begun = true;
    run(said);
  } else if (said.value) band.received(said.channel, bytes(said.value));
  else if (said.gone) band.fail(new Error("gone"));
  else waiting.shift()(said.answer);
}
