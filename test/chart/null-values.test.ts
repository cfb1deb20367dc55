// A value that `null` removes is rejected: without it a template would render something else.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { CHART, renderErrorOf } from './support/chart.ts';

describe('a value that null removes', () => {
  /** The path of every value in values.yaml: `api`, `api.resources`, … */
  const pathsOf = (values: object, prefix = ''): string[] =>
    Object.entries(values).flatMap(([key, value]: [string, unknown]) => [
      `${prefix}${key}`,
      ...(typeof value === 'object' && value !== null && !Array.isArray(value)
        ? pathsOf(value, `${prefix}${key}.`)
        : []),
    ]);
  const defaults = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')) as object;

  it('is named in the error', async () => {
    const paths = pathsOf(defaults).filter((path) => !/resources\.(requests|limits)\./.test(path));
    expect(paths.length).toBeGreaterThan(60);
    const errors = await Promise.all(paths.map((path) => renderErrorOf({ set: [`${path}=null`] })));
    const unnamed = paths.filter((path, index) => !errors.at(index)?.includes(`'${path.split('.').at(-1) ?? ''}'`));
    expect(unnamed).toEqual([]);
  }, 60_000);
});
