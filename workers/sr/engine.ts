import { serveEngine } from '../../engine/engine.ts';
import { runEnhance } from './enhance.ts';
import { runSegment } from './pipeline.ts';
import { runRendition } from './rendition.ts';

serveEngine({ enhance: runEnhance, segment: runSegment, rendition: runRendition });
