// Letters by SMTP, when a mail server is configured.

import { createTransport } from 'nodemailer';

import { NotificationError, unavailable } from './errors.ts';
import type { Letter } from './letter.ts';

export type Mail = {
  /**
   * Resolves when the mail server has taken the letter. The event's id is in its Message-ID: a letter that is sent again after a crash can be known.
   * @throws NotificationError DEPENDENCY_UNAVAILABLE, or LETTER_REFUSED when the server will never take it
   */
  deliver(eventId: string, letter: Letter): Promise<void>;
  close(): void;
};

type Options = {
  /** `smtp://` or `smtps://`, with user and password when the server wants them. */
  readonly url: string;
  /** Address of the sender. */
  readonly from: string;
};

const TIMEOUTS_MS = { connectionTimeout: 2000, greetingTimeout: 2000, socketTimeout: 5000 };

/** RFC 5321 section 4.2.1: a reply that begins with 5 is final. Its text is not passed on: servers repeat the address in it. */
const toNotificationError = (error: unknown): NotificationError => {
  const { responseCode = 0 } = error as { responseCode?: number };
  return responseCode >= 500
    ? new NotificationError('LETTER_REFUSED', `The mail server refused the letter with ${responseCode}.`)
    : unavailable('The mail server did not take the letter.');
};

export const makeMail = ({ url, from }: Options): Mail => {
  // eslint-disable-next-line sonarjs/no-clear-text-protocols -- `smtps://` says TLS; with `smtp://` it is used where the server offers it
  const transport = createTransport({ url, ...TIMEOUTS_MS, disableFileAccess: true, disableUrlAccess: true });
  const domain = from.slice(from.lastIndexOf('@') + 1);

  return {
    deliver: async (eventId, letter) => {
      try {
        await transport.sendMail({ ...letter, from, messageId: `<${eventId}@${domain}>` });
      } catch (error) {
        throw toNotificationError(error);
      }
    },
    close: () => {
      transport.close();
    },
  };
};
