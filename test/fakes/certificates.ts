import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes a certificate that films can be signed with, the one above it, and its key (openssl 3). `untilMs` says when its time is over, to the second; it is two days
 * from now when nothing is said. @returns the variables of a worker.
 */
export function certificatesIn(
  folder: string,
  untilMs?: number,
): {
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
  openssl('req', '-new', '-key', 'leaf.key', '-subj', '/CN=Signer/O=Tests', '-out', 'leaf.csr');
  writeFileSync(join(folder, 'authority.conf'), authority);
  writeFileSync(join(folder, 'issued.txt'), '');
  writeFileSync(join(folder, 'serial'), '01');
  const [begin, end] = [0, untilMs ?? Date.now() + 2 * 86_400_000].map((ms) =>
    new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, ''),
  );
  openssl(
    ...['ca', '-batch', '-config', 'authority.conf', '-cert', 'root.pem', '-keyfile', 'root.key', '-notext'],
    ...['-startdate', begin!, '-enddate', end!, '-in', 'leaf.csr', '-out', 'leaf.pem'],
  );
  execFileSync('sh', ['-c', 'cat leaf.pem root.pem > chain.pem'], { cwd: folder });
  return { SHOTLINE_C2PA_CERTIFICATE: join(folder, 'chain.pem'), SHOTLINE_C2PA_KEY: join(folder, 'leaf.key') };
}

/** What `openssl ca` is told; of its many certificates it makes one. */
const authority = `
[ca]
default_ca = own
[own]
database = issued.txt
new_certs_dir = .
serial = serial
default_md = sha256
policy = names
x509_extensions = leaf
[names]
commonName = supplied
organizationName = supplied
[leaf]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = emailProtection
authorityKeyIdentifier = keyid
`;
