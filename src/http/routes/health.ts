import type { FastifyInstance, FastifyReply } from 'fastify';

export type HealthDeps = {
  readonly isStarted: () => boolean;
  /** lifecycle/readiness.ts provides it. */
  readonly readiness: { report(): { readonly status: 'ready' | 'degraded' | 'unready' } };
};

/**
 * live: the event loop responds; a failing dependency must never restart the process.
 * ready: this process should receive traffic. startup: it has started, so that the platform begins the other two probes.
 */
export const addHealth = (app: FastifyInstance, { isStarted, readiness }: HealthDeps): void => {
  const send = (reply: FastifyReply, healthy: boolean, body: object): FastifyReply =>
    reply
      .code(healthy ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(body);

  app.get('/health/live', (_request, reply) => send(reply, true, { status: 'live' }));

  app.get('/health/ready', (_request, reply) => {
    const report = readiness.report();
    return send(reply, report.status !== 'unready', report);
  });

  app.get('/health/startup', (_request, reply) => {
    const started = isStarted();
    return send(reply, started, { status: started ? 'started' : 'starting' });
  });
};
