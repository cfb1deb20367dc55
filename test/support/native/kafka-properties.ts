import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type KafkaAddresses = {
  /** What the node binds to; empty for every address. */
  readonly listenHost: string;
  readonly ports: { readonly client: number; readonly broker: number; readonly controller: number };
  /** What clients are told to connect to: `host:port`. */
  readonly advertised: string;
  readonly dataDirectory: string;
};

const SETTINGS = join(import.meta.dirname, 'server.properties');

/**
 * The settings of a Kafka node. It talks to itself on an address of its own, so that clients can be sent somewhere else, to a
 * mapped port or through a proxy.
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
