// Against a real SMTP server in this process: what is sent is what it took.

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
const letter = { to: 'ann@example.com', subject: 'Welcome', text: 'Hello Ann Lee,\n\nyour account is ready.\n' };
const notification = { id: ID, kind: 'welcome', userId: USER_ID, sentAt: '2026-01-01T00:00:00.000Z' } as const;

/** `refuse`: the code that recipients are refused with. */
const startMailServer = async (refuse?: number) => {
  const taken: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: ({ address }, _session, done) => {
      const refusal = Object.assign(new Error(`no such mailbox: ${address}`), { responseCode: refuse });
      done(refuse === undefined ? null : refusal);
    },
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        taken.push(Buffer.concat(chunks).toString());
        done();
      });
    },
  });
  server.on('error', () => undefined); // a client that gives up is the test's
  const listener = server.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return { url: `smtp://127.0.0.1:${(listener.address() as AddressInfo).port}`, taken };
};

const open = async (url: string) => {
  const directory = await mkdtemp(join(tmpdir(), 'mail-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const mail = makeMail({ url, from: 'hello@example.com' });
  onTestFinished(mail.close);
  return { directory, outbox: await openOutboxFolder({ directory, mail }) };
};

describe('a letter by SMTP', () => {
  it('arrives, with the id of its event, and is remembered', async () => {
    const { url, taken } = await startMailServer();
    const { outbox } = await open(url);

    await outbox.send(notification, letter);

    expect(taken).toEqual([expect.stringMatching(/^To: ann@example\.com\r$/m)]);
    expect(taken[0]).toContain(`Message-ID: <${ID}@example.com>`);
    expect(taken[0]).toContain('Hello Ann Lee,\r\n\r\nyour account is ready.');
    expect(outbox.has(USER_ID, ID)).toBe(true);
  });

  it.each([
    [550, 'LETTER_REFUSED'],
    [451, 'DEPENDENCY_UNAVAILABLE'],
  ])('that is refused with %i is %s, is not remembered, and nobody reads the address', async (code, expected) => {
    const { directory, outbox } = await open((await startMailServer(code)).url);

    const refusal: unknown = await outbox.send(notification, letter).catch((error: unknown) => error);

    expect(refusal).toMatchObject({ code: expected });
    expect(String((refusal as Error).stack)).not.toContain('ann@');
    expect(await readdir(directory)).toEqual([]);
  });

  it('waits for a mail server that is down, or takes connections and never speaks', async () => {
    const mute = createServer().listen(0, '127.0.0.1');
    await once(mute, 'listening');
    onTestFinished(() => {
      mute.close();
    });
    const port = (mute.address() as AddressInfo).port;

    for (const url of ['smtp://127.0.0.1:1', `smtp://127.0.0.1:${port}`]) {
      const { outbox } = await open(url);
      await expect(outbox.send(notification, letter)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
    }
  });
});
