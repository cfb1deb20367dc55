// Faults are injected where somebody sets FAULT_INJECTION for a drill: never because an image, a Compose file or values of the chart bring it along.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const CHART = 'helm/user-service';
const VALUES = readdirSync(join(ROOT, CHART)).filter((file) => /^values.*\.yaml$/.test(file));
const FILES = ['Dockerfile', 'docker-compose.yml', ...VALUES.map((file) => join(CHART, file))];

describe('FAULT_INJECTION', () => {
  it.each(FILES)('is not in %s', (file) => {
    expect(readFileSync(join(ROOT, file), 'utf8')).not.toContain('FAULT_INJECTION');
  });
});
