import { serveEngine } from '../session/engine.ts';
import { runBase, runTransition } from './pipeline.ts';

serveEngine({ base: runBase, transition: runTransition });
