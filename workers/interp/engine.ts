import { serveEngine } from '../session/engine.ts';
import { runMeasure } from './measure.ts';
import { runDecode, runInterp } from './pipeline.ts';

serveEngine({ interp: runInterp, decode: runDecode, measure: runMeasure });
