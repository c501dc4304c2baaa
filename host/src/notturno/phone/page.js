// The page: what a person sees and presses. WORDS holds every sentence; protocol.js does the talking.

const $ = (id) => document.getElementById(id);
const say = (text, kind = "") => {
  $("state").textContent = text;
  $("state").className = kind;
};
const show = (id, on) => ($(id).hidden = !on);
let fetched = null;
let saved = false;

const KEPT = "notturno-key";
const HOST = "notturno-host";

function hostId() {
  let id = Number(localStorage.getItem(HOST));
  if (!id) {
    id = crypto.getRandomValues(new Uint32Array(1))[0] || 1;
    localStorage.setItem(HOST, String(id));
  }
  return id;
}

async function openLink() {
  const device = await navigator.bluetooth.requestDevice({ filters: [{ services: [P.SERVICE_UUID] }] });
  const server = await device.gatt.connect();
  const service = await server.getPrimaryService(P.SERVICE_UUID);
  const [version, control, data] = await Promise.all(
    [P.VERSION_UUID, P.CONTROL_UUID, P.DATA_UUID].map((uuid) => service.getCharacteristic(uuid)),
  );
  const bytes = (view) => new Uint8Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
  const link = {
    readVersion: async () => bytes(await version.readValue()),
    writeControl: (value) => control.writeValueWithResponse(value),
    close: () => device.gatt.disconnect(),
  };
  const band = new Band(link);
  device.addEventListener("gattserverdisconnected", () => band.fail(new BandError("the connection broke")));
  for (const [characteristic, channel] of [[control, P.CONTROL], [data, P.DATA]]) {
    characteristic.addEventListener("characteristicvaluechanged", (event) =>
      band.received(channel, bytes(event.target.value)));
    await characteristic.startNotifications();
  }
  return { band, link };
}

function reasonOf(error) {
  if (error.why === "version") return error.version > P.VERSION ? WORDS.newer : WORDS.older;
  if (error.why) return WORDS[error.why];
  if (error.name === "NotFoundError") return WORDS.nobody;
  return `${WORDS.broke} (${error.message})`;
}

async function connectAnd(work) {
  let key;
  try {
    key = keyOfText($("key").value);
  } catch (error) {
    return say(WORDS[error.message] ?? WORDS["not a key"], "bad");
  }
  let link;
  try {
    say(WORDS.connecting);
    const opened = await openLink();
    link = opened.link;
    await opened.band.prove(key.key);
    const info = await opened.band.info();
    if (hex(info.device_id) !== key.deviceId) throw Object.assign(new BandError("id"), { why: "wrong key" });
    if ($("keep").checked) localStorage.setItem(KEPT, $("key").value);
    await work(opened.band, info);
  } catch (error) {
    say(reasonOf(error), "bad");
  } finally {
    link?.close();
  }
}

async function fetchNight() {
  await connectAnd(async (band, info) => {
    await band.setTime(hostId());
    const bar = $("bar");
    show("bar", true);
    const got = await band.fetchRecords(info, (done, all) => {
      bar.max = all;
      bar.value = done;
      say(`${WORDS.fetching} ${done}`);
    });
    show("bar", false);
    fetched = { info, ...got };
    saved = false;
    showNight(info, got.frames, got.damaged);
    say(WORDS.fetched, "good");
  });
  show("bar", false);
}

export function showNight(info, frames, damaged = 0) {
  const night = nightOf(frames);
  $("jerks").textContent = night.jerks;
  $("lms").textContent = night.lms;
  $("hours").textContent = (night.minutes / 60).toFixed(1);
  $("battery").textContent = info.battery_mv ? `${(info.battery_mv / 1000).toFixed(2)} V` : "-";
  const states = Object.entries(TABLES.wire.STATE).filter(([, bit]) => info.state & bit).map(([name]) => WORDS[name]);
  $("band").textContent = states.join(", ") || WORDS.idle;
  $("picture").replaceChildren(picture(night.hours));
  const notes = [];
  if (night.undated) notes.push(`${night.undated} ${WORDS.undated}`);
  if (damaged) notes.push(`${damaged} ${WORDS.damaged}`);
  if (info.log_version > TABLES.wire.LOG_VERSION) notes.push(WORDS.newerRecords);
  $("notes").textContent = notes.join(" ");
  show("night", true);
}

