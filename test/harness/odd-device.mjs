/**
 * Imported ahead of an engine (`NODE_OPTIONS=--import`), spoils the graph that it checks its device by: with `?what=wrong` one number
 * is wrong, with `?what=hang` the call never ends.
 */
import { InferenceSession } from 'onnxruntime-node';

const what = new URL(import.meta.url).searchParams.get('what');
const { run } = InferenceSession.prototype;
InferenceSession.prototype.run = async function runOddly(...given) {
  const isCheck = this.inputNames.join() === 'x';
  if (isCheck && what === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  const outputs = await run.apply(this, given);
  if (isCheck && what === 'wrong') outputs.y.data[5] += 1;
  return outputs;
};
