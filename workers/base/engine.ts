import { serveEngine } from '../../engine/engine.ts';
import { runPicture } from './encode-picture.ts';
import { runBase, runCompletion, runTransition } from './pipeline.ts';

serveEngine({ base: runBase, picture: runPicture, completion: runCompletion, transition: runTransition });
