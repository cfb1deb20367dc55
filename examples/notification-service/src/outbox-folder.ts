// "Sends" by writing each letter into a folder, after a mail server took it where there is one. The folder is also what remembers: a file's name
// is the id of its event. It has one owner: start one process per folder.

/* eslint-disable security/detect-non-literal-fs-filename -- the folder is the configuration's, the names are UUIDs */

import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { unavailable } from './errors.ts';
import type { Letter } from './letter.ts';
import type { Mail } from './mail.ts';
import type { Notification, Outbox } from './notify.ts';

export type OutboxFolder = Outbox & {
  /** What was sent to this user, oldest first, without the letters. */
  list(userId: string): Notification[];
};

const LETTER = /^[\da-f-]{36}\.json$/;

const readNotification = async (path: string): Promise<Notification> => {
  const { id, kind, userId, orderId, sentAt } = JSON.parse(await readFile(path, 'utf8')) as Notification & Letter;
  return { id, kind, userId, ...(orderId !== undefined && { orderId }), sentAt };
};

/** A full disk is mended, and the letters that wait are written then. */
const waitsForDisk = (cause: unknown): never => {
  throw unavailable('The outbox folder can not be written.', cause);
};

type Options = { readonly directory: string; readonly mail?: Pick<Mail, 'deliver'> | undefined };

export const openOutboxFolder = async ({ directory, mail }: Options): Promise<OutboxFolder> => {
  const byUser = new Map<string, Map<string, Notification>>();
  const remember = (notification: Notification): void => {
    const own = byUser.get(notification.userId) ?? new Map<string, Notification>();
    byUser.set(notification.userId, own.set(notification.id, notification));
  };
  const pathOf = (id: string): string => join(directory, `${id}.json`);

  /** Whole or not at all: a crash leaves no half letter behind. */
  const write = async (path: string, content: object): Promise<void> => {
    const draft = `${path}.draft`;
    await writeFile(draft, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600, flush: true });
    await rename(draft, path);
  };

  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const file of await readdir(directory)) {
    if (file.endsWith('.draft')) await rm(join(directory, file));
    if (LETTER.test(file)) remember(await readNotification(join(directory, file)));
  }

  return {
    has: (userId, eventId) => byUser.get(userId)?.has(eventId) ?? false,
    send: async (notification, letter) => {
      await mail?.deliver(notification.id, letter);
      await write(pathOf(notification.id), { ...notification, ...letter }).catch(waitsForDisk);
      remember(notification);
    },
    erase: async (userId) => {
      for (const id of byUser.get(userId)?.keys() ?? []) await rm(pathOf(id), { force: true }).catch(waitsForDisk);
      byUser.delete(userId);
    },
    list: (userId) =>
      [...(byUser.get(userId)?.values() ?? [])].sort((one, other) => one.sentAt.localeCompare(other.sentAt)),
  };
};
