import type { Clock, Random } from './clock.ts'

// the one place in core that touches the machine's own time and chance

/** The machine's clocks. Timers do keep the process alive: what they guard is a call somebody awaits. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  timer(ms, callback) {
    const timer = setTimeout(callback, Math.max(0, Math.min(ms, 2 ** 31 - 1)))
    return { cancel: () => clearTimeout(timer) }
  },
  turn: () => new Promise(resolve => setImmediate(resolve)),
}

export const systemRandom: Random = () => Math.random()
