import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfigOrExit } from '../../../src/composition/load-config-or-exit.ts';

const packageJson = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
  version: string;
};

describe('the version of a process', () => {
  it('is DD_VERSION', () => {
    expect(loadConfigOrExit({ DD_VERSION: '9.8.7' }, ['log']).service.version).toBe('9.8.7');
  });

  it.each([{}, { DD_VERSION: '' }])('is the version in package.json when the environment is %j', (env) => {
    expect(loadConfigOrExit(env, ['log']).service.version).toBe(packageJson.version);
  });
});
