// Stands in for a pager in Compose: prints the alerts that Alertmanager sends, one line each. https://prometheus.io/docs/alerting/latest/configuration/#webhook_config

import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

type Notification = {
  readonly alerts: readonly { readonly status: string; readonly labels: Labels; readonly annotations: Labels }[];
};
type Labels = Readonly<Record<string, string>>;

const PORT = 9095;

const print = (receiver: string, { alerts }: Notification): void => {
  for (const { status, labels, annotations } of alerts) {
    const { alertname = '', severity = '' } = labels;
    console.log(JSON.stringify({ receiver, status, alertname, severity, ...annotations }));
  }
};

createServer((request, response) => {
  json(request).then(
    (notification) => {
      print(request.url ?? '', notification as Notification);
      response.writeHead(204).end();
    },
    () => response.writeHead(400).end(),
  );
}).listen(PORT);

process.once('SIGTERM', () => process.exit(0));
