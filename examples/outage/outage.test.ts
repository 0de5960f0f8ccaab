import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('answers every request through the outage, and goes on with streams that break in the middle of a sentence', async () => {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  const env = { ...process.env, DEMO_BEAT_MS: '8', NO_COLOR: '1' }
  const { stdout } = await promisify(execFile)(process.execPath, [main], { env })
  expect(stdout).toContain('every answer is simulated')
  expect(stdout).toContain('18 of 18 requests answered, 0 errors seen by the caller.')
  expect(stdout).toMatch(/The primary answered again \d requests after it was well\./)
  const attempts = Number(/9 requests, (\d+) attempts at the dead provider/.exec(stdout)?.[1])
  expect(attempts).toBeGreaterThanOrEqual(4)
  expect(attempts).toBeLessThanOrEqual(12)
  expect(stdout.match(/Exact: 162 of 162 characters, none twice and none lost/g)).toHaveLength(2)
  expect(stdout).toMatch(/A clear error, and the \d+ characters that were shown are in it: .*other words/)
}, 60_000)
