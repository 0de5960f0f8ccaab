import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test, vi } from 'vitest'

const parent = `
import { spawn } from 'node:child_process'
import { tether } from '${new URL('./tether.ts', import.meta.url).href}'
const stopped = spawn('sleep', ['600'])
tether(stopped)
const freed = spawn('true')
tether(freed)
freed.once('exit', () => console.log(stopped.pid))
`

test('what is tethered dies with its parent, stopped and by SIGKILL', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', parent], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  const pid = Number(said)
  process.kill(pid, 'SIGSTOP')
  expect(isAlive(pid)).toBe(true)
  child.kill('SIGKILL')
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 20_000 })
}, 30_000)

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
