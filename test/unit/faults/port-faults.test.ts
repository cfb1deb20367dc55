import { describe, expect, it } from 'vitest';

import type { Call } from '../../../src/faults/inject.ts';
import { addBrokerCheckFaults, addPaymentFaults, addPublisherFaults } from '../../../src/faults/port-faults.ts';
import type { OrderId } from '../../../src/orders/order.ts';
import { makeSandboxPayments } from '../../../src/payments/sandbox.ts';
import { makeFakePublisher } from '../../support/fakes/publisher.ts';
import { textMessage } from '../../support/text-message.ts';

const CAUSE = new Error('injected');
const fails = ({ failed }: Call): Promise<void> => Promise.reject(failed(CAUSE));
const timesOut = ({ timedOut }: Call): Promise<void> => Promise.reject(timedOut(CAUSE));
const passes = (): Promise<void> => Promise.resolve();
const hangs = ({ signal, failed }: Call): Promise<void> =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => {
      reject(failed(CAUSE));
    });
  });

describe('the broker', () => {
  const SETTINGS = { sendTimeoutMs: 1000, connectTimeoutMs: 100 };

  it.each([fails, timesOut])('is unavailable (%o), and gets no message', async (inject) => {
    const { publisher, published } = makeFakePublisher();
    const faulty = addPublisherFaults(publisher, inject, SETTINGS);
    const error = { code: 'BROKER_UNAVAILABLE', isTransient: true, cause: CAUSE };
    await expect(faulty.publish('topic', [textMessage({ key: 'k', value: 'a' })])).rejects.toMatchObject(error);
    await expect(addBrokerCheckFaults(passes, inject, SETTINGS)()).rejects.toMatchObject(error);
    expect(published).toEqual([]);
  });

  it('gets the messages without a fault', async () => {
    const { publisher, published } = makeFakePublisher();
    await addPublisherFaults(publisher, passes, SETTINGS).publish('topic', [textMessage({ key: 'k', value: 'a' })]);
    expect(published).toMatchObject([{ topic: 'topic' }]);
    await expect(addBrokerCheckFaults(passes, passes, SETTINGS)()).resolves.toBeUndefined();
  });

  it('is left at once when its publisher is closed', async () => {
    const faulty = addPublisherFaults(makeFakePublisher().publisher, hangs, SETTINGS);
    const publishing = faulty.publish('topic', [textMessage({ key: 'k', value: 'a' })]);
    await Promise.all([expect(publishing).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' }), faulty.close()]);
  });
});

describe('the payment provider', () => {
  const sandbox = makeSandboxPayments({
    limitMinor: () => Promise.resolve(100),
    delayMs: 0,
    timeoutMs: 100,
    down: false,
  });
  const payment = { orderId: 'a' as OrderId, amountMinor: 1, currency: 'EUR' };

  it.each([fails, timesOut])('is unavailable (%o)', async (inject) => {
    const error = { code: 'PAYMENT_UNAVAILABLE', cause: CAUSE };
    await expect(addPaymentFaults(sandbox, inject, { timeoutMs: 100 }).authorize(payment)).rejects.toMatchObject(error);
  });

  it('decides without a fault', async () => {
    expect(await addPaymentFaults(sandbox, passes, { timeoutMs: 100 }).authorize(payment)).toBe('approved');
  });
});
