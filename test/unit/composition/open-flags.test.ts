import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { openFlags } from '../../../src/composition/operations/open-flags.ts';
import type { Recorded } from '../../../src/observability/audit/audit-log.ts';
import { makeMetrics } from '../../../src/observability/metrics/metrics.ts';
import { eventually } from '../../support/eventually.ts';

const OFF = '{"accept-orders": false}';

const open = async (path: string) => {
  const lines: object[] = [];
  const audited: (Recorded & { name: string })[] = [];
  const write = (fields: object, message: string): void => {
    lines.push({ ...fields, message });
  };
  const metrics = makeMetrics({ service: 's', env: 'test', version: '0', commit: '0' });
  const { flags, checks } = await openFlags({
    config: { featureFlags: { file: path } },
    logger: { child: () => ({ info: write, warn: write, error: write }) },
    metrics,
    audit: { record: (name, recorded = {}) => audited.push({ name, ...(recorded as Recorded) }) },
  });
  /** As the readiness checks of a process do each second. */
  const state = async () => {
    const results = await Promise.allSettled(checks.map(({ check }) => check()));
    const { values } = await metrics.featureFlagsValid.get();
    return [results.map(({ status }) => status).join(), values.map(({ value }) => value).join()];
  };
  return { flags, checks, lines, audited, state };
};
const arrange = async (text?: string) => {
  const directory = mkdtempSync(join(tmpdir(), 'flags-'));
  const path = join(directory, 'feature-flags.json');
  if (text !== undefined) writeFileSync(path, text);
  return { directory, path, ...(await open(path)) };
};
const IS_VALID = ['fulfilled', '1'];
const IS_INVALID = ['rejected', '0'];

describe('openFlags', () => {
  it('uses defaults without a file, and has nothing to check', async () => {
    const { flags, checks, lines } = await open('');
    expect([await flags.isOn('accept-orders'), checks, lines]).toEqual([true, [], []]);
  });

  it('warns once about a file that is missing, and takes it when it appears', async () => {
    const { flags, path, lines, audited, state } = await arrange();
    expect([await flags.isOn('accept-orders'), await state(), await state()]).toEqual([true, IS_VALID, IS_VALID]);
    expect(lines).toHaveLength(1);
    writeFileSync(path, OFF);
    await eventually(async () => {
      await state();
      expect(audited).toHaveLength(1);
    });
    expect(await flags.isOn('accept-orders')).toBe(false);
  });

  it('starts with the defaults when the content is not valid, and reports it', async () => {
    const { flags, lines, audited, state } = await arrange('{"accept-orders": "off"}');
    expect([await flags.isOn('accept-orders'), await state(), await state()]).toEqual([true, IS_INVALID, IS_INVALID]);
    const reason = 'has "accept-orders", which must be true or false';
    expect(lines).toEqual([expect.objectContaining({ setting: 'FEATURE_FLAGS_FILE', reason })]);
    expect(audited).toMatchObject([{ name: 'sys_feature_flag_changed', outcome: 'refused', reason: 'invalid' }]);
  });

  it('follows the swapped link of a ConfigMap, and writes what changed to log and audit log', async () => {
    const { directory, path, audited, lines, state, flags } = await arrange(OFF);
    rmSync(path);
    for (const [version, text] of [
      ['v1', OFF],
      ['v2', '{"payment-decline-limit-minor": 500}'],
    ] as const) {
      mkdirSync(join(directory, version));
      writeFileSync(join(directory, version, 'feature-flags.json'), text);
      symlinkSync(version, join(directory, '..data_new'));
      renameSync(join(directory, '..data_new'), join(directory, '..data'));
      if (version === 'v1') symlinkSync(join('..data', 'feature-flags.json'), path);
    }
    await eventually(async () => {
      expect(await state()).toEqual(IS_VALID);
      expect(audited).toHaveLength(2);
    });
    expect(await state()).toEqual(IS_VALID);
    expect([await flags.isOn('accept-orders'), await flags.numberOf('payment-decline-limit-minor', 7)]).toEqual([
      true,
      500,
    ]);
    expect(audited.map(({ target, details }) => [target?.id, details])).toEqual([
      ['accept-orders', { source: 'file', from: 'false', to: 'true' }],
      ['payment-decline-limit-minor', { source: 'file', from: 'default', to: '500' }],
    ]);
    expect(lines).toMatchObject([{ flag: 'accept-orders', state: 'true' }, { state: '500' }]);
  });

  it.each([
    ['cut off', '{"accept-orders":'],
    ['of an unknown flag', '{"accept-order": true}'],
    ['too large', `{${' '.repeat(65_536)}}`],
    ['empty', ''],
  ])('keeps the last valid values while the content is %s, with one line', async (_, text) => {
    const { flags, path, lines, state } = await arrange(OFF);
    expect(await state()).toEqual(IS_VALID);
    writeFileSync(path, text);
    await eventually(async () => {
      expect(await state()).toEqual(IS_INVALID);
    });
    expect([await flags.isOn('accept-orders'), await state(), lines.length]).toEqual([false, IS_INVALID, 1]);
    writeFileSync(path, OFF);
    await eventually(async () => {
      expect(await state()).toEqual(IS_VALID);
    });
    expect(lines).toHaveLength(2);
  });
});
