import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type KafkaAddresses = {
  /** The address that the node binds to; empty for all addresses. */
  readonly listenHost: string;
  readonly ports: { readonly client: number; readonly broker: number; readonly controller: number };
  /** The advertised listener for clients: `host:port`. */
  readonly advertised: string;
  readonly dataDirectory: string;
};

const SETTINGS = join(import.meta.dirname, 'server.properties');

/**
 * The settings of a single Kafka node. Its internal listeners are separate, so that the advertised listener for clients can be a mapped port or a
 * proxy.
 */
export const kafkaProperties = async (addresses: KafkaAddresses): Promise<string> => {
  const { listenHost, ports, advertised, dataDirectory } = addresses;
  const own = listenHost === '' ? 'localhost' : listenHost;
  return [
    await readFile(SETTINGS, 'utf8'),
    `listeners=CLIENT://${listenHost}:${ports.client},BROKER://${own}:${ports.broker},CONTROLLER://${own}:${ports.controller}`,
    `advertised.listeners=CLIENT://${advertised},BROKER://${own}:${ports.broker}`,
    `controller.quorum.voters=1@${own}:${ports.controller}`,
    `log.dirs=${dataDirectory}`,
    '',
  ].join('\n');
};
