import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

const SCRIPT = join(import.meta.dirname, '../../../scripts/flags.ts');

const arrange = (content?: string) => {
  const file = join(mkdtempSync(join(tmpdir(), 'flags-')), 'feature-flags.json');
  if (content !== undefined) writeFileSync(file, content);
  return file;
};
const run = (...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT, ...args], (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });

describe('npm run flags', () => {
  it('changes a file that does not exist yet, and prints all flags', async () => {
    const file = arrange();
    const { code, stdout } = await run(file, 'accept-orders=false', 'payment-decline-limit-minor=500');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^accept-orders +false\n.* 500\n$/)]);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      'accept-orders': false,
      'payment-decline-limit-minor': 500,
    });
  });

  it('removes a flag, also one that does not exist', async () => {
    const file = arrange('{"accept-orders": false, "accept-order": 1}');
    expect((await run(file)).code).toBe(1);
    expect((await run(file, 'accept-order=default', 'accept-orders=default')).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('{}\n');
  });

  it.each([
    [['accept-orders=off'], 1, 'which must be true or false'],
    [['accept-order=false'], 1, 'which does not exist'],
    [['accept-orders'], 64, 'is not name=value'],
  ])('%j changes nothing', async (changes, code, text) => {
    const file = arrange('{"accept-orders":true}');
    const result = await run(file, ...changes);
    expect([result.code, result.stderr]).toEqual([code, expect.stringContaining(text)]);
    expect(readFileSync(file, 'utf8')).toBe('{"accept-orders":true}');
  });

  it.each(['{"accept-orders":', '[]', 'null'])('does not change a file with %s', async (content) => {
    const result = await run(arrange(content), 'accept-orders=true');
    expect([result.code, result.stderr]).toEqual([1, expect.stringContaining('is not a JSON object')]);
  });
});
