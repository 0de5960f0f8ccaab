import { rememberFormats } from './remembered-formats.ts'
import { Coverage } from './world/coverage.ts'
import { forbidRealTime } from './world/forbidden-globals.ts'

/** What came of one seed. */
export interface Verdict {
  readonly problems: readonly string[]
  readonly fingerprint: number
  readonly coverage: ReadonlyMap<string, number>
  /** Only where it was to be readable. */
  readonly trace: readonly string[] | undefined
  readonly callers: number
  readonly acknowledged: number
}

export interface SeedRunOptions {
  readonly first: number
  readonly count: number
  /** From one seed to the next; default 1. */
  readonly step?: number
  /** The tests that live one of these seeds again, as they are named on the command line. */
  readonly replay: string
  /** Told every ten thousand seeds. */
  readonly onProgress?: (done: number) => void
}

/** What came of many seeds, up to the first that failed. */
export class SeedRun {
  readonly coverage = new Coverage()
  readonly #traces = new Set<number>()
  seeds = 0
  callers = 0
  acknowledged = 0
  /** What broke, and the command that lets it happen again. */
  failure: string | undefined
  problems: readonly string[] = []

  get distinctTraces(): number {
    return this.#traces.size
  }

  add(verdict: Verdict): void {
    this.seeds++
    this.callers += verdict.callers
    this.acknowledged += verdict.acknowledged
    this.#traces.add(verdict.fingerprint)
    this.coverage.merge(verdict.coverage)
  }

  summary(): string {
    const { seeds, distinctTraces, callers, acknowledged, coverage } = this
    const pairs = `${coverage.entries.length} pairs of a state and an event`
    return `${seeds} seeds, ${distinctTraces} distinct traces, ${callers} callers, ${acknowledged} answered, ${pairs}`
  }
}

/** Lives seeds one after another until one fails. */
export async function liveSeeds(
  simulate: (seed: number) => Promise<Verdict>,
  { first, count, step = 1, replay, onProgress }: SeedRunOptions,
): Promise<SeedRun> {
  const run = new SeedRun()
  const forbidden: string[] = []
  using _ = forbidRealTime(problem => forbidden.push(problem))
  using __ = withoutStacks()
  using ___ = rememberFormats()
  for (let seed = first; run.seeds < count; seed += step) {
    const verdict = await simulate(seed)
    run.add(verdict)
    run.problems = [...verdict.problems, ...forbidden]
    if (run.problems.length > 0) {
      run.failure = `${run.problems.join('\n')}\nSEED=${seed} npx vitest run ${replay}`
      break
    }
    if (run.seeds % 10_000 === 0) onProgress?.(run.seeds)
  }
  return run
}

/** Errors are thrown by the thousand, and nobody reads where. */
function withoutStacks(): Disposable {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  return {
    [Symbol.dispose]: () => {
      Error.stackTraceLimit = limit
    },
  }
}
