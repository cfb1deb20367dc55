// Replaces the files of typebox by a few with the same exports, for the image: `node scripts/image/bundle-typebox.ts <folder>`.
// typebox has about 700 small modules. Finding, reading and compiling them is a quarter of the CPU time that a program needs to start.

import { join } from 'node:path';
import { argv } from 'node:process';

import { rolldown } from 'rolldown';

/** What the service imports: `typebox` and `typebox/value`. They share one registry, so they are bundled together. */
const ENTRIES = ['index', 'value/index'];
const BUILD = 'node_modules/typebox/build';

const [, , folder] = argv;
if (folder === undefined) throw new Error('usage: node scripts/image/bundle-typebox.ts <folder>');

const bundle = await rolldown({
  input: Object.fromEntries(ENTRIES.map((name) => [name, join(BUILD, `${name}.mjs`)])),
  treeshake: false,
});
await bundle.write({ dir: folder, entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' });
await bundle.close();
