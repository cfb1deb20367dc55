// Where the contracts come from: the files that consumers left in pacts/, or a broker, which is also told how it went.

import { globSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';

import type { VerifierOptions } from '@pact-foundation/pact';

export type PactSource = Partial<VerifierOptions>;

/** @throws when there are none: that would be a verification of nothing */
export const pactFiles = (): PactSource => {
  const pactUrls = globSync(join(import.meta.dirname, '../../pacts/*-user-service.json'));
  if (pactUrls.length === 0) throw new Error('pacts/ holds no contract with user-service.');
  return { pactUrls };
};

/** @returns options of the verifier; `GIT_COMMIT` and `GIT_BRANCH` name what is verified */
export const pactSource = (): PactSource => {
  const { PACT_BROKER_BASE_URL: url, PACT_BROKER_TOKEN: token, GIT_COMMIT: version, GIT_BRANCH: branch } = env;
  if (!url) return pactFiles();
  return {
    pactBrokerUrl: url,
    ...(token && { pactBrokerToken: token }),
    // what consumers work on, and what of theirs runs somewhere
    consumerVersionSelectors: [{ mainBranch: true }, { deployedOrReleased: true }],
    enablePending: true,
    ...(version && { publishVerificationResult: true, providerVersion: version }),
    ...(branch && { providerVersionBranch: branch }),
  };
};
