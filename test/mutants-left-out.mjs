/**
 * A plugin of StrykerJS: what is no change that a test should notice. `details` of an error stand in logs and in `--json` for people who look
 * for a cause; code that acts on one reads its `code`, and where it reads a detail a test of that code fails without it.
 */
export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'error-details',
    value: {
      shouldIgnore(path) {
        const { node } = path;
        const isDetails =
          node.type === 'ObjectProperty' && node.key.type === 'Identifier' && node.key.name === 'details';
        return isDetails ? 'details of an error are for people' : undefined;
      },
    },
  },
];
