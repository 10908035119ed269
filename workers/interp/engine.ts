import { serveEngine } from '../../engine/engine.ts';
import { runMeasure } from './measure-clip.ts';
import { runDecode, runInterp } from './pipeline.ts';

serveEngine({ interp: runInterp, decode: runDecode, measure: runMeasure });
