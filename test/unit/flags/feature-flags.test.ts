import { describe, expect, it } from 'vitest';

import { makeFeatureFlags, type EvaluationTags } from '../../../src/flags/feature-flags.ts';
import { parseFlagFile } from '../../../src/flags/flag-file.ts';

const arrange = async (text = '{}') => {
  let values = parseFlagFile(text);
  const evaluations: EvaluationTags[] = [];
  const flags = await makeFeatureFlags({
    read: () => values,
    onEvaluation: (tags) => {
      evaluations.push(tags);
    },
  });
  const change = (next: string): void => {
    values = parseFlagFile(next);
  };
  return { flags, evaluations, change };
};

const LIMIT = 'payment-decline-limit-minor';

describe('feature flags', () => {
  it('have their defaults where the file says nothing', async () => {
    const { flags } = await arrange();
    expect([await flags.isOn('accept-orders'), await flags.numberOf(LIMIT, 7)]).toEqual([true, 7]);
  });

  it('have the newest values of the file, also 0, and the default again without one', async () => {
    const { flags, change } = await arrange(`{"accept-orders": false, "${LIMIT}": 0}`);
    expect([await flags.isOn('accept-orders', 'ann'), await flags.numberOf(LIMIT, 7)]).toEqual([false, 0]);
    change(`{"accept-orders": true, "${LIMIT}": 5}`);
    expect([await flags.isOn('accept-orders', 'ann'), await flags.numberOf(LIMIT, 7)]).toEqual([true, 5]);
    change('{}');
    expect(await flags.numberOf(LIMIT, 7)).toBe(7);
  });

  it('report each evaluation with its variant', async () => {
    const { flags, evaluations, change } = await arrange();
    await flags.isOn('accept-orders');
    await flags.numberOf(LIMIT, 7);
    change(`{"accept-orders": false, "${LIMIT}": 5}`);
    await flags.isOn('accept-orders');
    await flags.numberOf(LIMIT, 7);
    const tags = evaluations.map((one) => [
      one['feature_flag.key'],
      one['feature_flag.result.variant'],
      one['feature_flag.result.reason'],
    ]);
    expect(tags).toEqual([
      ['accept-orders', 'on', 'static'],
      [LIMIT, undefined, 'disabled'],
      ['accept-orders', 'off', 'static'],
      [LIMIT, 'file', 'static'],
    ]);
  });

  it('of two files in one process are apart', async () => {
    const [on, off] = await Promise.all([arrange(), arrange('{"accept-orders": false}')]);
    expect([await on.flags.isOn('accept-orders'), await off.flags.isOn('accept-orders')]).toEqual([true, false]);
  });

  it('have a value even when the report of the evaluation fails', async () => {
    const flags = await makeFeatureFlags({
      read: () => parseFlagFile('{"accept-orders": false}'),
      onEvaluation: () => {
        throw new Error('no span');
      },
    });
    expect(await flags.isOn('accept-orders')).toBe(false);
  });
});
