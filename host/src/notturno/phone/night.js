// From records to the few figures a phone shows: counts and hours. Preliminary: the logbook's own
// program places times better and looks at more. What counts is told by the same flags as there.

const REC = TABLES.wire.REC;

export function leftOut(kind, flags) {
  return (TABLES.counts[kind] ?? []).some((bit) => flags & bit);
}

// Returns { hours: [{ utcMs, jerks, lms, minutes }], jerks, lms, minutes, undated }.
export function nightOf(frames) {
  const settings = new Map(); // boot -> [{ tick, utc }]
  for (const frame of frames) {
    if (frame[4] !== REC.time) continue;
    const time = unpack(TABLES.wire.TIME_FIELDS_V1, payloadOf(frame));
    if (!time) continue;
    const known = settings.get(time.boot_id) ?? [];
    known.push({ tick: time.tick_ms, utc: time.utc_ms });
    settings.set(time.boot_id, known);
  }
  const hours = new Map();
  const total = { jerks: 0, lms: 0, minutes: 0, undated: 0 };
  let session = null, place = null;
  const utcOf = (tick) => {
    const known = session && settings.get(session.boot_id);
    if (!known) return null;
    const near = known.reduce((a, b) => (Math.abs(b.tick - tick) < Math.abs(a.tick - tick) ? b : a));
    return near.utc + tick - near.tick;
  };
  const count = (tick, what) => {
    total[what]++;
    const utc = tick === null ? null : utcOf(tick);
    if (utc === null) return void total.undated++;
    const at = Math.floor(utc / 3600000) * 3600000;
    const hour = hours.get(at) ?? { utcMs: at, jerks: 0, lms: 0, minutes: 0 };
    hour[what]++;
    hours.set(at, hour);
  };
  for (const frame of frames) {
    const kind = frame[4], payload = payloadOf(frame);
    if (kind === REC.session) {
      session = unpack(TABLES.wire.SESSION_FIELDS, payload);
      place = null;
    } else if (kind === REC.segment || kind === REC.minute) {
      const row = unpack(kind === REC.segment ? TABLES.wire.SEGMENT_FIELDS : TABLES.wire.MINUTE_FIELDS, payload);
      if (!row) continue;
      place = { sample: row.sample, tick: row.tick_ms };
      if (kind === REC.minute && !(row.flags & TABLES.wire.MINUTE_NOT_WORN)) count(row.tick_ms, "minutes");
    } else if (kind === REC.event && session) {
      const event = unpack(TABLES.wire.EVENT_FIELDS_V1, payload);
      const what = { [TABLES.wire.EVENT.jerk]: "jerks", [TABLES.wire.EVENT.lm]: "lms" }[event?.kind];
      if (!what || leftOut(event.kind, event.flags)) continue;
      const rate = session.odr_mhz / 1e6; // samples a ms
      const tick = place && rate ? place.tick + (event.onset_sample - place.sample) / rate : null;
      count(tick, what);
    }
  }
  const rows = [...hours.values()].sort((a, b) => a.utcMs - b.utcMs);
  return { ...total, hours: rows.slice(-48) };
}
