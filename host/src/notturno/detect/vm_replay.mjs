// Starts the real MicroPython VM, gives it the firmware's shared room and one job, and leaves what
// it wrote. Touches: MODULE (the VM), ROOM (folder notturno_core), SCRIPT, JOB (folder), as arguments.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { rememberTableEntries } from "../virtualband/vm/imports.mjs";

rememberTableEntries();
const [, , modulePath, room, script, job] = process.argv;
const { loadMicroPython } = await import(pathToFileURL(modulePath).href);
const vm = await loadMicroPython({
  heapsize: 16 * 1024 * 1024,
  stdout: (line) => console.log(line),
});
vm.FS.mkdirTree("/lib/notturno_core");
for (const name of fs.readdirSync(room).filter((n) => n.endsWith(".py"))) {
  vm.FS.writeFile(`/lib/notturno_core/${name}`, fs.readFileSync(path.join(room, name)));
}
vm.FS.mkdirTree("/job");
for (const name of ["samples", "state", "job.json"]) {
  vm.FS.writeFile(`/job/${name}`, fs.readFileSync(path.join(job, name)));
}
try {
  vm.runPython(fs.readFileSync(script, "utf8"));
} catch (error) {
  console.error(error.message); // node would print the whole VM before it
  process.exit(1);
}
for (const name of ["rows", "state", "states"]) {
  fs.writeFileSync(path.join(job, name), vm.FS.readFile(`/job/${name}`));
}
process.exit(0);
