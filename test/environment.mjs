import { AsyncLocalStorage } from 'node:async_hooks';
import { TestEnvironment as NodeEnvironment } from 'jest-environment-node';

/**
 * Storages that the code of a test file began to use. Jest runs file after file in one process, and Node asks every storage that was ever
 * used at every promise: after two hundred files that is a fifth of all work.
 */
const used = new Set();
const { run, enterWith } = AsyncLocalStorage.prototype;
AsyncLocalStorage.prototype.run = function (...given) {
  used.add(this);
  return run.apply(this, given);
};
AsyncLocalStorage.prototype.enterWith = function (...given) {
  used.add(this);
  return enterWith.apply(this, given);
};

/**
 * Jest runs tests in a VM context with typed arrays of its own; native modules (onnxruntime-node, node-av) check
 * `instanceof` against the host's. Handing the host's constructors to the sandbox makes both sides agree.
 */
export default class HostTypedArrays extends NodeEnvironment {
  async setup() {
    await super.setup();
    for (const name of [
      'ArrayBuffer',
      'Float32Array',
      'Float64Array',
      'Uint8Array',
      'Uint8ClampedArray',
      'Int8Array',
      'Int16Array',
      'Uint16Array',
      'Int32Array',
      'Uint32Array',
      'BigInt64Array',
      'BigUint64Array',
    ]) {
      this.global[name] = globalThis[name];
    }
    used.clear();
  }

  async teardown() {
    for (const storage of used) storage.disable();
    used.clear();
    await super.teardown();
  }
}
