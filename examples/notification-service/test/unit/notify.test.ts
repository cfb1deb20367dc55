import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it, onTestFinished } from 'vitest';

import { composeEmail, type Email } from '../../src/email.ts';
import type { ConsumedEvent } from '../../src/events.ts';
import { makeNotify, type Notification } from '../../src/notify.ts';
import { openOutboxFolder } from '../../src/outbox-folder.ts';

const USER_ID = '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f13';
const ann = { email: 'ann@example.com' };
const registered = {
  type: 'UserRegistered',
  eventId: '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f11',
  userId: USER_ID,
} as const;
const confirmed = {
  type: 'OrderConfirmed',
  eventId: '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f12',
  userId: USER_ID,
  orderId: '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f17',
  amountMinor: 1999,
  currency: 'EUR',
} as const;
const erased = { type: 'UserErased', eventId: '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f14', userId: USER_ID } as const;

const makeFakeOutbox = () => {
  const sent: (Notification & Email)[] = [];
  return {
    sent,
    has: (_userId: string, eventId: string) => sent.some(({ id }) => id === eventId),
    send: (notification: Notification, email: Email) => {
      sent.push({ ...notification, ...email });
      return Promise.resolve();
    },
    erase: () => {
      sent.splice(0);
      return Promise.resolve();
    },
  };
};

const arrange = (user: typeof ann | null = ann) => {
  const outbox = makeFakeOutbox();
  const users = { find: () => Promise.resolve(user ?? undefined) };
  const notify = makeNotify({ users, outbox, now: () => new Date('2026-01-31T12:00:00Z') });
  return { sent: outbox.sent, notify };
};

describe('notify', () => {
  it('sends an e-mail about the event to the user', async () => {
    const { notify, sent } = arrange();
    expect(await notify(confirmed)).toBe('sent');
    expect(sent).toEqual([
      {
        id: confirmed.eventId,
        kind: 'order-confirmed',
        userId: USER_ID,
        orderId: confirmed.orderId,
        sentAt: '2026-01-31T12:00:00.000Z',
        to: 'ann@example.com',
        subject: 'Your order is confirmed',
        text: `Hello,\n\nyour order ${confirmed.orderId} for €19.99 is confirmed.\n`,
      },
    ]);
  });

  it('sends one e-mail when the event is delivered twice', async () => {
    const { notify, sent } = arrange();
    const outcomes = [await notify(registered), await notify(registered)];
    expect({ outcomes, emails: sent.length }).toEqual({ outcomes: ['sent', 'repeated'], emails: 1 });
  });

  it('sends nothing to a user who was erased', async () => {
    const { notify, sent } = arrange(null);
    expect(await notify(registered)).toBe('nobody');
    expect(sent).toEqual([]);
  });

  it('removes all e-mails to a user who was erased', async () => {
    const { notify, sent } = arrange();
    await notify(registered);
    expect(await notify(erased)).toBe('erased');
    expect(sent).toEqual([]);
  });
});

describe('composeEmail', () => {
  it.each([registered, confirmed, { ...confirmed, type: 'OrderRejected' as const }])(
    'contains no text that a stranger can choose: $type',
    (event) => {
      const user = { ...ann, name: 'victim, your parcel waits: http://evil.example/pay' };
      expect(JSON.stringify(composeEmail(event, user))).not.toContain('evil');
    },
  );

  it.each([
    [1999, 'EUR', '€19.99'],
    [1999, 'JPY', '¥1,999'],
    [1999, 'KWD', 'KWD 1.999'],
  ])('formats %i minor units of %s as %s', (amountMinor, currency, price) => {
    const { text } = composeEmail({ ...confirmed, amountMinor, currency }, ann);
    expect(text.replaceAll('\u00a0', ' ')).toContain(`for ${price} is confirmed`);
  });
});

describe('the outbox folder', () => {
  const makeFolder = async (): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'outbox-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    return folder;
  };
  const sendTo = async (outbox: Awaited<ReturnType<typeof openOutboxFolder>>, ...events: ConsumedEvent[]) => {
    const users = { find: () => Promise.resolve(ann) };
    for (const event of events) await makeNotify({ users, outbox, now: () => new Date() })(event);
  };

  it('lists the sent notifications after it is reopened', async () => {
    const folder = await makeFolder();
    await sendTo(await openOutboxFolder({ directory: folder }), registered, confirmed);
    await writeFile(join(folder, 'half.json.draft'), '{"id":');
    const reopened = await openOutboxFolder({ directory: folder });
    expect(reopened.list(USER_ID).map(({ id }) => id)).toEqual([registered.eventId, confirmed.eventId]);
    expect(reopened.has(USER_ID, registered.eventId)).toBe(true);
    expect(JSON.stringify(reopened.list(USER_ID))).not.toContain('Ann');
  });

  it('contains no file of a user who was erased', async () => {
    const folder = await makeFolder();
    const outbox = await openOutboxFolder({ directory: folder });
    await sendTo(outbox, registered, confirmed, erased);
    expect(await readdir(folder)).toEqual([]);
    expect(outbox.list(USER_ID)).toEqual([]);
  });

  it('fails as transient when the folder cannot be written', async () => {
    const folder = join(await makeFolder(), 'below');
    const outbox = await openOutboxFolder({ directory: folder });
    await rm(folder, { recursive: true });
    await expect(sendTo(outbox, registered)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
    expect(outbox.has(USER_ID, registered.eventId)).toBe(false);
  });
});
