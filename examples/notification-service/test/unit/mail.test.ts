// Against a real SMTP server that runs in this process.

import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SMTPServer } from 'smtp-server';
import { describe, expect, it, onTestFinished } from 'vitest';

import { makeMail } from '../../src/mail.ts';
import { openOutboxFolder } from '../../src/outbox-folder.ts';

const ID = '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f11';
const USER_ID = '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f13';
const email = { to: 'ann@example.com', subject: 'Welcome', text: 'Hello,\n\nyour account is ready.\n' };
const notification = { id: ID, kind: 'welcome', userId: USER_ID, sentAt: '2026-01-01T00:00:00.000Z' } as const;

/** @param rejectCode SMTP reply code that every recipient is rejected with */
const startMailServer = async (rejectCode?: number) => {
  const received: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: ({ address }, _session, done) => {
      const rejection = Object.assign(new Error(`no such mailbox: ${address}`), { responseCode: rejectCode });
      done(rejectCode === undefined ? null : rejection);
    },
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        received.push(Buffer.concat(chunks).toString());
        done();
      });
    },
  });
  server.on('error', () => undefined); // a client that disconnects early is part of the test
  const listener = server.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return { url: `smtp://127.0.0.1:${(listener.address() as AddressInfo).port}`, received };
};

const open = async (url: string) => {
  const directory = await mkdtemp(join(tmpdir(), 'mail-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const mail = makeMail({ url, from: 'hello@example.com' });
  onTestFinished(mail.close);
  return { directory, outbox: await openOutboxFolder({ directory, mail }) };
};

describe('an e-mail sent by SMTP', () => {
  it('is delivered with the event id in its Message-ID, and is recorded as sent', async () => {
    const { url, received } = await startMailServer();
    const { outbox } = await open(url);

    await outbox.send(notification, email);

    expect(received).toEqual([expect.stringMatching(/^To: ann@example\.com\r$/m)]);
    expect(received[0]).toContain(`Message-ID: <${ID}@example.com>`);
    expect(received[0]).toContain('Hello,\r\n\r\nyour account is ready.');
    expect(outbox.has(USER_ID, ID)).toBe(true);
  });

  it.each([
    'ann@example.com, eve@example.com',
    'ann@example.com\r\nBcc: eve@example.com',
    'ann@example.com\nBcc: eve@example.com',
    'Ann <ann@example.com>',
    'group: ann@example.com;',
    'ann@example.com (comment)',
    '',
  ])('is not sent to %j, which is not one address', async (to) => {
    const { url, received } = await startMailServer();
    const { outbox } = await open(url);

    await expect(outbox.send(notification, { ...email, to })).rejects.toMatchObject({ code: 'EMAIL_REJECTED' });

    expect(received).toEqual([]);
  });

  it.each([
    [550, 'EMAIL_REJECTED'],
    [451, 'DEPENDENCY_UNAVAILABLE'],
  ])(
    'rejected with %i fails with %s, is not recorded, and the error does not contain the address',
    async (code, expected) => {
      const { directory, outbox } = await open((await startMailServer(code)).url);

      const error: unknown = await outbox.send(notification, email).catch((thrown: unknown) => thrown);

      expect(error).toMatchObject({ code: expected });
      expect(String((error as Error).stack)).not.toContain('ann@');
      expect(await readdir(directory)).toEqual([]);
    },
  );

  it('fails as transient when the mail server is down or accepts connections without a greeting', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => {
      silent.close();
    });
    const port = (silent.address() as AddressInfo).port;

    for (const url of ['smtp://127.0.0.1:1', `smtp://127.0.0.1:${port}`]) {
      const { outbox } = await open(url);
      await expect(outbox.send(notification, email)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
    }
  });
});
