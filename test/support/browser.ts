import { existsSync } from 'node:fs';
import { env } from 'node:process';
import { chromium, type Browser } from 'playwright-core';

const PATHS = [
  env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The path of an installed Chromium (`CHROMIUM` takes precedence), or undefined. Nothing is downloaded. */
export const findBrowser = (): string | undefined => PATHS.find((path) => path !== '' && existsSync(path));

export const openBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
