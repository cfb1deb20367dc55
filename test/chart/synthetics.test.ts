// The synthetic journey: a CronJob that can not pile up, without secrets, with the network of the journey, and an alert that knows its interval.

import { describe, expect, it } from 'vitest';

import { readManifests, render, renderErrorOf } from './support/chart.ts';
import { ofKind, podsOf, type Manifest } from './support/manifest.ts';

const ENABLED = 'synthetics.enabled=true';

const cronJobOf = async (options: Parameters<typeof render>[0]): Promise<Manifest> => {
  const [found, ...others] = ofKind(readManifests(await render(options)), 'CronJob');
  if (found === undefined || others.length > 0) throw new Error('there is not one CronJob');
  return found;
};

describe('the synthetic journey', () => {
  it('does not run unless it is enabled', async () => {
    expect(ofKind(readManifests(await render()), 'CronJob')).toEqual([]);
  });

  it('is not tried twice, does not overlap, ends before the next one, and keeps the logs of failed runs', async () => {
    const { spec } = await cronJobOf({ set: [ENABLED] });
    expect(spec).toMatchObject({
      schedule: '*/5 * * * *',
      concurrencyPolicy: 'Forbid',
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 3,
    });
    const job = spec?.jobTemplate?.spec;
    expect(job?.backoffLimit).toBe(0);
    expect(job?.activeDeadlineSeconds).toBeLessThan(300);
    expect(job?.template.spec.activeDeadlineSeconds).toBeLessThan(job?.activeDeadlineSeconds ?? 0);
  });

  it('runs the journey of helm test in the image of the release, without secrets or settings', async () => {
    const [pod] = podsOf([await cronJobOf({ set: [ENABLED] })]);
    const [container] = pod?.spec.containers ?? [];
    expect(container).toMatchObject({
      image: 'user-service:0.1.0',
      command: ['node', '/tests/journey.mts', 'http://users-api'], // eslint-disable-line sonarjs/no-clear-text-protocols -- inside of the cluster
    });
    expect(Object.keys(container ?? {})).not.toEqual(expect.arrayContaining(['env']));
    expect(Object.keys(container ?? {})).not.toEqual(expect.arrayContaining(['envFrom']));
    expect(pod?.spec.volumes).toEqual([{ name: 'tests', configMap: { name: 'users-tests' } }]);
  });

  it('reaches the api and DNS only: it has the component of the policies for the journey', async () => {
    const [pod] = podsOf([await cronJobOf({ set: [ENABLED] })]);
    expect(pod?.labels['app.kubernetes.io/component']).toBe('journey');
  });

  it.each([44, 45, 53])(
    'of a release name of %i characters has a name that leaves room for the name of a Job',
    async (length) => {
      const { metadata } = await cronJobOf({ set: [ENABLED], release: 'r'.repeat(length) });
      expect(metadata.name.length).toBeLessThanOrEqual(52);
    },
  );

  it.each([
    ['synthetics.everyMinutes=3,synthetics.deadlineSeconds=180', 'deadlineSeconds must be less than the interval'],
    ['synthetics.everyMinutes=7', 'everyMinutes'],
    ['synthetics.deadlineSeconds=30', 'deadlineSeconds'],
    ['synthetics.schedule=hourly', 'schedule'],
  ])('is refused with %s', async (set, message) => {
    expect(await renderErrorOf({ set: [ENABLED, set] })).toContain(message);
  });

  it.each([
    [5, 900],
    [30, 5400],
  ])('every %i minutes has an alert after %i s', async (minutes, seconds) => {
    const text = await render({ operator: true, set: [ENABLED, `synthetics.everyMinutes=${minutes}`] });
    const [rule] = readManifests(text).filter(({ kind }) => kind === 'PrometheusRule');
    const { groups } = rule?.spec as unknown as { groups: { rules: { alert?: string; expr: string }[] }[] };
    const alert = groups.flatMap(({ rules }) => rules).find((each) => each.alert?.endsWith('SyntheticJourneyFailed'));
    expect(alert?.expr).toMatch(new RegExp(`cronjob="users-journey"\\}\\)\\) > ${seconds}$`)); // eslint-disable-line security/detect-non-literal-regexp -- a number
  });
});
