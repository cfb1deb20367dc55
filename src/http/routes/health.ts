import type { FastifyInstance, FastifyReply } from 'fastify';

import type { State } from '../ports.ts';
import type { Readiness } from '../../lifecycle/readiness.ts';

type Deps = { readonly state: State; readonly readiness: Pick<Readiness, 'report'> };

/**
 * live: the event loop turns; a failing dependency must never restart the process.
 * ready: this process should get traffic. startup: it has started, so that the other two are asked.
 */
export const addHealth = (app: FastifyInstance, { state, readiness }: Deps): void => {
  const answer = (reply: FastifyReply, healthy: boolean, body: object): FastifyReply =>
    reply
      .code(healthy ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(body);

  app.get('/health/live', (_request, reply) => answer(reply, true, { status: 'live' }));

  app.get('/health/ready', (_request, reply) => {
    const report = readiness.report();
    return answer(reply, report.status !== 'unready', report);
  });

  app.get('/health/startup', (_request, reply) => {
    const started = state() !== 'starting';
    return answer(reply, started, { status: started ? 'started' : 'starting' });
  });
};
