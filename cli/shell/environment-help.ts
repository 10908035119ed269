/** A variable that the command and its workers read. */
export interface EnvironmentVariable {
  readonly name: string;
  readonly meaning: string;
}

/** The variables that a user of the command meets; docs/operations.md has those of the workers as well. */
export const environmentVariables: readonly EnvironmentVariable[] = [
  { name: 'SHOTLINE_TEMPORAL_ADDRESS', meaning: 'host:port of a Temporal server; set, no local stack is started' },
  { name: 'SHOTLINE_TEMPORAL_NAMESPACE', meaning: 'namespace there (default)' },
  { name: 'SHOTLINE_TEMPORAL_API_KEY', meaning: 'key for Temporal Cloud; turns TLS on' },
  { name: 'SHOTLINE_TEMPORAL_TLS', meaning: 'true or false' },
  {
    name: 'SHOTLINE_TEMPORAL_TLS_CA',
    meaning: "file of the authority that issued Temporal's certificate (the system's)",
  },
  { name: 'SHOTLINE_TEMPORAL_TLS_CERT', meaning: 'file of our own certificate, for mTLS; with the next one' },
  { name: 'SHOTLINE_TEMPORAL_TLS_KEY', meaning: 'file of its private key' },
  { name: 'SHOTLINE_TEMPORAL_TLS_SERVER_NAME', meaning: "name in Temporal's certificate, when it is not the host" },
  { name: 'SHOTLINE_TEMPORAL_UI', meaning: 'address of the Temporal UI, for links' },
  { name: 'SHOTLINE_QUEUES', meaning: 'prefix of the task queues (shotline)' },
  { name: 'SHOTLINE_S3_ENDPOINT', meaning: 'address of an S3 server; set, no local stack is started' },
  { name: 'SHOTLINE_S3_PUBLIC_ENDPOINT', meaning: 'its address in URLs, where viewers use another one' },
  { name: 'SHOTLINE_S3_REGION', meaning: 'its region (us-east-1)' },
  { name: 'SHOTLINE_S3_ACCESS_KEY_ID', meaning: 'its key, with the next one; without both the AWS chain is asked' },
  { name: 'SHOTLINE_S3_SECRET_ACCESS_KEY', meaning: 'the secret half of the key' },
  { name: 'SHOTLINE_S3_CA', meaning: "file of the authority that issued the S3 server's certificate (the system's)" },
  { name: 'SHOTLINE_S3_BUCKET', meaning: 'bucket for artifacts and films (shotline)' },
  { name: 'SHOTLINE_MODELS', meaning: 'folder with sets/ and packages/' },
  { name: 'SHOTLINE_VBENCH_SUITE', meaning: 'file of the published prompts, for `eval run --suite vbench` (none)' },
  { name: 'SHOTLINE_PICTURE_HOSTS', meaning: 'hosts that https:// pictures may come from, * for all (none)' },
  { name: 'SHOTLINE_PICTURE_BUCKETS', meaning: 'buckets that s3:// pictures and sounds may lie in, * for all (none)' },
  { name: 'SHOTLINE_CACHE', meaning: 'folder for servers, data and packages (~/.cache/shotline)' },
  { name: 'SHOTLINE_PYTHON', meaning: 'Python with torch, for `models convert` and SHOTLINE_ENGINE=torch (python3)' },
  { name: 'NO_COLOR', meaning: 'set to anything: no colour' },
];

/** The variables as lines of `--help`. */
export function environmentLines(): string[] {
  const width = Math.max(...environmentVariables.map(({ name }) => name.length));
  return environmentVariables.map(({ name, meaning }) => `  ${name.padEnd(width)}  ${meaning}`);
}
