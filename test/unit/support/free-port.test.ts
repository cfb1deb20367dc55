import { expect, it } from 'vitest';

import { freePort } from '../../support/free-port.ts';

it('gives no port twice', async () => {
  const ports = await Promise.all(Array.from({ length: 500 }, freePort));
  expect(new Set(ports).size).toBe(500);
});
