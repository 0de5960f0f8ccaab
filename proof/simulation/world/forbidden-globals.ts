/**
 * While a world lives, nobody reads the machine's time or chance: it throws, and is told. What the test runner
 * does for itself goes through.
 */
export function forbidRealTime(told: (problem: string) => void): Disposable {
  const restore: (() => void)[] = []
  const forbid = <Owner extends object>(owner: Owner, name: keyof Owner & string): void => {
    const real = owner[name] as (...args: unknown[]) => unknown
    const guarded = function (this: unknown, ...args: unknown[]): unknown {
      // the first frame is this guard, the second who calls
      const limit = Error.stackTraceLimit
      Error.stackTraceLimit = 2
      const caller = new Error().stack?.split('\n')[2] ?? ''
      Error.stackTraceLimit = limit
      if (caller.includes('node_modules') || caller.includes('node:')) return real.apply(owner, args)
      const problem = `${name} of the machine was used ${caller.trim()}`
      told(problem)
      throw new Error(problem)
    }
    owner[name] = Object.assign(guarded, real) as Owner[typeof name]
    restore.push(() => {
      owner[name] = real as Owner[typeof name]
    })
  }
  forbid(Date, 'now')
  forbid(Math, 'random')
  forbid(performance, 'now')
  forbid(AbortSignal, 'timeout')
  forbid(globalThis, 'setTimeout')
  forbid(globalThis, 'setInterval')
  forbid(crypto, 'randomUUID')
  return { [Symbol.dispose]: () => restore.forEach(again => void again()) }
}
