// Every Grafana dashboard, by its file in observability/grafana/dashboards/.

/* eslint-disable sonarjs/deprecation, @typescript-eslint/no-deprecated -- the SDK prefers the schema v2, which Grafana 12 does not read from files */

import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

import { business } from './business.ts';
import { dataStores } from './data-stores.ts';
import { events } from './events.ts';
import { makeDashboard, type DashboardSource } from './panels.ts';
import { serviceOverview } from './service-overview.ts';
import { slo } from './slo.ts';

const SOURCES: Readonly<Record<string, DashboardSource>> = {
  'service-overview': serviceOverview,
  business,
  events,
  'data-stores': dataStores,
  slo,
};

export const makeDashboards = (): ReadonlyMap<string, Dashboard> =>
  new Map(Object.entries(SOURCES).map(([name, source]) => [name, makeDashboard(source)]));
