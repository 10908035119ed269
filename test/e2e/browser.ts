import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';

const executablePath = '/usr/bin/chromium';

/** Whether there is a browser to look with; `.ci/run` installs one. */
export const hasBrowser = existsSync(executablePath);

/** Opens a page in headless Chromium, looks at it, and closes the browser. */
export async function withPage<T>(look: (page: Page) => Promise<T>): Promise<T> {
  const browser = await chromium.launch({
    executablePath,
    // A browser of its own under root: no sandbox, and nothing that calls home.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
  try {
    return await look(await browser.newPage({ viewport: { width: 1600, height: 1000 } }));
  } finally {
    await browser.close();
  }
}
