import { describe, expect, it } from 'vitest';

import { makeMemoryUserReader } from '../../../src/embedded/memory/user-reader.ts';
import {
  describeCachedReader,
  representationOf,
  setUpCache,
} from '../../integration/redis/cached-reader-conformance.ts';

describeCachedReader('the reader in memory', (options) => makeMemoryUserReader({ maxEntries: 100, ...options }));

describe('makeMemoryUserReader', () => {
  it('evicts the least recently used entry', async () => {
    const { cache, database } = setUpCache((options) => makeMemoryUserReader({ maxEntries: 2, ...options }));
    await cache.changed('a', representationOf(1));
    await cache.changed('b', representationOf(1));
    await cache.findRepresentation('a');
    await cache.changed('c', representationOf(1));
    await cache.findRepresentation('a');
    await cache.findRepresentation('c');
    expect(database.state.reads).toBe(0);
    await cache.findRepresentation('b');
    expect(database.state.reads).toBe(1);
  });
});
