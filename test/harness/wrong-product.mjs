/** Imported ahead of an engine (`NODE_OPTIONS=--import`), makes the graph that it checks its device by give one wrong number. */
import { InferenceSession } from 'onnxruntime-node';

const { run } = InferenceSession.prototype;
InferenceSession.prototype.run = async function runWrong(...given) {
  const outputs = await run.apply(this, given);
  if (this.inputNames.join() === 'x') outputs.y.data[5] += 1;
  return outputs;
};
