/** The house without its tests: no circle of folders. Tests stand beside the code and may use all of it, so they would close every circle. */
const walls = require('./.dependency-cruiser.cjs');

module.exports = {
  forbidden: [
    {
      name: 'no-folder-circles',
      comment: 'Folders that import each other, be it for a type, cannot be read one after the other.',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    ...walls.options,
    metrics: true,
    exclude: { path: ['^(node_modules|docs|dist|models|modeling|coverage|test|bench)', '\\.test\\.ts$'] },
  },
};
