import { describe, expect, it } from 'vitest';

import { segmentsFrom } from '../../../scripts/backup/wal-archive.ts';
import { parseHistory, parseSegment, segmentAt, segmentName } from '../../../scripts/backup/wal-names.ts';

const MB16 = 16 * 2 ** 20;
const ONE = [{ timeline: 1, from: 0n }];
const names = (timeline: number, ...numbers: number[]): string[] =>
  numbers.map((number) => segmentName({ timeline, number: BigInt(number) }, MB16));

describe('a segment', () => {
  it.each([
    ['000000010000000000000003', 1, 3n],
    ['0000000200000001000000FF', 2, 511n],
    ['0000000A0000000200000000', 10, 512n],
  ])('%s is named by its timeline and number', (name, timeline, number) => {
    expect(parseSegment(name, MB16)).toEqual({ timeline, number });
    expect(segmentName({ timeline, number }, MB16)).toBe(name);
  });

  it('has the positions of its 16 MB', () => {
    expect(segmentAt('0/3000060', MB16)).toBe(3n);
    expect(segmentAt('1/FF000000', MB16)).toBe(511n);
  });
});

describe('the segments of a recovery', () => {
  it('are all after the one of the backup', () => {
    const archive = { names: new Set(names(1, 1, 2, 3, 4)), stretches: ONE };
    expect(segmentsFrom(archive, names(1, 2)[0] ?? '', MB16)).toEqual(names(1, 2, 3, 4));
  });

  it('must have no gap, which is named', () => {
    const archive = { names: new Set(names(1, 2, 4)), stretches: ONE };
    expect(() => segmentsFrom(archive, names(1, 2)[0] ?? '', MB16)).toThrow(
      'lacks the WAL segment 000000010000000000000003',
    );
  });

  it('must have the first one', () => {
    const archive = { names: new Set(names(1, 3, 4)), stretches: ONE };
    expect(() => segmentsFrom(archive, names(1, 2)[0] ?? '', MB16)).toThrow('000000010000000000000002');
  });

  it('follow the newest timeline, and nothing of one that was left', () => {
    const history = '1\t0/3000148\tno recovery target specified\n';
    const stretches = parseHistory(history, 2, MB16);
    const archive = { names: new Set([...names(1, 2, 3, 4, 5), ...names(2, 3)]), stretches };
    expect(segmentsFrom(archive, names(1, 2)[0] ?? '', MB16)).toEqual([...names(1, 2), ...names(2, 3)]);
    expect(() => segmentsFrom(archive, names(1, 4)[0] ?? '', MB16)).toThrow('timeline 1, which was left');
  });

  it('cross several timelines', () => {
    const stretches = parseHistory('1\t0/3000148\tx\n\n2\t0/5000000\tx\n', 3, MB16);
    expect(stretches).toEqual([
      { timeline: 1, from: 0n },
      { timeline: 2, from: 3n },
      { timeline: 3, from: 5n },
    ]);
    const archive = { names: new Set([...names(1, 2), ...names(2, 3, 4), ...names(3, 5, 6)]), stretches };
    expect(segmentsFrom(archive, names(1, 2)[0] ?? '', MB16)).toHaveLength(5);
  });
});
