// The documentation page in a browser: log in, authorize with the token and read the account, without errors in the console.

import { env } from 'node:process';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../../src/http/api.ts';
import { findBrowser, openBrowser } from '../../support/browser.ts';
import { newUser, PASSWORD } from '../../support/http/actors.ts';
import { makeTestApp } from '../../support/http/make-test-app.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';
import { makeTestRedis } from '../../support/test-redis.ts';

const executable = findBrowser();
if (executable === undefined) {
  process.stdout.write(
    'SKIPPED: the documentation page in a browser; install Chromium, or set CHROMIUM to its path.\n',
  );
}

describe.skipIf(executable === undefined)('the documentation page', { timeout: 60_000 }, () => {
  let database: TestDatabase;
  let whole: Awaited<ReturnType<typeof makeTestApp>>;
  let app: Api;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];
  const documents: string[] = [];

  beforeAll(async () => {
    database = await makeTestDatabase();
    whole = await makeTestApp({ database, redis: makeTestRedis() });
    app = await whole.serve();
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    browser = await openBrowser(executable ?? '');
    page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on(
      'request',
      (request) => request.resourceType() === 'fetch' && documents.push(new URL(request.url()).pathname),
    );
    await page.goto(`${url}/docs`);
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await app.close();
    await whole.close();
    await database.drop();
  });

  /** Opens an operation, fills in the request, executes it, and returns the body of the response. */
  const execute = async (
    operation: string,
    fill: (block: ReturnType<Page['locator']>) => Promise<void>,
  ): Promise<string> => {
    const block = page.locator(`[id$="-${operation}"]`);
    await block.locator('.opblock-summary-control').click();
    await fill(block);
    const received = page.waitForResponse((response) => response.url().includes('/api/v1/'));
    await block.locator('button.execute').click();
    await block.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor();
    return (await received).text();
  };

  it('has the name of the project and reads /openapi.json', async () => {
    await page.locator('.information-container', { hasText: 'user-service' }).waitFor();

    expect(await page.title()).toBe('user-service API');
    expect(await page.locator('.topbar-wrapper a.link img').getAttribute('src')).toContain('data:image/svg+xml');
    expect(documents).toEqual(['/openapi.json']);
  });

  it('logs in, authorizes and reads the account', async () => {
    const { id, username } = await newUser(app);
    const login = await execute('logIn', (block) =>
      block.locator('textarea').fill(JSON.stringify({ login: username, password: PASSWORD })),
    );
    const { access_token: token } = JSON.parse(login) as { access_token: string };

    await page.locator('button.authorize').first().click();
    await page.locator('.modal-ux input').first().fill(token);
    await page.locator('.modal-ux button.authorize').first().click();
    await page.locator('.modal-ux button.btn-done').click();

    const user = await execute('readUser', (block) => block.locator('tr[data-param-name="id"] input').fill(id));
    expect(JSON.parse(user)).toMatchObject({ id, username });
    await page.locator('.live-responses-table', { hasText: `"username": "${username}"` }).waitFor();
    expect(errors).toEqual([]);
    if (env.SCREENSHOT) await page.screenshot({ path: env.SCREENSHOT, fullPage: true });
  });
});
