// The docs page in a real browser: log in, authorize with the token, read the account.

import assert from 'node:assert/strict';

import type { Locator, Page } from 'playwright-core';

import type { Tokens, User } from '../src/api.ts';
import { findBrowser, openBrowser } from '../src/browser.ts';
import { expectStatus } from '../src/expect-status.ts';
import { journey } from '../src/journey.ts';
import { newRegistration } from '../src/test-user.ts';

const executable = findBrowser();
const skip = executable === undefined ? 'Chromium not found; set CHROMIUM to its path' : undefined;

/** Opens an operation, fills in its inputs, executes it and returns the response body. */
const execute = async (page: Page, operation: string, fill: (block: Locator) => Promise<void>): Promise<unknown> => {
  const block = page.locator(`[id$="-${operation}"]`);
  await block.locator('.opblock-summary-control').click();
  await fill(block);
  const responded = page.waitForResponse((response) => response.url().includes('/api/v1/'));
  await block.locator('button.execute').click();
  await block.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor();
  return (await responded).json();
};

journey(
  'the docs page in a browser',
  async ({ api, baseUrl, step }) => {
    const registration = newRegistration();
    const { id } = await step('register', async () => expectStatus(await api.registerUser(registration), 201));
    const browser = await openBrowser(executable ?? '');
    const errors: string[] = [];
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
      page.setDefaultTimeout(10_000);
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      await step('open the page', () => page.goto(`${baseUrl}/docs`));

      const { access_token: token } = await step('log in', async () => {
        const body = JSON.stringify({ login: registration.username, password: registration.password });
        return (await execute(page, 'logIn', (block) => block.locator('textarea').fill(body))) as Tokens;
      });

      await step('authorize', async () => {
        await page.locator('button.authorize').first().click();
        await page.locator('.modal-ux input').first().fill(token);
        await page.locator('.modal-ux button.authorize').first().click();
        await page.locator('.modal-ux button.btn-done').click();
      });

      await step('read the account', async () => {
        const fill = (block: Locator) => block.locator('tr[data-param-name="id"] input').fill(id);
        assert.equal(((await execute(page, 'readUser', fill)) as User).username, registration.username);
        assert.deepEqual(errors, []);
      });
    } finally {
      await browser.close();
    }
  },
  { skip },
);
