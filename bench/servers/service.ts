// (3) The api process, as bin/api.ts composes it from the environment: node bench/servers/service.ts <port>

import { reportToParent } from './measured-child.ts';

await import('../../src/bin/api.ts');
reportToParent(Number(process.argv[2]));
