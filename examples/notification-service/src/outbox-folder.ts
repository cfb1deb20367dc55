// Sends each e-mail through the mail server, when one is configured, and writes it to a folder. The folder also records what was sent: the name of
// a file is the id of its event. Only one process may use a folder.

/* eslint-disable security/detect-non-literal-fs-filename -- the folder comes from the configuration, the names are UUIDs */

import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Email } from './email.ts';
import { unavailable } from './errors.ts';
import type { Mail } from './mail.ts';
import type { Notification, Outbox } from './notify.ts';

export type OutboxFolder = Outbox & {
  /** Notifications sent to this user, oldest first, without the text of the e-mails. */
  list(userId: string): Notification[];
};

const EMAIL_FILE = /^[\da-f-]{36}\.json$/;

const readNotification = async (path: string): Promise<Notification> => {
  const { id, kind, userId, orderId, sentAt } = JSON.parse(await readFile(path, 'utf8')) as Notification & Email;
  return { id, kind, userId, ...(orderId !== undefined && { orderId }), sentAt };
};

/** A disk error is transient: the event is retried until the folder can be written. */
const toUnavailable = (cause: unknown): never => {
  throw unavailable('The outbox folder cannot be written.', cause);
};

type Options = { readonly directory: string; readonly mail?: Pick<Mail, 'deliver'> | undefined };

export const openOutboxFolder = async ({ directory, mail }: Options): Promise<OutboxFolder> => {
  const byUser = new Map<string, Map<string, Notification>>();
  const remember = (notification: Notification): void => {
    const ofUser = byUser.get(notification.userId) ?? new Map<string, Notification>();
    byUser.set(notification.userId, ofUser.set(notification.id, notification));
  };
  const pathOf = (id: string): string => join(directory, `${id}.json`);

  /** Atomic: a crash leaves no partial file. */
  const write = async (path: string, content: object): Promise<void> => {
    const draft = `${path}.draft`;
    await writeFile(draft, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600, flush: true });
    await rename(draft, path);
  };

  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const file of await readdir(directory)) {
    if (file.endsWith('.draft')) await rm(join(directory, file));
    if (EMAIL_FILE.test(file)) remember(await readNotification(join(directory, file)));
  }

  return {
    has: (userId, eventId) => byUser.get(userId)?.has(eventId) ?? false,
    send: async (notification, email) => {
      await mail?.deliver(notification.id, email);
      await write(pathOf(notification.id), { ...notification, ...email }).catch(toUnavailable);
      remember(notification);
    },
    erase: async (userId) => {
      for (const id of byUser.get(userId)?.keys() ?? []) await rm(pathOf(id), { force: true }).catch(toUnavailable);
      byUser.delete(userId);
    },
    list: (userId) =>
      [...(byUser.get(userId)?.values() ?? [])].sort((one, other) => one.sentAt.localeCompare(other.sentAt)),
  };
};
