import { expect, it } from 'vitest';

import { failuresOf } from '../../../scripts/failures-of.ts';

const OUTPUT = `
 ❯ unit test/a.test.ts (2 tests | 2 failed) 14ms

⎯⎯⎯⎯⎯⎯⎯ Failed Tests 2 ⎯⎯⎯⎯⎯⎯⎯

 FAIL  unit  test/a.test.ts > numbers > add up
AssertionError: expected { a: 1, b: 2 } to deeply equal { a: 1, b: 3 }

- Expected
+ Received

  {
    "a": 1,
-   "b": 3,
+   "b": 2,
  }

 ❯ test/a.test.ts:5:38
      3| expect(sum).toEqual({ a: 1, b: 3 })

⎯⎯⎯⎯⎯⎯⎯[1/2]⎯

 FAIL  unit  test/a.test.ts > numbers > are there
 FAIL  unit  test/b.test.ts > all of them
Error: the server has not started
${'x'.repeat(500)}
1
2
3
4
5
`;

it('names each failed test with the reason, cut to what fits at the end of a log', () => {
  expect(failuresOf(OUTPUT)).toEqual([
    `FAIL  unit  test/a.test.ts > numbers > add up
    AssertionError: expected { a: 1, b: 2 } to deeply equal { a: 1, b: 3 }
    -   "b": 3,
    +   "b": 2,`,
    'FAIL  unit  test/a.test.ts > numbers > are there',
    `FAIL  unit  test/b.test.ts > all of them
    Error: the server has not started
    ${'x'.repeat(200)}
    1
    2
    3
    4`,
  ]);
});

it('finds nothing where nothing failed', () => {
  expect(failuresOf('  Tests  3 passed (3)')).toEqual([]);
});
