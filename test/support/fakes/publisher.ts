// A broker that can be told to be down, to refuse a key, and to wait.

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
      if (state.down) throw new MessagingError('BROKER_UNAVAILABLE', 'The broker does not answer.');
      if (messages.some(({ key }) => key === state.refusedKey))
        throw new MessagingError('MESSAGE_REFUSED', 'The broker refuses the message.');
      published.push(...messages.map((message) => ({ ...message, topic })));
    },
    close: () => Promise.resolve(),
  };
  return { published, state, publisher };
};
