import { serveEngine } from '../session/engine.ts';
import { runBase, runCompletion, runTransition } from './pipeline.ts';

serveEngine({ base: runBase, completion: runCompletion, transition: runTransition });
