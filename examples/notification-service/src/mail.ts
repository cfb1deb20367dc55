// Sends e-mails by SMTP, when a mail server is configured.

import { createTransport } from 'nodemailer';

import type { Email } from './email.ts';
import { NotificationError, unavailable } from './errors.ts';

export type Mail = {
  /**
   * Resolves when the mail server has accepted the e-mail. The Message-ID contains the event id, so that a duplicate sent after a crash can be recognised.
   * @throws NotificationError DEPENDENCY_UNAVAILABLE, or EMAIL_REJECTED when the server rejects it permanently or the recipient is not one address
   */
  deliver(eventId: string, email: Email): Promise<void>;
  close(): void;
};

type Options = {
  /** `smtp://` or `smtps://`, with user and password when the server requires them. */
  readonly url: string;
  /** Sender address. */
  readonly from: string;
};

/** Without whitespace, line breaks and what separates, quotes or comments addresses in a header (RFC 5322 section 3.4). */
const ONE_ADDRESS = /^[^\s,;:<>()"\\@]+@[^\s,;:<>()"\\@]+$/;

const TIMEOUTS_MS = { connectionTimeout: 2000, greetingTimeout: 2000, socketTimeout: 5000 };

/** RFC 5321 section 4.2.1: a 5yz reply is permanent. Its text is dropped: servers repeat the recipient's address in it. */
const toNotificationError = (error: unknown): NotificationError => {
  const { responseCode = 0 } = error as { responseCode?: number };
  return responseCode >= 500
    ? new NotificationError('EMAIL_REJECTED', `The mail server rejected the e-mail with code ${responseCode}.`)
    : unavailable('The mail server did not accept the e-mail.');
};

export const makeMail = ({ url, from }: Options): Mail => {
  // eslint-disable-next-line sonarjs/no-clear-text-protocols -- `smtps://` means TLS; with `smtp://` STARTTLS is used when the server offers it
  const transport = createTransport({ url, ...TIMEOUTS_MS, disableFileAccess: true, disableUrlAccess: true });
  const domain = from.slice(from.lastIndexOf('@') + 1);

  return {
    deliver: async (eventId, { to, subject, text }) => {
      if (!ONE_ADDRESS.test(to)) throw new NotificationError('EMAIL_REJECTED', 'The recipient is not one address.');
      try {
        // an object: a text would be parsed as a list of addresses
        const recipient = { name: '', address: to };
        await transport.sendMail({ to: recipient, subject, text, from, messageId: `<${eventId}@${domain}>` });
      } catch (error) {
        throw toNotificationError(error);
      }
    },
    close: () => {
      transport.close();
    },
  };
};
