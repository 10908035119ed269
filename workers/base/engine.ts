import { serveEngine } from '../../engine/engine.ts';
import { runEncode } from './encode-frames.ts';
import { runPicture } from './encode-picture.ts';
import { runBase, runCompletion, runTransition } from './pipeline.ts';

serveEngine({
  base: runBase,
  picture: runPicture,
  encode: runEncode,
  completion: runCompletion,
  transition: runTransition,
});
