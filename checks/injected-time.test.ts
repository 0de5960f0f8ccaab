import { describe, expect, test } from 'vitest'
import { mayReadSystemClock, uninjectedTime } from './injected-time.ts'
import { sourceFiles, workspacePackages } from './workspace.ts'

describe('time and randomness', () => {
  test('core takes them only by injection', () => {
    const core = workspacePackages().find(({ folder }) => folder === 'core')
    const files = core ? sourceFiles(core).filter(({ path }) => !mayReadSystemClock(path)) : []
    expect(files.length).toBeGreaterThan(10)
    expect(files.flatMap(({ path, text }) => uninjectedTime(text, path))).toEqual([])
  })

  test.each([
    'const now = Date.now()',
    "const now = Date['now']()",
    'const now = new Date()',
    'const now = Date()',
    'const { now } = Date',
    'const D = Date',
    'performance.now()',
    'globalThis.performance.now()',
    'setTimeout(() => {}, 1)',
    'setInterval(() => {}, 1)',
    'setImmediate(() => {})',
    'const later = setTimeout',
    'globalThis.setTimeout(() => {}, 1)',
    'const { setTimeout: later } = globalThis',
    'const clock = { setTimeout }',
    'const later = setTimeout as unknown as () => void',
    'AbortSignal.timeout(5)',
    'Math.random()',
    'const { random } = Math',
    'crypto.randomUUID()',
    'process.hrtime()',
    "import { setTimeout as sleep } from 'node:timers/promises'",
    "import { performance as p } from 'perf_hooks'",
  ])('this is found: %s', text => {
    expect(uninjectedTime(text, 'src/planted.ts').length).toBeGreaterThan(0)
  })

  test.each([
    'queueMicrotask(() => {})',
    'const at = Date.parse(header)',
    'const at = new Date(clock.wallNow())',
    'value instanceof Date',
    'clock.setTimeout(() => {}, 1)',
    'const options = { setTimeout: 5 }',
    'Math.min(1, 2)',
    'AbortSignal.any([a, b])',
    'globalThis.structuredClone(x)',
    'type Timer = ReturnType<typeof setTimeout>',
    'interface Clock { setTimeout(run: () => void): void; performance: number }',
    'class Fake { setTimeout() {} }',
    "const text = 'Date.now()' // Date.now()",
  ])('this is fine: %s', text => {
    expect(uninjectedTime(text, 'src/planted.ts')).toEqual([])
  })

  test('a finding names the file and the line', () => {
    expect(uninjectedTime('\n\nMath.random()', 'src/planted.ts')).toEqual(['src/planted.ts:3 uses Math'])
  })

  test('only the system clock, the testing entry and tests are exempt', () => {
    expect(mayReadSystemClock('src/clock/system-clock.ts')).toBe(true)
    expect(mayReadSystemClock('src/testing/virtual-clock.ts')).toBe(true)
    expect(mayReadSystemClock('src/breaker/breaker.test.ts')).toBe(true)
    expect(mayReadSystemClock('src/breaker/breaker.ts')).toBe(false)
    expect(mayReadSystemClock('src/clock/clock.ts')).toBe(false)
  })
})
