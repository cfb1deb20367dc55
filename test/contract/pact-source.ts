// The source of the contracts: the files in pacts/, or a broker, to which the results are published.

import { globSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';

import type { VerifierOptions } from '@pact-foundation/pact';

export type PactSource = Partial<VerifierOptions>;

/** @throws when there are no contracts, so that a verification of nothing does not pass */
export const pactFiles = (): PactSource => {
  const pactUrls = globSync(join(import.meta.dirname, '../../pacts/*-user-service.json'));
  if (pactUrls.length === 0) throw new Error('pacts/ contains no contract with user-service.');
  return { pactUrls };
};

/** @returns options of the verifier; `GIT_COMMIT` and `GIT_BRANCH` identify the verified version */
export const pactSource = (): PactSource => {
  const { PACT_BROKER_BASE_URL: url, PACT_BROKER_TOKEN: token, GIT_COMMIT: version, GIT_BRANCH: branch } = env;
  if (!url) return pactFiles();
  return {
    pactBrokerUrl: url,
    ...(token && { pactBrokerToken: token }),
    // the main branch of each consumer, and every deployed or released version
    consumerVersionSelectors: [{ mainBranch: true }, { deployedOrReleased: true }],
    enablePending: true,
    ...(version && { publishVerificationResult: true, providerVersion: version }),
    ...(branch && { providerVersionBranch: branch }),
  };
};
