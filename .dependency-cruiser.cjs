/** Every room of the house, from the ground up, and the rooms below that it may use: one list for all tools. */
const rooms = require('./rooms.json');

const houses = [...new Set(Object.keys(rooms).map((room) => room.split('/')[0]))];

/**
 * The import walls: a room may use what `rooms.json` lists for it and its own files; everything else is an error, imports of
 * types included. `test/` and `bench/` may use everything; `test/` never uses `bench/`.
 */
const wall = ([room, allowed]) => ({
  name: `wall-${room.replace('/', '-')}`,
  comment: `${room} may import: ${[room, ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: `^${room}/`, pathNot: '\\.test\\.ts$' },
  to: {
    path: `^(${[...houses, 'test', 'bench'].join('|')})/`,
    pathNot: [room, ...allowed].map((path) => `^${path}`),
  },
});

/** Walls inside a room, where its parts have floors of their own. */
const inside = (name, from, to) => ({
  name,
  comment: `${from} does not import ${to}`,
  severity: 'error',
  from: { path: from, pathNot: '\\.test\\.ts$' },
  to: { path: to },
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
    inside('tests-do-not-import-benches', '^test/', '^bench/'),
    // The page runs in a browser: of the house it knows what the server answers, and nothing else.
    inside(
      'the-page-knows-answers-alone',
      '^studio/',
      '^(?!studio/|serve/answers\\.ts$|errors/counted\\.ts$|node_modules/)[a-z]+/',
    ),
    inside('nobody-imports-the-page', '^(?!studio/)[a-z]+/', '^studio/'),
    ...Object.entries(rooms).map(wall),
    inside(
      'formulas-look-at-numbers-alone',
      '^eval/(formulas|long|i2v|trustworthiness)/',
      '^(?!eval/|tensor/|errors/|node_modules/)[a-z]+/',
    ),
    inside(
      'pipelines-do-not-know-temporal',
      '^workers/(base|interp|sr|sampling)/(?!activities|main)',
      '^(activities|workflows)/',
    ),
    onlyFrom('door-onnxruntime', 'onnxruntime-node', 'engine/'),
    onlyFrom('door-aws', '@aws-sdk', 'storage/'),
    onlyFrom('door-ffmpeg', 'node-av', 'media/'),
    onlyFrom(
      'door-fonts',
      '(@napi-rs/canvas|@fontsource|@fontsource-variable|@infolektuell|@expo-google-fonts)',
      'words/',
    ),
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
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.mjs', '.js'] },
    reporterOptions: { mermaid: { minify: false } },
  },
};
