import { expect, test } from 'vitest';

import { readDemoArguments } from '../../../scripts/demo/arguments.ts';

test('without arguments the demo is installed', () => {
  expect(readDemoArguments([])).toEqual({ task: 'up', namespace: 'user-service-demo', port: 8080, seconds: 0 });
});

test.each([
  [['--down'], 'down'],
  [['--status'], 'status'],
  [['--load', '30'], 'load'],
])('%j selects a task', (args, task) => {
  expect(readDemoArguments(args).task).toBe(task);
});

test.each([
  [['--dwon'], /Unknown option '--dwon'/],
  [['down'], /unexpected argument "down"/],
  [['--down', '--status'], /--status and --down exclude one another/],
  [['--load', '3'], /--load must be an integer from 5 to 240/],
  [['--load', '1e2'], /--load must be an integer/],
  [['--port', '80'], /--port must be an integer from 1024/],
  [['--namespace', '../x'], /--namespace must be lower-case/],
  [['--namespace', '-x'], /--namespace/],
  [['--namespace', '--all'], /--namespace/],
])('%j is refused', (args, message) => {
  expect(() => readDemoArguments(args)).toThrow(message);
});
