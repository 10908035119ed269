/** A duration as a clock: `0:07`, `4:05`, `1:02:03`. Input in milliseconds; fractions of a second are dropped. */
export function clock(durationMs: number): string {
  const total = Math.max(0, Math.floor(durationMs / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return hours > 0 ? `${String(hours)}:${two(minutes)}:${two(seconds)}` : `${String(minutes)}:${two(seconds)}`;
}

/** A duration in words for estimates, no finer than it is known: `about 5 s`, `about 50 s`, `about 4 min`, `about 2.5 h`. */
export function roughly(durationMs: number): string {
  const seconds = Math.max(0, durationMs / 1000);
  if (seconds < 10) return `about ${String(Math.max(1, Math.round(seconds)))} s`;
  if (seconds < 90) return `about ${String(Math.round(seconds / 5) * 5)} s`;
  if (seconds < 5400) return `about ${String(Math.round(seconds / 60))} min`;
  return `about ${String(Math.round(seconds / 1800) / 2)} h`;
}

/** Bytes with a binary unit: `512 B`, `3.4 MiB`. */
export function byteSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? String(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}
