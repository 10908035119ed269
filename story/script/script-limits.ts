/** How large a story may be. Data, so that schema, messages, edits of a running story and documentation agree. */
export const scriptLimits = {
  /** Characters of a whole script file; the longest sensible one has half of it. */
  fileLength: 262_144,
  /** Lexical tokens of a script file, counted before anything is built from it. */
  tokens: 40_000,
  /** Depth of nesting; a script needs five. */
  depth: 16,
  /** Columns of indentation. */
  indentation: 200,
  /** Values in a script, with every alias counted as often as it is used. */
  values: 10_000,
  /** Uses of YAML aliases, nested ones multiplied. */
  aliases: 100,
  /** Problems listed at once. */
  problems: 50,
  shots: 120,
  /** Tasks of a story: about an hour of film, in segments of a second. */
  tasks: 4000,
  titleLength: 120,
  descriptionLength: 1000,
  promptLength: 400,
  captionLength: 200,
  subtitleLength: 200,
  minCardSeconds: 0.5,
  maxCardSeconds: 60,
  /** Captions of one shot. */
  captions: 40,
  idLength: 40,
  /** Seeds are unsigned 32-bit numbers. */
  maxSeed: 4_294_967_295,
  minSide: 16,
  maxSide: 7680,
  /** 8K, 7680x4320. */
  maxPixels: 33_177_600,
  minFps: 8,
  maxFps: 60,
  maxSteps: 200,
  maxGuidance: 30,
  maxFreeU: 4,
  /** Iterations of FreeInit; one would be none. */
  minIterations: 2,
  maxIterations: 10,
  /** Steepness of FreeInit's butterworth filter. */
  maxFilterOrder: 20,
  /** The lowest stop frequency of FreeInit's filters; at 0 nothing of the clip would stay. */
  minStopFrequency: 0.01,
  maxEnhanceScale: 8,
  /** Frames that an enhancer makes of one. */
  maxEnhanceTime: 8,
  /** VEnhancer's noise augmentation. */
  maxEnhanceNoise: 300,
  /** Characters of the words that an enhancer is told beside the prompt. */
  enhanceWords: 600,
  /** Prompts of one shot. */
  prompts: 16,
  /** The longest shot, base frames; 85 seconds at 24 frames per second. */
  maxBaseFrames: 512,
  /** What no rate makes of {@link scriptLimits.maxBaseFrames}; seconds. */
  maxSeconds: 256,
  minSeconds: 0.01,
  maxJoinSeconds: 10,
  maxStorySeconds: 3600,
  minSpeed: 0.1,
  maxSpeed: 8,
  /** The longest clip of one's own. */
  maxClipSeconds: 10_800,
  /** Pictures of a folder that are shown in a second. */
  minClipRate: 0.5,
  maxClipRate: 240,
  /** Latent frames that a seine join keeps at each end. */
  maxKnown: 4,
  /** Latent frames that a continued shot takes over. */
  maxContinued: 8,
  /** Times that a clip under its gate is made again. */
  maxRetries: 8,
  /** Subjects of one story. */
  subjects: 32,
  /** Characters of the word that says what a subject is. */
  subjectWord: 40,
  /** Characters of a picture's path or address. */
  pictureName: 1000,
  /** Factor of a volume, four times the amplitude: 12 decibels. */
  maxVolume: 4,
  /** The longest sound file. */
  maxSoundSeconds: 10_800,
  maxFade: 60,
  maxDelay: 60,
  /** Characters that a voice says in one shot. */
  sayLength: 1000,
  minVoiceSpeed: 0.5,
  maxVoiceSpeed: 2,
  /** LUFS, the least and the most. */
  loudness: [-40, -5],
  /** Decibels. */
  maxDuck: 60,
  /** Rate factor, of the codecs that count furthest. */
  maxQuality: 63,
  /** Further files of one story. */
  outputs: 8,
  maxPreviewFps: 30,
  /** Sizes of a stream. */
  ladder: 6,
} as const;

/** What a script gets when it says nothing. */
export const scriptDefaults = {
  fps: 24,
  models: 'pocket',
  seed: 0,
  negative: '',
  quality: 'standard',
  enhanceScale: 2,
  enhanceStrength: 0.5,
  freenoiseWeights: 'pyramid',
  joinPrompt: 'smooth transition',
  joinKnown: 1,
  joinSeconds: 1,
  cardSeconds: 3,
  cardFade: 0.5,
  continueKnown: 4,
  gateRetries: 2,
  loudness: -16,
  duck: 12,
  fadeIn: 0,
  fadeOut: 2,
  previewFps: 12,
} as const;
