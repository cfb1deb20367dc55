// The files of this folder make sets of Fastify hooks, not plugins: a plugin would apply to its own encapsulation context only, and
// `app.register` of such a set throws, instead of adding hooks that have no effect. https://fastify.dev/docs/latest/Reference/Hooks/

import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  onCloseHookHandler,
  onRequestHookHandler,
  onRouteHookHandler,
  preValidationHookHandler,
} from 'fastify';

import { watchRequests, type OnEnd, type OpenRequests } from '../connections/open-requests.ts';

export type Hooks = {
  /** Sees every route that is added later. */
  readonly onRoute?: onRouteHookHandler;
  readonly onRequest?: onRequestHookHandler;
  /**
   * For a hook that needs no callback: throws what refuses the request. Those of all sets run after the `onRequest` hooks, in one hook of Fastify, because
   * tracers wrap each hook, which costs more than most of them do.
   */
  readonly onRequestSync?: (request: FastifyRequest, reply: FastifyReply) => void;
  readonly preValidation?: preValidationHookHandler;
  /** Called once for each request whose `onRequest` hooks began to run. */
  readonly onEnd?: OnEnd;
  readonly onClose?: onCloseHookHandler;
};

/** Adds each set to `app`, and so to all its routes; hooks of one kind run in the order of the sets. */
export const addHooks = (app: FastifyInstance, ...sets: readonly Hooks[]): OpenRequests => {
  const requests = watchRequests(
    app,
    sets.flatMap(({ onEnd }) => onEnd ?? []),
  );
  for (const { onRoute, onRequest, preValidation, onClose } of sets) {
    if (onRoute) app.addHook('onRoute', onRoute);
    if (onRequest) app.addHook('onRequest', onRequest);
    if (preValidation) app.addHook('preValidation', preValidation);
    if (onClose) app.addHook('onClose', onClose);
  }
  const synchronous = sets.flatMap(({ onRequestSync }) => onRequestSync ?? []);
  app.addHook('onRequest', (request, reply, done) => {
    for (const hook of synchronous) hook(request, reply);
    done();
  });
  return requests;
};
