import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Makes a certificate that films can be signed with, the one above it, and its key (openssl 3). @returns the variables of a worker. */
export function certificatesIn(folder: string): {
  readonly SHOTLINE_C2PA_CERTIFICATE: string;
  readonly SHOTLINE_C2PA_KEY: string;
} {
  const openssl = (...args: string[]): Buffer =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  const curve = ['ecparam', '-name', 'prime256v1', '-genkey', '-noout'];
  openssl(...curve, '-out', 'root.key');
  openssl(
    ...['req', '-x509', '-new', '-key', 'root.key', '-days', '2', '-subj', '/CN=Root/O=Tests', '-out', 'root.pem'],
    ...['-addext', 'basicConstraints=critical,CA:true', '-addext', 'keyUsage=critical,keyCertSign'],
  );
  openssl(...curve, '-out', 'raw.key');
  openssl('pkcs8', '-topk8', '-nocrypt', '-in', 'raw.key', '-out', 'leaf.key');
  openssl(
    ...['req', '-x509', '-new', '-key', 'leaf.key', '-CA', 'root.pem', '-CAkey', 'root.key', '-days', '2'],
    ...['-subj', '/CN=Signer/O=Tests', '-out', 'leaf.pem', '-addext', 'basicConstraints=critical,CA:false'],
    ...['-addext', 'keyUsage=critical,digitalSignature', '-addext', 'extendedKeyUsage=emailProtection'],
  );
  execFileSync('sh', ['-c', 'cat leaf.pem root.pem > chain.pem'], { cwd: folder });
  return { SHOTLINE_C2PA_CERTIFICATE: join(folder, 'chain.pem'), SHOTLINE_C2PA_KEY: join(folder, 'leaf.key') };
}
