// What the HTTP room needs from the rest, as its consumer sees it. bin/ hands over the real ones.

import type { SessionTokens, TokenResponse } from '../auth/ports.ts';
import type { Principal } from '../auth/principal.ts';
import type { OrderRepresentation } from '../orders/order-representation.ts';
import type { OrderId } from '../orders/order.ts';
import type { UserPosition } from '../users/ports.ts';
import type { UserRepresentation } from '../users/user-representation.ts';
import type { UserId } from '../users/user.ts';

export type CurrentTrace = () => { readonly traceId: string } | undefined;

export type State = () => 'starting' | 'ready' | 'draining';

export type UserUseCases = {
  readonly registerUser: (
    input: { username: string; name: string; email: string; password: string },
    idempotencyKey?: string,
  ) => Promise<{ id: UserId; document: UserRepresentation }>;
  readonly readUser: (principal: Principal, id: UserId) => Promise<UserRepresentation>;
  readonly listUsers: (page: {
    limit: number;
    after?: UserPosition;
  }) => Promise<{ users: UserRepresentation[]; next?: UserPosition }>;
  readonly changeProfile: (
    principal: Principal,
    id: UserId,
    expectedVersion: number,
    changes: { username?: string; name?: string; email?: string },
  ) => Promise<UserRepresentation>;
  readonly eraseUser: (principal: Principal, id: UserId) => Promise<void>;
};

export type OrderUseCases = {
  readonly placeOrder: (
    principal: Principal,
    input: { amountMinor: number; currency: string },
    idempotencyKey?: string,
  ) => Promise<{ id: OrderId; document: OrderRepresentation }>;
  readonly readOrder: (principal: Principal, id: OrderId) => Promise<OrderRepresentation>;
  readonly listOrders: (
    principal: Principal,
    page: { limit: number; cursor?: string },
  ) => Promise<{ orders: OrderRepresentation[]; nextCursor?: string }>;
};

export type AuthUseCases = {
  readonly logIn: (credentials: { login: string; password: string }) => Promise<SessionTokens>;
  readonly refreshSession: (refreshToken: string) => Promise<SessionTokens>;
  readonly logOut: (principal: Principal) => Promise<void>;
  readonly changePassword: (
    principal: Principal,
    id: UserId,
    passwords: { oldPassword: string; newPassword: string },
  ) => Promise<void>;
  readonly issueClientToken: (client: {
    clientId: string;
    clientSecret: string;
    scope?: string;
  }) => Promise<TokenResponse>;
};
