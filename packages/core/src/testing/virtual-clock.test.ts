import { describe, expect, it } from 'vitest'
import { VirtualClock } from './virtual-clock.ts'

describe('a virtual clock', () => {
  it('moves both its times together, and only when told to', async () => {
    const clock = new VirtualClock({ monotonic: 500, wall: Date.UTC(2030, 0, 1) })
    expect([clock.monotonic(), clock.wall()]).toEqual([500, Date.UTC(2030, 0, 1)])
    await clock.advance(1_500)
    expect([clock.monotonic(), clock.wall()]).toEqual([2_000, Date.UTC(2030, 0, 1) + 1_500])
    expect(new VirtualClock().wall()).toBe(Date.UTC(2026, 0, 1))
  })

  it('runs timers in the order of their time, then of their setting, each at its own time', async () => {
    const clock = new VirtualClock({ monotonic: 0 })
    const ran: unknown[] = []
    const timer = (ms: number, name: string): unknown => clock.timer(ms, () => ran.push([name, clock.monotonic()]))
    timer(30, 'c')
    timer(10, 'a')
    timer(30, 'd')
    timer(20, 'b')
    timer(31, 'late')
    await clock.advance(30)
    expect(ran).toEqual([
      ['a', 10],
      ['b', 20],
      ['c', 30],
      ['d', 30],
    ])
    expect(clock.pending).toBe(1)
    expect(clock.nextIn).toBe(1)
  })

  it('runs timers that timers and their promises set, as they fall due', async () => {
    const clock = new VirtualClock({ monotonic: 0 })
    const ran: number[] = []
    const sleep = (ms: number): Promise<void> => new Promise(resolve => clock.timer(ms, resolve))
    const chain = (async () => {
      for (let times = 0; times < 3; times++) {
        await sleep(10)
        await new Promise(resolve => setImmediate(resolve))
        ran.push(clock.monotonic())
      }
    })()
    clock.timer(15, () => ran.push(clock.monotonic()))
    await clock.advance(30)
    await chain
    expect(ran).toEqual([10, 15, 20, 30])
    expect(clock.pending).toBe(0)
    expect(clock.nextIn).toBeUndefined()
  })

  it('forgets a cancelled timer', async () => {
    const clock = new VirtualClock()
    let ran = false
    const timer = clock.timer(10, () => {
      ran = true
    })
    timer.cancel()
    timer.cancel()
    expect(clock.pending).toBe(0)
    await clock.advance(100)
    expect(ran).toBe(false)
  })

  it('gives a turn after everything that is already due', async () => {
    const clock = new VirtualClock({ monotonic: 0 })
    const ran: string[] = []
    clock.timer(0, () => ran.push('due'))
    const turn = clock.turn().then(() => ran.push('turn'))
    clock.timer(-5, () => ran.push('after'))
    expect(clock.pending).toBe(3)
    await clock.advance(0)
    await turn
    expect(ran).toEqual(['due', 'turn', 'after'])
    expect(clock.monotonic()).toBe(0)
  })

  it('runs all there is, up to a limit', async () => {
    const clock = new VirtualClock({ monotonic: 0 })
    const ran: number[] = []
    clock.timer(5, () => clock.timer(50_000, () => ran.push(clock.monotonic())))
    await clock.runAll()
    expect(ran).toEqual([50_005])
    const again = (): unknown => clock.timer(1, again)
    again()
    await expect(clock.runAll(20)).rejects.toThrow('After 20 events there are still 1 waiting.')
  })

  it('passes on what a callback throws', async () => {
    const clock = new VirtualClock()
    clock.timer(1, () => {
      throw new Error('in a timer')
    })
    await expect(clock.advance(1)).rejects.toThrow('in a timer')
  })
})
