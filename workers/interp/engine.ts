import { serveEngine } from '../session/engine.ts';
import { runInterp } from './pipeline.ts';

serveEngine({ interp: runInterp });
