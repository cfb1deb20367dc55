import { existsSync } from 'node:fs';
import { env } from 'node:process';

import { chromium, type Browser } from 'playwright-core';

const PLACES = [
  env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** A Chromium that is installed here, or undefined; `CHROMIUM` names another one. Nothing is downloaded. */
export const findBrowser = (): string | undefined => PLACES.find((path) => path !== '' && existsSync(path));

export const openBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
