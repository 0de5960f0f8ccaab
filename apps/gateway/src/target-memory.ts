import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BoardSnapshot } from '@switchyard/core'
import type { PerformanceSnapshot } from '@switchyard/core/routing'
import type { TargetsInUse } from './admin-state.ts'

interface Remembered {
  readonly version: 1
  readonly circuits: BoardSnapshot
  readonly performance?: PerformanceSnapshot
}

/** What is older says nothing of targets any more; isolations hold until somebody ends them. */
const memoryMs = 3_600_000
const largestBytes = 16_000_000

/** Carries what is known of targets from one run of the gateway to the next, in its data directory. */
export class TargetMemory {
  readonly #file: string
  readonly #directory: string
  readonly #targets: TargetsInUse
  readonly #failed: (error: Error) => void
  #saving: Promise<void> = Promise.resolve()

  /** `failed` hears of a file that cannot be read or written: nothing else comes of it. */
  constructor(directory: string, targets: TargetsInUse, failed: (error: Error) => void) {
    this.#directory = directory
    this.#file = join(directory, 'targets.json')
    this.#targets = targets
    this.#failed = failed
  }

  /** Goes on from the last run, where there was one. Never rejects. */
  async restore(): Promise<void> {
    try {
      const { size } = await stat(this.#file)
      if (size > largestBytes) throw new Error(`it has ${size} bytes, and no more than ${largestBytes} are read`)
      const kept = JSON.parse(await readFile(this.#file, 'utf8')) as Remembered | null
      if (kept?.version !== 1) throw new Error(`it has the version ${kept?.version}, and 1 is read`)
      const { circuits, performance } = kept
      this.#targets.breakers.restore(isOld(circuits) ? isolations(circuits) : circuits)
      if (performance !== undefined && !isOld(performance)) this.#targets.performance?.restore(performance)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#fail('read', error)
    }
  }

  /** Settles when all that was known at the call is kept. Never rejects. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#write())
    return this.#saving
  }

  async #write(): Promise<void> {
    const { breakers, performance } = this.#targets
    const remembered: Remembered = {
      version: 1,
      circuits: breakers.snapshot(),
      ...(performance && { performance: performance.snapshot() }),
    }
    // whoever reads it finds the old one or the new one
    const unfinished = `${this.#file}.new`
    try {
      const text = JSON.stringify(remembered)
      if (text.length > largestBytes) throw new Error(`it would have ${text.length} bytes`)
      await mkdir(this.#directory, { recursive: true })
      await writeFile(unfinished, text, { mode: 0o600 })
      await rename(unfinished, this.#file)
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => undefined)
      this.#fail('written', error)
    }
  }

  #fail(what: 'read' | 'written', error: unknown): void {
    const { message } = error as Error
    this.#failed(new Error(`What is known of targets is not ${what}: ${this.#file}: ${message}`))
  }
}

function isOld(snapshot: { readonly at: number } | undefined): boolean {
  return Date.now() - (snapshot?.at ?? Number.NaN) > memoryMs
}

function isolations({ circuits, ...snapshot }: BoardSnapshot): BoardSnapshot {
  const kept = Object.entries(circuits).filter(([, { state }]) => state?.name === 'isolated')
  return { ...snapshot, circuits: Object.fromEntries(kept) }
}
