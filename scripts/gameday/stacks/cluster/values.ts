// Values of the two charts: what a laptop has room for, and limits so wide that the load of a drill never meets them.

import { WIDE_LIMITS } from '../native/settings.ts';

const lean = (cpu: string, memory?: string) => ({
  resources: { requests: { cpu, ...(memory !== undefined && { memory }) } },
});

/** @param image with its tag. @param rules the text of a rule file */
export const dependencyValues = (image: string, rules: string): object => ({
  image,
  persistence: { enabled: true }, // a server that was scaled to zero comes back with its data
  postgres: lean('20m'),
  redis: lean('10m'),
  kafka: lean('20m'),
  schemaRegistry: lean('20m'),
  setup: lean('20m'),
  prometheus: {
    enabled: true,
    scrapeInterval: '1s',
    evaluationInterval: '1500ms',
    rules,
    resources: { requests: { cpu: '20m' }, limits: { memory: '512Mi' } },
  },
});

/** Besides values-dev.yaml. Ten replicas have to find room. */
export const serviceValues = (repository: string, tag: string): object => ({
  image: { repository, tag },
  api: lean('20m', '64Mi'),
  relay: lean('20m', '64Mi'),
  worker: lean('20m', '64Mi'),
  migrations: lean('20m'),
  synthetics: { enabled: true },
  management: { operatorToken: true }, // handles for blocks that take a profile
  preStopSeconds: 2,
  drainSeconds: 1,
  shutdownSeconds: 10,
  config: { ...WIDE_LIMITS, LOG_LEVEL: 'info' },
});
