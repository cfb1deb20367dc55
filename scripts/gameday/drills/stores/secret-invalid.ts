import { strict as assert } from 'node:assert';

import { newSigningKey } from '../../../../src/auth/tokens/new-signing-key.ts';
import type { Drill } from '../../drill.ts';

const FILE = 'auth_signing_keys';

/** As a rotation that is interrupted while it writes. */
const cutOff = (content: string): string => content.slice(0, content.length / 2);
const isWhole = (content: string): boolean => content.endsWith('}');

export const drill: Drill = {
  name: 'secret-invalid',
  title: 'A rotation writes half of the signing keys.',
  alert: 'SecretInvalid',
  labels: { setting: 'AUTH_SIGNING_KEYS' },
  runbook: 'secret-invalid',
  blocks: ['which', 'reason', 'versions', 'restore', 'verify'],
  fillIn: () => Promise.resolve({ SECRET_FILE: FILE }),
  question: 'No request fails. Why is this not to be left until Monday, and why do you not simply generate new keys?',
  answer:
    'The keys of before are in use, in memory only: the next restart or release does not start. New keys would end the sessions of all users, because nobody could verify ' +
    'the tokens of the old ones. So the earlier content is written back.',
  log: { process: 'api', line: /secret file is not valid/ },
  inject: async (stack) => {
    await stack.writeSecret(FILE, cutOff(await stack.readSecret(FILE)));
  },
  recovered: async (stack) => {
    assert(isWhole(await stack.readSecret(FILE)), 'the file is still cut off');
  },
  // new keys, because the old ones are lost: sessions end
  undo: async (stack) => {
    if (!isWhole(await stack.readSecret(FILE)))
      await stack.writeSecret(FILE, JSON.stringify({ keys: [await newSigningKey()] }));
  },
};
