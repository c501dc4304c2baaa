// Runs Python in the real MicroPython VM with 32-bit words and a heap that begins small, one step
// a call: this port collects garbage between the calls, and takes more memory where a call needs it.
//
// node steps.mjs MODULE JOB: JOB is JSON with `heap` (bytes), `files` ({path in the VM: path here})
// `rom` (an image that is mapped at /rom) and `steps` (Python text, or [text, text to repeat until it returns False]).
import fs from "node:fs";
import { pathToFileURL } from "node:url";

import { rememberTableEntries } from "../../host/src/notturno/virtualband/vm/imports.mjs";

rememberTableEntries(); // a third of the time, and nothing of what the VM holds
const [, , modulePath, jobPath] = process.argv;
const job = JSON.parse(fs.readFileSync(jobPath, "utf8"));
const { loadMicroPython } = await import(pathToFileURL(modulePath).href);
const vm = await loadMicroPython({ heapsize: job.heap, stdout: (line) => console.log(line) });
if (job.rom) {  // beside the heap, as flash is
  const image = fs.readFileSync(job.rom);
  const at = vm._module._malloc(image.length);
  vm._module.HEAPU8.set(image, at);
  vm.runPython(`import uctypes, vfs\nvfs.mount(vfs.VfsRom(uctypes.bytearray_at(${at}, ${image.length})), "/rom")`);
}
for (const [there, here] of Object.entries(job.files)) {
  vm.FS.mkdirTree(there.slice(0, there.lastIndexOf("/")) || "/");
  vm.FS.writeFile(there, fs.readFileSync(here));
}
try {
  for (const step of job.steps) {
    if (typeof step === "string") vm.runPython(step);
    else do vm.runPython(step[0]); while (vm.globals.get(step[1]));
  }
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
process.exit(0);
