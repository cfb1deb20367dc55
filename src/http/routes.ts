import type { Api } from './api.ts';
import type { Authenticate } from './hooks/authenticate.ts';
import type { StrictLimit } from './hooks/strict-limit.ts';
import type { AuthUseCases, OrderUseCases, UserUseCases } from './ports.ts';
import { addApiDocumentRoute } from './routes/openapi-document.ts';
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
import { addRefreshSession } from './routes/refresh-session.ts';
import { addRegisterUser } from './routes/register-user.ts';

type Deps = UserUseCases &
  OrderUseCases &
  AuthUseCases & {
    readonly authenticate: Authenticate;
    readonly strictLimit: StrictLimit;
    readonly publicJwks: () => { keys: object[] };
  };

/** Everything that the public port serves. */
export const addRoutes = (app: Api, deps: Deps): void => {
  app.register(
    (api: Api, _options, done) => {
      addRegisterUser(api, deps);
      addReadUser(api, deps);
      addListUsers(api, deps);
      addChangeProfile(api, deps);
      addChangePassword(api, deps);
      addEraseUser(api, deps);
      addPlaceOrder(api, deps);
      addReadOrder(api, deps);
      addListOrders(api, deps);
      addLogIn(api, deps);
      addRefreshSession(api, deps);
      addLogOut(api, deps);
      addIssueClientToken(api, deps);
      done();
    },
    { prefix: '/api/v1' },
  );
  addJwks(app, deps);
  addProblemPages(app);
  addApiDocumentRoute(app);
};
