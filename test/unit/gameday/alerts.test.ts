import { describe, expect, it } from 'vitest';

import { isFiring, selectorsOf } from '../../../scripts/gameday/alerts.ts';

const alert = (labels: Record<string, string>, state = 'firing') => ({
  labels: { alertname: 'UserServiceDependencyDown', severity: 'ticket', ...labels },
  annotations: {},
  state,
  activeAt: '',
});
const wanted = { alert: 'DependencyDown', labels: { dependency: 'redis' } };

describe('the alert of a drill', () => {
  it('is the one that fires with its name and labels', () => {
    expect(isFiring(wanted)(alert({ dependency: 'redis' }))).toBe(true);
  });

  it.each([
    ['has another label', alert({ dependency: 'kafka' })],
    ['lacks the label', alert({})],
    ['is only pending', alert({ dependency: 'redis' }, 'pending')],
    ['has another name', alert({ alertname: 'UserServiceOutboxOld', dependency: 'redis' })],
  ])('is not one that %s', (_what, other) => {
    expect(isFiring(wanted)(other)).toBe(false);
  });
});

it('finds each selector of an expression once', () => {
  const expr = '(max(up{job="api"}) or vector(0)) < 1 or max(avg_over_time(up{job="api"}[5m])) < slo:x:rate5m{a="b"}';
  expect(selectorsOf(expr)).toEqual(['up{job="api"}', 'slo:x:rate5m{a="b"}']);
});
