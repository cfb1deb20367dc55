import { expect, it } from 'vitest';

import {
  firstFailureOf,
  formatTable,
  formatTimeline,
  seconds,
  timelineAsMarkdown,
} from '../../../scripts/gameday/timeline.ts';

const ENTRIES = [
  { at: 1000, what: 'fault', detail: 'Redis is killed.' },
  { at: 18_140, what: 'alert', detail: 'a | b' },
  { at: 3500, what: 'first user-visible failure', detail: 'POST /orders: 503' },
];

it('lists what happened in the order of time, in seconds since the fault', () => {
  expect(formatTimeline(ENTRIES, 1000).split('\n')).toEqual([
    ' +0.0 s  fault                       Redis is killed.',
    ' +2.5 s  first user-visible failure  POST /orders: 503',
    '+17.1 s  alert                       a | b',
  ]);
});

it('has the first failure of users at its time', () => {
  expect(firstFailureOf({ at: 3500, what: 'POST /orders: 503' }, 1000)).toEqual(ENTRIES[2]);
});

it('says right after the fault, without a time, that users noticed nothing', () => {
  const entries = [...ENTRIES.slice(0, 2), firstFailureOf(undefined, 1000)];
  expect(formatTimeline(entries, 1000).split('\n')).toEqual([
    ' +0.0 s  fault                       Redis is killed.',
    '      –  first user-visible failure  none: users did not notice',
    '+17.1 s  alert                       a | b',
  ]);
});

it('escapes the cells of Markdown', () => {
  expect(timelineAsMarkdown(ENTRIES, 1000)).toContain(String.raw`| +17.1 s | alert | a \| b |`);
});

it('shows a dash for what did not happen', () => {
  expect(seconds(undefined)).toBe('–');
  expect(formatTable([])).toBe('');
});
