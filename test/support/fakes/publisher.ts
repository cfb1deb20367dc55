// A fake publisher that can be down, reject a key or wait.

import { MessagingError } from '../../../src/messaging/messaging-error.ts';
import type { OutgoingMessage, Publisher } from '../../../src/messaging/publisher.ts';

export type Published = OutgoingMessage & { readonly topic: string };

export const makeFakePublisher = () => {
  const published: Published[] = [];
  const state = { down: false, refusedKey: '', calls: 0, before: (): Promise<void> => Promise.resolve() };
  const publisher: Publisher = {
    publish: async (topic, messages) => {
      state.calls += 1;
      await state.before();
      if (state.down) throw new MessagingError('BROKER_UNAVAILABLE', 'The broker does not respond.');
      if (messages.some(({ key }) => key === state.refusedKey))
        throw new MessagingError('MESSAGE_REFUSED', 'The broker rejected the message.');
      published.push(...messages.map((message) => ({ ...message, topic })));
    },
    close: () => Promise.resolve(),
  };
  return { published, state, publisher };
};