function picture(hours) {
  const svg = (name, attributes, text) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const width = 340, height = 190, left = 30, floor = 160, top = 16;
  const most = Math.max(4, ...hours.map((hour) => Math.max(hour.jerks, hour.lms)));
  const said = hours.map((h) => `${timeText(h.utcMs)}: ${h.jerks} ${WORDS.jerks}, ${h.lms} ${WORDS.lms}`).join("; ");
  const chart = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  chart.append(svg("title", {}, `${WORDS.byHour}: ${said || WORDS.none}`));
  const y = (n) => floor - ((floor - top) * n) / most;
  for (const n of [0, Math.ceil(most / 2), most]) {
    chart.append(svg("line", { x1: left, x2: width, y1: y(n), y2: y(n), class: "grid" }));
    chart.append(svg("text", { x: left - 6, y: y(n) + 4, class: "end" }, n));
  }
  const step = (width - left) / Math.max(hours.length, 1);
  const bar = Math.min(step * 0.38, 14);
  const every = Math.ceil(44 / step);
  hours.forEach((hour, i) => {
    const x = left + step * (i + 0.5);
    const heightOf = (n) => Math.max(floor - y(n), n ? 2 : 0);
    chart.append(svg("rect", { x: x - bar, y: floor - heightOf(hour.jerks), width: bar, height: heightOf(hour.jerks), class: "jerk" }));
    chart.append(svg("rect", { x, y: floor - heightOf(hour.lms), width: bar, height: heightOf(hour.lms), class: "lm" }));
    if (i % every === 0) chart.append(svg("text", { x, y: floor + 18, class: "middle" }, timeText(hour.utcMs)));
  });
  return chart;
}

const timeText = (utcMs) => new Date(utcMs).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });

function fileOf() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  const text = recordsFile(fetched.info, fetched.frames, fetched.nextSeq, zone, Date.now());
  const name = `notturno-${new Date().toISOString().slice(0, 10)}-${hex(fetched.info.device_id).slice(-4)}.json`;
  return new File([text], name, { type: "application/json" });
}

function save() {
  const file = fileOf();
  const url = URL.createObjectURL(file);
  const anchor = Object.assign(document.createElement("a"), { href: url, download: file.name });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
  markSaved();
}

async function share() {
  try {
    await navigator.share({ files: [fileOf()] });
    markSaved();
  } catch (error) {
    if (error.name !== "AbortError") say(`${WORDS.noShare} (${error.message})`, "bad");
  }
}

function markSaved() {
  saved = true;
  $("free").disabled = false;
  say(WORDS.saved, "good");
}

async function free() {
  if (!fetched || !saved || !confirm(WORDS.confirmFree)) return;
  const { frames, nextSeq, info: before } = fetched;
  await connectAnd(async (band, info) => {
    if (info.log_id !== before.log_id || !frames.length) throw new BandError("another log");
    const reply = await band.commit(frames, info.committed_seq, nextSeq - 1);
    say(reply.status === P.STATUS_OK ? WORDS.freed : WORDS.notFreed, reply.status === P.STATUS_OK ? "good" : "bad");
  });
}

async function scan() {
  const video = $("camera");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.srcObject = stream;
    show("camera", true);
    await video.play();
    const reader = new BarcodeDetector({ formats: ["qr_code"] });
    for (const end = Date.now() + 60000; Date.now() < end; ) {
      for (const code of await reader.detect(video)) {
        if (code.rawValue.toLowerCase().startsWith("notturno")) {
          $("key").value = code.rawValue;
          say(WORDS.keyRead, "good");
          return;
        }
      }
      await new Promise((done) => setTimeout(done, 200));
    }
    say(WORDS.noCode, "bad");
  } catch (error) {
    say(`${WORDS.noCamera} (${error.message})`, "bad");
  } finally {
    show("camera", false);
    stream?.getTracks().forEach((track) => track.stop());
  }
}

function forget() {
  localStorage.removeItem(KEPT);
  $("key").value = "";
  $("keep").checked = false;
  say(WORDS.forgotten);
}

function begin() {
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = WORDS[node.dataset.word];
  const able = Boolean(navigator.bluetooth && globalThis.crypto?.subtle);
  show("able", able);
  show("unable", !able);
  if (!able) return;
  show("scan", "BarcodeDetector" in globalThis && Boolean(navigator.mediaDevices));
  show("share", Boolean(navigator.canShare?.({ files: [new File(["{}"], "a.json", { type: "application/json" })] })));
  const kept = localStorage.getItem(KEPT);
  if (kept) {
    $("key").value = kept;
    $("keep").checked = true;
  }
  for (const [id, work] of Object.entries({ fetch: fetchNight, save, share, free, scan, forget })) {
    $(id).addEventListener("click", work);
  }
}

if (globalThis.document) {
  begin();
  globalThis.notturno = { showNight, nightOf };
}
