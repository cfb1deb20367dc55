import type { Principal } from '../../../src/auth/principal.ts';

const NEVER = Number.MAX_SAFE_INTEGER;

export const userPrincipal = (subject: string, sessionId = '00000000-0000-7000-8000-000000000001'): Principal => ({
  subject,
  kind: 'user',
  sessionId,
  scopes: new Set(),
  expiresAt: NEVER,
});

export const servicePrincipal = (...scopes: string[]): Principal => ({
  subject: 'notification-service',
  kind: 'service',
  sessionId: undefined,
  scopes: new Set(scopes),
  expiresAt: NEVER,
});
