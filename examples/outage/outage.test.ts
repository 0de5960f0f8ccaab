import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('answers every request through the outage, sparing the dead provider, and comes back to it', async () => {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  const env = { ...process.env, DEMO_BEAT_MS: '8', NO_COLOR: '1' }
  const { stdout } = await promisify(execFile)(process.execPath, [main], { env })
  expect(stdout).toContain('25 of 25 requests answered, 0 errors seen by the caller.')
  expect(stdout).toMatch(/The primary answered again \d requests after it was well\./)
  const attempts = Number(/12 requests, (\d+) attempts at the dead provider/.exec(stdout)?.[1])
  expect(attempts).toBeGreaterThanOrEqual(4)
  expect(attempts).toBeLessThanOrEqual(12)
}, 30_000)
