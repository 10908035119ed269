import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * Settings of the gRPC channel to a Temporal server. A proxy of the environment (`http_proxy`, `https_proxy`) is for what lies
 * beyond this machine: from a proxy's side, `127.0.0.1` is another one.
 */
export function channelTo(address: string): { readonly channelArgs: Readonly<Record<string, number>> } {
  const host = address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return { channelArgs: isLoopback(host) ? { 'grpc.enable_http_proxy': 0 } : {} };
}

function isLoopback(host: string): boolean {
  const version = isIP(host);
  if (version === 0) return host === 'localhost' || host.endsWith('.localhost');
  return loopback.check(host, version === 4 ? 'ipv4' : 'ipv6');
}
