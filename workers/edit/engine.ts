import { serveEngine } from '../../engine/engine.ts';
import { runSpeech } from './speak-voice.ts';

serveEngine({ speech: runSpeech });
