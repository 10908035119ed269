/** What the pipeline of a GPU pool may use. */
const gpuPool = [
  'activities',
  'diffusion',
  'media',
  'storage',
  'story',
  'tensor',
  'workers/session',
  'workers/[^/]+\\.ts$',
  'errors',
];

/**
 * The import walls: who may import whom. A room may use what is listed for it and its own files; everything else is an
 * error. `test/` and `bench/` may use everything and nothing may use them.
 */
const rooms = {
  errors: [],
  tensor: ['errors'],
  story: ['errors'],
  diffusion: ['tensor', 'errors'],
  media: ['tensor', 'errors'],
  storage: ['story', 'tensor', 'errors'],
  pictures: ['story', 'media', 'storage', 'tensor', 'errors'],
  activities: ['story', 'media', 'storage', 'tensor', 'errors', 'eval/(campaign|formulas)', 'eval/[^/]+\\.ts$'],
  workflows: ['story', 'errors', 'activities/contracts', 'eval/(campaign|formulas)'],
  'workers/session': ['story', 'tensor', 'errors'],
  'workers/base': gpuPool,
  'workers/interp': [...gpuPool, 'eval/(formulas|long|perception)', 'eval/[^/]+\\.ts$'],
  'workers/sr': gpuPool,
  'workers/edit': ['activities', 'workflows', 'media', 'storage', 'story', 'tensor', 'workers/[^/]+\\.ts$', 'errors'],
  infra: ['storage', 'errors', 'workers/drain-time'],
  eval: ['story', 'media', 'storage', 'tensor', 'workers/session', 'errors'],
  'eval/(formulas|long|i2v|trustworthiness)': ['eval/formulas', 'errors'],
  cli: [
    'story',
    'pictures',
    'storage',
    'errors',
    'activities/contracts',
    'workflows/(messages|contracts|campaign-messages|campaign-contracts|search-attributes|start)',
    'infra/(local|temporal)',
    'eval',
    'media',
    'workers/[^/]+\\.ts$',
    'workers/(base|interp|sr|edit)/main',
  ],
};

const wall = ([room, allowed]) => ({
  name: `wall-${room.replace('/', '-')}`,
  comment: `${room} may import: ${[room, ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: `^${room}/`, pathNot: '\\.test\\.ts$' },
  to: {
    path: '^(errors|tensor|story|diffusion|media|storage|pictures|activities|workflows|workers|infra|cli|test|bench|eval|studio)/',
    pathNot: [room, ...allowed].map((path) => `^${path}`),
    dependencyTypesNot: ['type-only'],
  },
});

const onlyFrom = (name, library, room) => ({
  name,
  comment: `${library} has one door: ${room}`,
  severity: 'error',
  from: { path: '^[a-z]', pathNot: [`^${room}`, '^test/', '^bench/', '^node_modules/', '\\.test\\.ts$'] },
  to: { path: `node_modules/${library}` },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { pathNot: '^(test|bench)/|\\.test\\.ts$' },
      to: { path: '^(test|bench)/' },
    },
    ...Object.entries(rooms).map(wall),
    onlyFrom('door-onnxruntime', 'onnxruntime-node', 'workers/session/'),
    onlyFrom('door-aws', '@aws-sdk', 'storage/'),
    onlyFrom('door-ffmpeg', 'node-av', 'media/'),
    {
      name: 'workflows-stay-in-the-sandbox',
      comment: 'What a workflow can reach must run without Node: no built-ins, no native modules.',
      severity: 'error',
      from: { path: '^workflows/', pathNot: ['^workflows/bundle\\.ts$', '\\.test\\.ts$'] },
      to: {
        reachable: true,
        path: [
          '^(fs|path|os|net|child_process|crypto|worker_threads)$',
          '^node:',
          'node_modules/(onnxruntime-node|node-av|@aws-sdk|pino)',
        ],
      },
    },
    {
      name: 'pools-do-not-know-each-other',
      severity: 'error',
      from: { path: '^workers/(base|interp|sr|edit)/' },
      to: { path: '^workers/(base|interp|sr|edit)/', pathNot: '^workers/$1/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(node_modules/(?!onnxruntime-node|@aws-sdk|node-av)|dist|models|modeling|coverage)' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js'] },
    reporterOptions: { mermaid: { minify: false } },
  },
};
