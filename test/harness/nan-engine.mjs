/**
 * Imported ahead of a worker and its engine (`NODE_OPTIONS=--import`), makes every graph give NaN but the one that the engine
 * checks its device by, as a device may that is broken in one unit.
 */
import { InferenceSession } from 'onnxruntime-node';

const { run } = InferenceSession.prototype;
InferenceSession.prototype.run = async function runBroken(...given) {
  const outputs = await run.apply(this, given);
  if (this.inputNames.join() === 'x') return outputs;
  for (const { data } of Object.values(outputs)) if (data instanceof Float32Array) data.fill(Number.NaN);
  return outputs;
};
