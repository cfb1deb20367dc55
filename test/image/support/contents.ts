// Inspects the contents of an image with its own Node, so that the image needs no other tool.

import { docker } from '../../support/docker-command.ts';
import { HARDENED } from './container.ts';

/** Runs JavaScript that prints JSON in a container of `image`. */
const evaluate = async <T>(image: string, script: string): Promise<T> => {
  const options = ['--rm', '--network', 'none', ...HARDENED, '--entrypoint', 'node'];
  return JSON.parse(await docker(['run', ...options, image, '-e', script])) as T;
};

/** Paths of all files in /app except dependencies. */
export const filesOfApp = (image: string): Promise<string[]> =>
  evaluate(
    image,
    `const { readdirSync } = require('node:fs'), { join, relative } = require('node:path');
     const walk = (folder) => readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
       entry.name === 'node_modules' ? [] : entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)]);
     console.log(JSON.stringify(walk('/app').map((path) => relative('/app', path))));`,
  );

/** Those of `paths` that exist in the image. */
export const existing = (image: string, paths: readonly string[]): Promise<string[]> =>
  evaluate(
    image,
    `const { existsSync } = require('node:fs');
     console.log(JSON.stringify(${JSON.stringify(paths)}.filter((path) => existsSync(path))));`,
  );

/** Sizes of the dependencies, largest first: `[name, bytes]`. */
export const sizesOfDependencies = (image: string): Promise<[string, number][]> =>
  evaluate(
    image,
    `const { readdirSync, statSync } = require('node:fs'), { join } = require('node:path');
     const size = (path) => { const it = statSync(path);
       return it.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + size(join(path, name)), 0) : it.size; };
     const at = '/app/node_modules', names = readdirSync(at).flatMap((name) =>
       name.startsWith('@') ? readdirSync(join(at, name)).map((inner) => join(name, inner)) : [name]);
     console.log(JSON.stringify(names.map((name) => [name, size(join(at, name))]).sort((a, b) => b[1] - a[1])));`,
  );

/** Native modules that Node cannot load, each with the reason. */
export const brokenNativeModules = (image: string, names: readonly string[]): Promise<string[]> =>
  evaluate(
    image,
    `console.log(JSON.stringify(${JSON.stringify(names)}.flatMap((name) => {
       try { const native = require(name); native.load?.('crashtracker'); return []; } catch (error) { return [name + ': ' + error.message]; } })));`,
  );

/** Modules that Node cannot import, each with the reason. */
export const brokenModules = (image: string, names: readonly string[]): Promise<string[]> =>
  evaluate(
    image,
    `Promise.all(${JSON.stringify(names)}.map((name) => import(name).then(() => [], (error) => [name + ': ' + error.message])))
       .then((broken) => console.log(JSON.stringify(broken.flat())));`,
  );

/** How many files of JavaScript a dependency has. */
export const bundledFiles = (image: string, name: string): Promise<number> =>
  evaluate(
    image,
    `const files = require('node:fs').readdirSync(${JSON.stringify('/app/node_modules/' + name)}, { recursive: true });
     console.log(JSON.stringify(files.filter((path) => /\\.m?js$/.test(path)).length));`,
  );

type Layer = { readonly CreatedBy: string; readonly Size: string };

const layersOf = async (image: string): Promise<Layer[]> => {
  const format = ['--no-trunc', '--human=false', '--format', '{{json .}}'];
  return (await docker(['history', ...format, image])).split('\n').map((line) => JSON.parse(line) as Layer);
};

/** Layers that `image` adds to `base`, the newest first. */
export const layersAbove = async (base: string, image: string): Promise<{ createdBy: string; bytes: number }[]> => {
  const [ours, theirs] = await Promise.all([layersOf(image), layersOf(base)]);
  const added = ours.slice(0, ours.length - theirs.length);
  return added.map(({ CreatedBy, Size }) => ({ createdBy: CreatedBy, bytes: Number(Size) }));
};
