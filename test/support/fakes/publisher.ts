// A fake broker that can be down, reject a key, or delay messages.

import { MessagingError } from '../../../src/messaging/messaging-error.ts';
import type { OutgoingMessage, Publisher } from '../../../src/messaging/publisher.ts';
import { keyText } from '../text-message.ts';

export type Published = OutgoingMessage & { readonly topic: string };

export const makeFakePublisher = () => {
  const published: Published[] = [];
  const state = { down: false, rejectedKey: '', calls: 0, before: (): Promise<void> => Promise.resolve() };
  const publisher: Publisher = {
    publish: async (topic, messages) => {
      state.calls += 1;
      await state.before();
      if (state.down) throw new MessagingError('BROKER_UNAVAILABLE', 'The broker does not respond.');
      if (messages.some((message) => keyText(message) === state.rejectedKey))
        throw new MessagingError('MESSAGE_REFUSED', 'The broker rejects the message.');
      published.push(...messages.map((message) => ({ ...message, topic })));
    },
    close: () => Promise.resolve(),
  };
  return { published, state, publisher };
};
