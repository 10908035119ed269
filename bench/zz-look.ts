import { openFrameReader } from '../media/read-frames.ts';
import { ModelCache, readPackage } from '../workers/session/models.ts';
import { openProbe } from '../eval/perception/probe.ts';
import { likeliest } from '../eval/perception/seen.ts';
import { lookAtClip } from '../eval/look-at-clip.ts';
import { existsSync } from 'node:fs';
import { openDetector } from '../eval/perception/detector.ts';
async function read(file: string) {
  const reader = await openFrameReader(file, { maxWidth: 256 });
  const pics = []; for await (const p of reader.frames()) pics.push(p);
  const { width, height } = reader; const data = new Uint8Array(pics.length * 3 * width * height);
  pics.forEach((p, f) => { for (let a = 0; a < p.data.length; a++) data[(f * 3 + (a % 3)) * width * height + Math.floor(a / 3)] = p.data[a]!; });
  await reader.close();
  return { count: pics.length, width, height, data };
}
const pick = (c: any, order: number[]) => { const n = 3 * c.width * c.height; const data = new Uint8Array(order.length * n); order.forEach((f, t) => data.set(c.data.subarray(f * n, (f + 1) * n), t * n)); return { ...c, count: order.length, data }; };
const mirror = (c: any) => { const data = new Uint8Array(c.data.length); for (let i = 0; i < data.length; i += c.width) for (let x = 0; x < c.width; x++) data[i + x] = c.data[i + c.width - 1 - x]; return { ...c, data }; };
const rb = (c: any) => { const s = c.width * c.height; const data = new Uint8Array(c.data.length); for (let f = 0; f < c.count; f++) for (let k = 0; k < 3; k++) data.set(c.data.subarray((3 * f + k) * s, (3 * f + k + 1) * s), (3 * f + 2 - k) * s); return { ...c, data }; };
const cache = new ModelCache({ devices: [{ kind: 'cpu' }], threads: 1, budgetBytes: 2 ** 30 }, () => undefined);
const p = await readPackage('models/packages/pocket-probe');
const probe = openProbe(await cache.graph(p, 'probe'), p.manifest as any);
const say = async (name: string, c: any) => { const w = await probe.judge(c); console.log(name, Object.entries(w).map(([k, v]) => `${k}=${likeliest(v)}:${Math.max(...Object.values(v)).toFixed(2)}`).join(' ')); };
const boat = await read('eval/fixtures/boat.mp4'), house = await read('eval/fixtures/house.mp4');
await say('boat', boat); await say('boat mirrored', mirror(boat)); await say('boat rb', rb(boat)); await say('house', house); await say('house mirror', mirror(house)); await say('house rb', rb(house));
for (const f of [1, 3, 5, 8, 11, 13]) { const s = pick(boat, Array(16).fill(f)); await say(`boat ${f}`, s); await say(`boat ${f} mirrored`, mirror(s)); }
let detector = null;
if (existsSync('models/packages/pocket-detector/model.json')) { const d = await readPackage('models/packages/pocket-detector'); detector = openDetector(await cache.graph(d, 'detector'), d.manifest as any); }
for (const n of [16, 61]) {
  const c = pick(boat, Array.from({ length: n }, (_, i) => Math.floor((i * 16) / n)));
  const t = process.cpuUsage(); const t0 = performance.now();
  const m = await lookAtClip({ numFrames: n, width: 256, height: 144, fps: 24, read: (from, count) => Promise.resolve(pick(c, Array.from({ length: count }, (_, i) => from + i))) }, { detector, probe, said: {}, pause: () => Promise.resolve() });
  const d = process.cpuUsage(t); console.log(n, 'cpu ms', (d.user + d.system) / 1000, 'wall', performance.now() - t0, JSON.stringify(m.scores));
  if (detector) console.log(JSON.stringify(m.seen.slice(0, 2)));
}
await cache.close();
