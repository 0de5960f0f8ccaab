import { describe, expect, it } from 'vitest'
import { systemClock, systemRandom } from './system-clock.ts'

describe('the machine clocks', () => {
  it('grow, and agree with the machine', () => {
    const first = systemClock.monotonic()
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(first)
    expect(Math.abs(systemClock.wall() - Date.now())).toBeLessThan(1_000)
  })

  it('fire a timer that is due already, or never fits a timer, without a warning', async () => {
    const warnings: Error[] = []
    const listen = (warning: Error) => warnings.push(warning)
    process.on('warning', listen)
    await new Promise<void>(resolve => systemClock.timer(-5, resolve))
    systemClock.timer(Number.POSITIVE_INFINITY, () => warnings.push(new Error('fired'))).cancel()
    await systemClock.turn()
    process.off('warning', listen)
    expect(warnings).toEqual([])
  })

  it('cancel a timer', async () => {
    let fired = false
    systemClock
      .timer(0, () => {
        fired = true
      })
      .cancel()
    await new Promise<void>(resolve => systemClock.timer(5, resolve))
    expect(fired).toBe(false)
  })

  it('draw a chance from 0 up to 1', () => {
    for (let draw = 0; draw < 100; draw++) {
      const chance = systemRandom()
      expect(chance >= 0 && chance < 1).toBe(true)
    }
  })
})
