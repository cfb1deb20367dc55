import { expect, it } from 'vitest';

import { findTextFaults } from '../../../src/http/problems/text-faults.ts';

const parse = (json: string): unknown => JSON.parse(json);

it('reports no faults in ordinary values', () => {
  expect(findTextFaults(parse('{"a":["b",1,true,null,{"c":"d 😀"}]}'))).toEqual([]);
});

it.each([
  [String.raw`{"a":"x\u0000y"}`, '/a', /NUL/],
  [String.raw`{"a":{"b":["\ud800"]}}`, '/a/b/0', /surrogate/],
  [String.raw`{"x\u0000":1}`, '/x\0', /NUL/],
  ['{"__proto__":{"admin":true}}', '/__proto__', /name/],
  ['{"a":{"constructor":{"prototype":{}}}}', '/a/constructor', /name/],
  [String.raw`{"a/b~":"\u0000"}`, '/a~1b~0', /NUL/],
  [String.raw`"\udfff"`, '', /surrogate/],
])('reports the location of the fault in %s', (json, pointer, detail) => {
  expect(findTextFaults(parse(json))).toEqual([{ pointer, detail: expect.stringMatching(detail) as string }]);
});

it('reports all faults at once', () => {
  expect(findTextFaults(parse(String.raw`{"a":"\u0000","b":"\ud800"}`))).toHaveLength(2);
});

it('stops at 20 faults', () => {
  expect(findTextFaults(Array.from({ length: 50 }, () => '\0'))).toHaveLength(20);
});

it('stops at 100 values', () => {
  const untouched = new Proxy([], {
    get: () => {
      throw new Error('visited');
    },
  });
  const values = [...Array.from({ length: 100 }, () => 1), untouched];

  expect(findTextFaults(values)).toEqual([{ pointer: '', detail: 'must not contain more than 100 values' }]);
});

it('reports a value that is nested too deeply', () => {
  const nested = parse('['.repeat(5000) + ']'.repeat(5000));

  expect(findTextFaults(nested)).toEqual([{ pointer: '/0'.repeat(8), detail: 'is nested too deeply' }]);
});
