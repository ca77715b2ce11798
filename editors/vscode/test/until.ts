// Waits for what another process brings about.

import { setTimeout as sleep } from "node:timers/promises";

export async function until(what: string, holds: () => boolean, tries = 1000): Promise<void> {
  for (let turn = 0; turn < tries; turn++) {
    if (holds()) {
      return;
    }
    await sleep(10);
  }
  throw new Error(`waited in vain for ${what}`);
}
