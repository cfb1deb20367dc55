import { Session } from 'node:inspector/promises';

import { describe, expect, it } from 'vitest';

import { topFunctions, type Profile } from '../../../scripts/diagnostics/top-functions.ts';

const sumOfRoots = (ms: number): number => {
  const end = performance.now() + ms;
  let sum = 0;
  while (performance.now() < end) for (let n = 0; n < 100_000; n += 1) sum += Math.sqrt(n);
  return sum;
};

const profiled = async (work: () => unknown): Promise<Profile> => {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return profile as Profile;
};

describe('topFunctions', () => {
  it('begins with the function that computes', async () => {
    const [first] = topFunctions(await profiled(() => sumOfRoots(100)));
    expect(first?.[1]).toMatch(/^sumOfRoots .*top-functions\.test\.ts:\d+$/);
    expect(first?.[0]).toBeGreaterThan(0.5);
  });

  it('adds the samples of a function that was called from several places', () => {
    const frame = (functionName: string) => ({ functionName, url: 'file:///app/dist/orders/sum.js', lineNumber: 4 });
    const nodes = [
      { id: 1, callFrame: frame('sum') },
      { id: 2, callFrame: frame('') },
      { id: 3, callFrame: frame('sum') },
    ];
    expect(topFunctions({ nodes, samples: [1, 3, 3, 2] })).toEqual([
      [0.75, 'sum dist/orders/sum.js:5'],
      [0.25, '(anonymous) dist/orders/sum.js:5'],
    ]);
  });

  it('prints no more than it is asked for', () => {
    const nodes = [1, 2, 3].map((id) => ({ id, callFrame: { functionName: `f${id}`, url: '', lineNumber: -1 } }));
    expect(topFunctions({ nodes, samples: [1, 2, 2, 3, 3, 3] }, 2).map(([, name]) => name)).toEqual(['f3', 'f2']);
  });
});
