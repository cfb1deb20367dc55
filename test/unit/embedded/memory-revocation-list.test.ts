import { describe, expect, it } from 'vitest';

import { makeMemoryRevocationList } from '../../../src/embedded/memory/revocation-list.ts';
import { eventually } from '../../support/eventually.ts';

describe('makeMemoryRevocationList', () => {
  it('has the revoked sessions, and no others', async () => {
    const list = makeMemoryRevocationList({ ttlSeconds: 60 });
    await list.revoke(['a', 'b']);
    expect(['a', 'b', 'c'].map((id) => list.isRevoked(id))).toEqual([true, true, false]);
  });

  it('removes a session when its tokens have expired', async () => {
    const list = makeMemoryRevocationList({ ttlSeconds: 0.05 });
    await list.revoke(['a']);
    await eventually(() => {
      expect(list.isRevoked('a')).toBe(false);
    });
  });
});
