import {
  abortedError,
  type Clock,
  type EventHub,
  isSwitchyardError,
  SwitchyardError,
  systemClock,
} from '@switchyard/core'
import { Cron } from 'croner'
import type { Catalog } from '../catalog.ts'
import { announceSync, type SyncFailure } from './announce-sync.ts'
import { askProvider, type ModelSource } from './ask-provider.ts'
import { goneModels, type ModelChanges, modelChanges } from './model-changes.ts'
import { ModelListFile } from './model-list-file.ts'
import type { ModelList, ModelLists } from './model-lists.ts'

export interface CatalogSyncOptions {
  /** Learns what the providers tell. */
  readonly catalog: Pick<Catalog, 'get' | 'learn'>
  /** Who is asked; a function is called at each sync. */
  readonly providers: readonly ModelSource[] | (() => readonly ModelSource[])
  /** The file that keeps what was told over a restart; default: nothing is kept. Written by one process only. */
  readonly store?: string
  /** A cron pattern, in UTC: `0 4 * * *` is every day at 4. Default: only on demand. It keeps no process alive. */
  readonly schedule?: string
  /** Hears of new, changed, deprecated and gone models, and of what failed. */
  readonly events?: EventHub
  /** Default: the machine's. The schedule always follows the machine's. */
  readonly clock?: Clock
  /** How long one provider may take, in milliseconds. Default one minute. */
  readonly timeoutMs?: number
  /** Called at the end of each sync that was not aborted; the catalogue has learned by then. */
  readonly onSynced?: () => void
}

export interface SyncOptions {
  readonly signal?: AbortSignal
}

/** What a sync came to. */
export interface SyncReport {
  /** Milliseconds since 1970. */
  readonly at: number
  /** What was different, by the ids of the providers that answered. */
  readonly changes: Readonly<Record<string, ModelChanges>>
  /** The providers that did not answer; their old lists still hold. */
  readonly failed: readonly SyncFailure[]
  /** What was wrong with the file, where anything was. */
  readonly problems: readonly string[]
}

/** Keeps a catalogue up to date with the providers' own lists. */
export interface CatalogSync extends AsyncDisposable {
  /** Learns what the file kept; the first sync does so too. Never throws. */
  load(): Promise<void>
  /**
   * Asks every provider, one sync after the other. A provider that fails does not fail the sync.
   *
   * @throws {SwitchyardError} `aborted`; then nothing was learned. `invalid-request` after `dispose`.
   */
  sync(options?: SyncOptions): Promise<SyncReport>
  /** When the schedule comes next, in milliseconds since 1970. */
  readonly nextAt: number | undefined
  /** Ends the schedule and aborts what is under way; idempotent. */
  dispose(): Promise<void>
}

/** @throws {SwitchyardError} `invalid-request` where the schedule is no cron pattern, or one that never comes. */
export function catalogSync(options: CatalogSyncOptions): CatalogSync {
  return new ScheduledSync(options)
}

const minute = 60_000

