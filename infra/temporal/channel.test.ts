import { expect, test } from '@jest/globals';
import { channelTo } from './channel.ts';

test.each(['127.0.0.1:7233', '127.8.9.1:1', 'localhost:7233', '[::1]:7233', 'temporal.localhost:7233'])(
  'no proxy of the environment lies between us and %s',
  (address) => {
    expect(channelTo(address)).toEqual({ channelArgs: { 'grpc.enable_http_proxy': 0 } });
  },
);

test.each(['temporal.example.org:7233', '10.0.0.1:7233', '[2001:db8::1]:7233'])(
  '%s is reached as the environment says',
  (address) => {
    expect(channelTo(address)).toEqual({ channelArgs: {} });
  },
);
