// The queries of the generated dashboards, with their variables replaced as Grafana would.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../../observability/grafana/dashboards');

type Model = {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
};

export type DashboardQuery = { readonly dashboard: string; readonly panel: string; readonly expr: string };

/** @param window for `$__rate_interval` and `$__range` */
export const substitute = (expr: string, window: string): string =>
  expr.replaceAll(/\$__(?:rate_interval|range)\b/g, window).replaceAll(/"\$\w+"/g, '".*"');

/** Of every panel of every Grafana dashboard. */
export const dashboardQueries = (window: string): DashboardQuery[] =>
  readdirSync(FOLDER).flatMap((file) => {
    const { panels } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Model;
    return panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({ dashboard: file, panel: title, expr: substitute(expr, window) })),
    );
  });
