// Business telemetry: one function per event updates the metric and writes the log line, so that they always agree.
// Ids are logged, so that support can find a case; names, e-mails and tokens never are, and no id is ever a label.

import type { AuthTelemetry } from '../auth/ports.ts';
import type { OrderTelemetry } from '../orders/ports.ts';
import type { UserTelemetry } from '../users/ports.ts';
import type { Log } from './log-fields.ts';
import type { Metrics } from './metrics/metrics.ts';

type Deps = { readonly logger: Log; readonly metrics: Metrics };

const makeUserTelemetry = ({ logger, metrics }: Deps): UserTelemetry => ({
  userRegistered: ({ userId }) => {
    metrics.userRegistrations.inc();
    logger.info({ userId }, 'user registered');
  },
  userProfileChanged: ({ userId, version }) => {
    metrics.userProfileChanges.inc();
    logger.info({ userId, version }, 'user profile changed');
  },
  userErased: ({ userId }) => {
    metrics.userErasures.inc();
    logger.info({ userId }, 'user erased');
  },
});

const makeOrderTelemetry = ({ logger, metrics }: Deps): OrderTelemetry => ({
  orderPlaced: ({ orderId, userId }) => {
    metrics.ordersPlaced.inc();
    logger.info({ orderId, userId }, 'order placed');
  },
  orderConfirmed: ({ orderId, processingSeconds }) => {
    metrics.ordersDecided.inc({ status: 'confirmed' });
    metrics.orderProcessingSeconds.observe({ status: 'confirmed' }, processingSeconds);
    logger.info({ orderId }, 'order confirmed');
  },
  orderRejected: ({ orderId, reason, processingSeconds }) => {
    metrics.ordersDecided.inc({ status: 'rejected' });
    metrics.orderProcessingSeconds.observe({ status: 'rejected' }, processingSeconds);
    logger.info({ orderId, reason }, 'order rejected');
  },
});

const makeAuthTelemetry = ({ logger, metrics }: Deps): AuthTelemetry => ({
  signedIn: ({ userId }) => {
    metrics.signIns.inc({ result: 'accepted' });
    logger.info({ userId }, 'signed in');
  },
  signInRefused: ({ reason, address }) => {
    metrics.signIns.inc({ result: 'refused' });
    logger.info({ reason, address }, 'sign-in refused');
  },
  reauthenticated: ({ userId }) => {
    metrics.reauthentications.inc({ result: 'accepted' });
    logger.info({ userId }, 'reauthenticated');
  },
  reauthenticationRefused: ({ userId, address }) => {
    metrics.reauthentications.inc({ result: 'refused' });
    logger.info({ userId, address }, 'reauthentication refused');
  },
  sessionRefreshed: ({ userId }) => {
    metrics.sessionRefreshes.inc({ result: 'accepted' });
    logger.info({ userId }, 'session refreshed');
  },
  refreshTokenReused: ({ userId, address }) => {
    metrics.sessionRefreshes.inc({ result: 'reused' });
    logger.warn({ userId, address }, 'refresh token used twice, session ended');
  },
  signedOut: ({ userId }) => {
    metrics.signOuts.inc();
    logger.info({ userId }, 'signed out');
  },
  passwordChanged: ({ userId, endedSessions }) => {
    metrics.passwordChanges.inc();
    logger.info({ userId, endedSessions }, 'password changed');
  },
  clientTokenIssued: ({ clientId }) => {
    metrics.clientTokens.inc();
    logger.info({ clientId }, 'client token issued');
  },
});

export const makeBusinessEvents = (deps: Deps): UserTelemetry & OrderTelemetry & AuthTelemetry => ({
  ...makeUserTelemetry(deps),
  ...makeOrderTelemetry(deps),
  ...makeAuthTelemetry(deps),
});
