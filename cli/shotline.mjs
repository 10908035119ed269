#!/usr/bin/env node
// Any Node from 12.17 on can read this file, so that one that is too old says so; what needs a newer one is loaded at its end.
import { readFileSync } from 'fs';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const wanted = engines.node.replace(/^\D+/, '').split('.').map(Number);
const found = process.versions.node.split('.').map(Number);
if (found[0] < wanted[0] || (found[0] === wanted[0] && found[1] < wanted[1])) {
  console.error(
    `error: Shotline needs Node ${wanted.join('.')} or later and runs on ${process.versions.node} (${process.execPath}); ` +
      'install a newer one from https://nodejs.org or with the version manager that you use',
  );
  process.exitCode = 2;
} else import('./start.mjs');
