// Messages are bytes; most tests are about texts.

import { headersOf, type MessageHeaders } from '../../src/messaging/headers.ts';
import type { OutgoingMessage } from '../../src/messaging/publisher.ts';

type Texts = {
  /** Default: none. */
  readonly key?: string | undefined;
  readonly value: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
};

export const textMessage = ({ key, value, headers = {} }: Texts): OutgoingMessage & { readonly value: Buffer } => ({
  key: key === undefined ? null : Buffer.from(key),
  value: Buffer.from(value),
  headers: headersOf(headers),
});

export const keyText = ({ key }: { readonly key: Buffer | null }): string => key?.toString() ?? '';

/** The last value of each name. */
export const headerTexts = ({ headers }: { readonly headers: MessageHeaders }): Record<string, string> =>
  Object.fromEntries(headers.map(({ name, value }) => [name.toString(), String(value)]));

/** The message with its key and headers as texts; without a key it is undefined. */
export const textsOf = <M extends OutgoingMessage>(message: M) => ({
  ...message,
  key: message.key?.toString(),
  headers: headerTexts(message),
});
