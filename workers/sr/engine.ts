import { serveEngine } from '../session/engine.ts';
import { runSegment } from './pipeline.ts';

serveEngine({ segment: runSegment });
