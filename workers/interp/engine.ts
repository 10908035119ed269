import { serveEngine } from '../session/engine.ts';
import { runMeasure } from './measure.ts';
import { runInterp } from './pipeline.ts';

serveEngine({ interp: runInterp, measure: runMeasure });
