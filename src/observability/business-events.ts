// Business telemetry: one function per event updates the metric, writes the log line and, if it matters for security, the audit log, so that they
// always agree.
// Ids are logged, so that support can find a case; names, e-mails and tokens never are, and no id is ever a label.

import type { AuthTelemetry } from '../auth/ports.ts';
import type { OrderTelemetry } from '../orders/ports.ts';
import type { UserTelemetry } from '../users/ports.ts';
import type { Audit } from './audit/audit-log.ts';
import type { Log } from './log-fields.ts';
import type { Metrics } from './metrics/metrics.ts';

type Deps = { readonly logger: Log; readonly metrics: Metrics; readonly audit: Audit };

const user = (id: string) => ({ actor: { kind: 'user' as const, id } });

const makeUserTelemetry = ({ logger, metrics, audit }: Deps): UserTelemetry => ({
  userRegistered: ({ userId }) => {
    metrics.userRegistrations.inc();
    logger.info({ userId }, 'user registered');
    audit.record('user_created', user(userId));
  },
  userProfileChanged: ({ userId, version, fields }) => {
    metrics.userProfileChanges.inc();
    logger.info({ userId, version }, 'user profile changed');
    audit.record('user_updated', { ...user(userId), details: { fields, version } });
    if (fields.includes('email')) audit.record('user_email_changed', user(userId));
  },
  userErased: ({ userId }) => {
    metrics.userErasures.inc();
    logger.info({ userId }, 'user erased');
    audit.record('user_deleted', user(userId));
  },
  usersListed: ({ count }) => {
    logger.info({ count }, 'users listed');
    audit.record('sensitive_read', { details: { count } });
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

const makeAuthTelemetry = ({ logger, metrics, audit }: Deps): AuthTelemetry => ({
  signedIn: ({ userId }) => {
    metrics.signIns.inc({ result: 'accepted' });
    logger.info({ userId }, 'signed in');
    audit.record('authn_login_success', user(userId));
  },
  signInRefused: ({ reason, address }) => {
    metrics.signIns.inc({ result: 'refused' });
    logger.info({ reason, address }, 'sign-in refused');
    audit.record('authn_login_fail', { reason, address });
  },
  reauthenticated: ({ userId }) => {
    metrics.reauthentications.inc({ result: 'accepted' });
    logger.info({ userId }, 'reauthenticated');
    audit.record('authn_reauthentication', { ...user(userId), outcome: 'success' });
  },
  reauthenticationRefused: ({ userId, address }) => {
    metrics.reauthentications.inc({ result: 'refused' });
    logger.info({ userId, address }, 'reauthentication refused');
    const refused = { outcome: 'refused', reason: 'credentials', address } as const;
    audit.record('authn_reauthentication', { ...user(userId), ...refused });
  },
  sessionRefreshed: ({ userId }) => {
    metrics.sessionRefreshes.inc({ result: 'accepted' });
    logger.info({ userId }, 'session refreshed');
  },
  refreshTokenReused: ({ userId, address }) => {
    metrics.sessionRefreshes.inc({ result: 'reused' });
    logger.warn({ userId, address }, 'refresh token used twice, session ended');
    audit.record('authn_token_reuse', { ...user(userId), reason: 'reused', address });
  },
  signedOut: ({ userId }) => {
    metrics.signOuts.inc();
    logger.info({ userId }, 'signed out');
    audit.record('authn_logout', user(userId));
  },
  passwordChanged: ({ userId, endedSessions }) => {
    metrics.passwordChanges.inc();
    logger.info({ userId, endedSessions }, 'password changed');
    audit.record('authn_password_change', { ...user(userId), details: { endedSessions } });
  },
  clientTokenIssued: ({ clientId }) => {
    metrics.clientTokens.inc();
    logger.info({ clientId }, 'client token issued');
    audit.record('authn_client_token', { outcome: 'success', actor: { kind: 'service', id: clientId } });
  },
  clientTokenRefused: ({ clientId, reason }) => {
    logger.info({ clientId, reason }, 'client token refused');
    const actor =
      clientId === undefined ? ({ kind: 'anonymous' } as const) : ({ kind: 'service', id: clientId } as const);
    audit.record('authn_client_token', { outcome: 'refused', reason, actor });
  },
});

export const makeBusinessEvents = (deps: Deps): UserTelemetry & OrderTelemetry & AuthTelemetry => ({
  ...makeUserTelemetry(deps),
  ...makeOrderTelemetry(deps),
  ...makeAuthTelemetry(deps),
});
