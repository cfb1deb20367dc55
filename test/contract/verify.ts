import { Verifier, type MessageProviders } from '@pact-foundation/pact';

import type { Api } from '../../src/http/api.ts';
import type { TestApp } from '../support/http/make-test-app.ts';
import { listen } from '../support/http/raw-request.ts';
import type { ReadMessage } from './outbox-messages.ts';
import type { PactSource } from './pact-source.ts';
import { makeProviderStates } from './provider-states.ts';

/** @returns a function that resolves when every contract is satisfied, and rejects with the verifier's report */
export const makeVerify =
  (tests: TestApp, readMessage: ReadMessage) =>
  async (api: Api, source: PactSource, messages: MessageProviders = {}): Promise<void> => {
    const port = await listen(api);
    const verifier = new Verifier({
      ...source,
      provider: 'user-service',
      providerBaseUrl: `http://127.0.0.1:${port}`,
      stateHandlers: makeProviderStates(api, tests),
      messageProviders: {
        UserRegistered: () => readMessage('UserRegistered'),
        OrderConfirmed: () => readMessage('OrderConfirmed'),
        ...messages,
      },
      logLevel: 'error',
    });
    await verifier.verifyProvider().finally(() => api.close());
  };

export type Verify = ReturnType<typeof makeVerify>;
