/**
 * What the operating system or Node says that went wrong: `ENOENT`, `ERR_BUFFER_TOO_LARGE`; `null` of anything else. By its field
 * and not its class: errors of Node itself belong to another realm where code runs in a VM context.
 */
export function systemCode(error: unknown): string | null {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : null;
}
