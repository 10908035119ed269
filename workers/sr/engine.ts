import { serveEngine } from '../../engine/engine.ts';
import { runEnhance } from './enhance.ts';
import { runSegment } from './pipeline.ts';

serveEngine({ enhance: runEnhance, segment: runSegment });
