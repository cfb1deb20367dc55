// The pod of a dependency is deleted while orders flow. Its data survive. What users may see is said per dependency.

import { eventually } from '../../support/eventually.ts';
import type { Phase } from '../phase.ts';

type Dependency = {
  readonly service: string;
  readonly about: string;
  readonly refusals?: RegExp;
};

const loseDependency = ({ service, about, refusals }: Dependency): Phase => ({
  name: `lose-${service}`,
  about,
  ...(refusals && { refusals }),
  decidedWithinMs: 60_000,
  run: async ({ installation, pods, load }) => {
    const { spec } = JSON.parse(await installation.kubectl(['get', 'service', service, '--output=json'])) as {
      spec: { selector: Record<string, string> };
    };
    const selector = Object.entries(spec.selector)
      .map(([label, value]) => `${label}=${value}`)
      .join(',');
    await load.forSeconds(2);
    await installation.kubectl(['delete', 'pod', '--selector', selector]); // waits until it is gone
    const ready = ['--for=condition=Ready', '--timeout=60s'];
    await eventually(() => installation.kubectl(['wait', 'pod', '--selector', selector, ...ready]), {
      deadlineMs: 120_000, // until the next pod exists, kubectl fails at once
      everyMs: 500,
    });
    await pods.settle();
    await load.forSeconds(5);
  },
});

/**
 * Without PostgreSQL no api pod is ready: open connections get 503 with Retry-After, and the Service refuses new ones, for which an ingress controller
 * responds with 503.
 */
const UNAVAILABLE =
  / 503 (?:STORE_[A-Z]{1,20}|OVERLOADED|DEADLINE_EXCEEDED), Retry-After$| (?:ECONNREFUSED|EHOSTUNREACH)$/;

export const CHAOS = {
  losePostgres: loseDependency({
    service: 'postgres',
    about: 'PostgreSQL: 503 with Retry-After, or no ready pod, until it is back; no acknowledged order is lost',
    refusals: UNAVAILABLE,
  }),
  loseRedis: loseDependency({ service: 'redis', about: 'Redis: nobody notices' }),
  loseKafka: loseDependency({ service: 'kafka', about: 'Kafka: orders are accepted, and decided when it is back' }),
  loseRegistry: loseDependency({ service: 'schema-registry', about: 'the schema registry: nobody notices' }),
};