class ScheduledSync implements CatalogSync {
  readonly #options: CatalogSyncOptions
  readonly #clock: Clock
  readonly #file: ModelListFile | undefined
  readonly #cron: Cron | undefined
  readonly #ended = new AbortController()
  #lists: ModelLists = new Map()
  #loading: Promise<string | undefined> | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: CatalogSyncOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#file = options.store === undefined ? undefined : new ModelListFile(options.store)
    this.#cron = options.schedule === undefined ? undefined : this.#scheduled(options.schedule)
  }

  get nextAt(): number | undefined {
    return this.#cron?.nextRun()?.getTime()
  }

  async load(): Promise<void> {
    await this.#loaded()
  }

  async sync({ signal }: SyncOptions = {}): Promise<SyncReport> {
    const ended = this.#ended.signal
    if (ended.aborted) throw new SwitchyardError('invalid-request', 'The sync of the catalogue was disposed.')
    const either = signal === undefined ? ended : AbortSignal.any([signal, ended])
    const run = this.#last.then(() => this.#run(either))
    this.#last = run.catch(() => {})
    return run
  }

  async dispose(): Promise<void> {
    this.#cron?.stop()
    this.#ended.abort(new SwitchyardError('aborted', 'The sync of the catalogue was disposed.'))
    await this.#last
    await this.#loading
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose()
  }

  #scheduled(pattern: string): Cron {
    let cron: Cron
    try {
      const options = { timezone: 'UTC', unref: true, protect: true }
      // what can fail is in the report and in events, but for the abort of dispose
      cron = new Cron(pattern, options, () => this.sync().then(undefined, () => {}))
    } catch (error) {
      throw new SwitchyardError(
        'invalid-request',
        `The schedule "${pattern}" is no cron pattern, such as "0 4 * * *" for every day at 4: ${(error as Error).message}`,
      )
    }
    if (cron.nextRun() !== null) return cron
    cron.stop()
    throw new SwitchyardError(
      'invalid-request',
      `The schedule "${pattern}" never comes; "0 4 * * *" is every day at 4.`,
    )
  }

  #loaded(): Promise<string | undefined> {
    this.#loading ??= this.#read()
    return this.#loading
  }

  async #read(): Promise<string | undefined> {
    if (this.#file === undefined) return undefined
    const { lists, problem } = await this.#file.read()
    this.#lists = lists
    for (const [provider, list] of lists) this.#options.catalog.learn(provider, list)
    if (problem !== undefined) this.#fileFailed(this.#file.path, problem)
    return problem
  }

  async #run(signal: AbortSignal): Promise<SyncReport> {
    const first = this.#loading === undefined
    const unread = await this.#loaded()
    if (signal.aborted) throw abortedError(signal.reason)
    const { providers, timeoutMs = minute, catalog } = this.#options
    const asked = typeof providers === 'function' ? providers() : providers
    const answers = await Promise.allSettled(
      asked.map(provider => askProvider(provider, this.#clock, timeoutMs, signal)),
    )
    if (signal.aborted) throw abortedError(signal.reason)
    const at = this.#clock.wall()
    const lists = new Map(this.#lists)
    const changes: Record<string, ModelChanges> = {}
    const failed: SyncFailure[] = []
    for (const [index, answer] of answers.entries()) {
      const { id } = asked[index] as ModelSource
      if (answer.status === 'rejected') {
        failed.push({ provider: id, error: failureOf(id, answer.reason) })
        continue
      }
      const before = lists.get(id)
      const found = modelChanges(before, answer.value, model => catalog.get(id, model))
      changes[id] = found
      lists.set(id, { at, models: answer.value, gone: goneModels(before, answer.value, found.gone, at) })
    }
    const unwritten = await this.#keep(lists, changes)
    if (this.#options.events) announceSync(this.#options.events, at, changes, failed)
    this.#options.onSynced?.()
    const problems = [first ? unread : undefined, unwritten].filter(problem => problem !== undefined)
    return { at, changes, failed, problems }
  }

  async #keep(lists: ReadonlyMap<string, ModelList>, changes: Readonly<Record<string, ModelChanges>>) {
    this.#lists = lists
    for (const provider of Object.keys(changes)) {
      this.#options.catalog.learn(provider, lists.get(provider) as ModelList)
    }
    if (this.#file === undefined || Object.keys(changes).length === 0) return undefined
    const { path } = this.#file
    return this.#file.write(lists).then(
      () => undefined,
      (error: Error) => {
        const problem = `The providers' models could not be written to ${path}: ${error.message}. They hold until this process ends.`
        this.#fileFailed(path, problem)
        return problem
      },
    )
  }

  #fileFailed(path: string, message: string): void {
    this.#options.events?.emit('model-file-failed', { at: this.#clock.wall(), path, message })
  }
}

// another's error may hold anything, a credential included
function failureOf(provider: string, reason: unknown): SwitchyardError {
  if (isSwitchyardError(reason)) return reason
  return new SwitchyardError('unavailable', `Provider "${provider}" could not tell its models.`, {
    provider,
    cause: reason,
  })
}
