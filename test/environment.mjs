import { TestEnvironment as NodeEnvironment } from 'jest-environment-node';

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
  }
}
