// Faults in front of the broker, the schema registry and the payment provider.

import { Unavailable } from '../errors/unavailable.ts';
import { MessagingError } from '../messaging/messaging-error.ts';
import type { Publisher } from '../messaging/publisher.ts';
import type { Payments } from '../orders/ports.ts';
import type { Inject } from './inject.ts';

const brokerUnavailable = (message: string) => (cause: Error) =>
  new MessagingError('BROKER_UNAVAILABLE', message, { cause });

/** Closing a publisher ends its calls in progress, as without faults. */
export const addPublisherFaults = (
  publisher: Publisher,
  inject: Inject,
  { sendTimeoutMs }: { readonly sendTimeoutMs: number },
): Publisher => {
  const closing = new AbortController();
  const failed = brokerUnavailable('the broker did not acknowledge in time');
  return {
    publish: async (topic, messages) => {
      await inject({ dependency: 'kafka', timeoutMs: sendTimeoutMs, failed, timedOut: failed, signal: closing.signal });
      await publisher.publish(topic, messages);
    },
    close: () => {
      closing.abort();
      return publisher.close();
    },
  };
};

/** The readiness check of the broker. */
export const addBrokerCheckFaults = (
  check: () => Promise<void>,
  inject: Inject,
  { connectTimeoutMs }: { readonly connectTimeoutMs: number },
) => {
  const failed = brokerUnavailable('no broker responds');
  return async (): Promise<void> => {
    await inject({ dependency: 'kafka', timeoutMs: connectTimeoutMs, failed, timedOut: failed });
    await check();
  };
};

/** Before each look-up in the registry; a schema that is cached needs none. */
export const makeRegistryFaults = (inject: Inject, { timeoutMs }: { readonly timeoutMs: number }) => {
  const unavailable = (message: string) => (cause: Error) =>
    new MessagingError('REGISTRY_UNAVAILABLE', message, { cause });
  const failed = unavailable('The schema registry did not respond.');
  const timedOut = unavailable('The schema registry did not respond in time.');
  return (): Promise<void> => inject({ dependency: 'registry', timeoutMs, failed, timedOut });
};

export const addPaymentFaults = (
  payments: Payments,
  inject: Inject,
  { timeoutMs }: { readonly timeoutMs: number },
): Payments => {
  const unavailable = (message: string) => (cause: Error) => new Unavailable('PAYMENT_UNAVAILABLE', message, { cause });
  const failed = unavailable('The payment provider is unavailable.');
  const timedOut = unavailable('The payment provider did not respond in time.');
  return {
    authorize: async (payment) => {
      await inject({ dependency: 'payments', timeoutMs, failed, timedOut });
      return payments.authorize(payment);
    },
  };
};
