import type { Api } from './api.ts';
import { addOpenApiDocument } from './routes/openapi-document.ts';
import { addChangePassword } from './routes/change-password.ts';
import { addChangeProfile } from './routes/change-profile.ts';
import { addEraseUser } from './routes/erase-user.ts';
import { addIssueClientToken } from './routes/issue-client-token.ts';
import { addJwks } from './routes/jwks.ts';
import { addListOrders } from './routes/list-orders.ts';
import { addListUsers } from './routes/list-users.ts';
import { addLogIn } from './routes/log-in.ts';
import { addLogOut } from './routes/log-out.ts';
import { addPlaceOrder } from './routes/place-order.ts';
import { addProblemPages } from './routes/problem-pages.ts';
import { addReadOrder } from './routes/read-order.ts';
import { addReadUser } from './routes/read-user.ts';
import { addReauthenticate } from './routes/reauthenticate.ts';
import { addRefreshSession } from './routes/refresh-session.ts';
import { addRegisterUser } from './routes/register-user.ts';

const API_V1 = [
  addRegisterUser,
  addReadUser,
  addListUsers,
  addChangeProfile,
  addChangePassword,
  addEraseUser,
  addPlaceOrder,
  addReadOrder,
  addListOrders,
  addLogIn,
  addRefreshSession,
  addReauthenticate,
  addLogOut,
  addIssueClientToken,
] as const;

/** What all routes need together: `A | B` as `A & B`. */
type All<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer Deps) => void
  ? Deps
  : never;

export type RouteDeps = All<Parameters<(typeof API_V1)[number] | typeof addJwks>[1]>;

/** Everything that the public port serves, without the page of openapi/plugin.ts. */
export const addRoutes = (app: Api, deps: RouteDeps & { readonly docs: boolean }): void => {
  app.register(
    (api: Api, _options, done) => {
      for (const addRoute of API_V1) addRoute(api, deps);
      done();
    },
    { prefix: '/api/v1' },
  );
  addJwks(app, deps);
  addProblemPages(app);
  if (deps.docs) addOpenApiDocument(app);
};
