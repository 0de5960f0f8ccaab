import { constants } from 'node:fs'
import { type FileHandle, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SwitchyardError } from '@switchyard/core'
import { GroupCommit } from '../store/group-commit.ts'
import type { LedgerOperation } from '../store/ledger-operation.ts'
import { journalHeader, journalLine, readJournalLine } from './journal-lines.ts'

export interface JournalPart {
  readonly operations: readonly LedgerOperation[]
  /** Lines that nobody confirmed, or that something else damaged. */
  readonly unreadable: number
  /** Where the next part begins. */
  readonly end: number
}

/**
 * A file of operations that wait for the database. What is appended is durable when that resolves; many appended at
 * once share one write and one sync.
 */
export class Journal {
  readonly #path: string
  readonly #file: FileHandle
  readonly #maxBytes: number
  readonly #appending: GroupCommit<string>
  /** All before it is durable. */
  #size: number
  #broken = false
  #clearing: Promise<void> = Promise.resolve()

  private constructor(path: string, file: FileHandle, size: number, maxBytes: number) {
    this.#path = path
    this.#file = file
    this.#size = size
    this.#maxBytes = maxBytes
    this.#appending = new GroupCommit(lines => this.#write(lines), Number.POSITIVE_INFINITY)
  }

  /** Opens what an earlier process left, or a new one. */
  static async open(path: string, maxBytes: number): Promise<Journal> {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600)
    try {
      let { size } = await file.stat()
      if (size < journalHeader.length) {
        await file.truncate(0)
        await file.write(journalHeader, 0)
        await file.sync()
        await syncDirectory(dirname(path))
        size = journalHeader.length
      }
      const head = Buffer.alloc(journalHeader.length)
      await file.read(head, 0, head.length, 0)
      if (head.toString() !== journalHeader) throw foreignFile(path)
      return new Journal(path, file, await endOfLines(file, size), maxBytes)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Where the first part begins. */
  get start(): number {
    return journalHeader.length
  }

  get isEmpty(): boolean {
    return this.#size === journalHeader.length
  }

  get size(): number {
    return this.#size
  }

  /** Resolves when it is durable; throws `unavailable` when the journal is full, or cannot be written. */
  append(operation: LedgerOperation): Promise<void> {
    return this.#appending.add(journalLine(operation))
  }

  /** What is durable from a place on. */
  async read(from: number): Promise<JournalPart> {
    const end = this.#size
    const bytes = Buffer.alloc(end - from)
    await this.#file.read(bytes, 0, bytes.length, from)
    const lines = bytes.toString().split('\n').slice(0, -1)
    const operations = lines.map(readJournalLine)
    const readable = operations.filter(operation => operation !== undefined)
    return { operations: readable, unreadable: operations.length - readable.length, end }
  }

  /**
   * Forgets everything, where all up to `end` was taken over and nothing came since: `taken` is called at that moment,
   * so that nothing can come in between.
   */
  async clear(end: number, taken: () => void): Promise<boolean> {
    await this.#appending.idle()
    if (end !== this.#size || !this.#appending.isIdle) return false
    taken()
    this.#size = journalHeader.length
    this.#clearing = this.#cutTail()
    await this.#clearing
    return true
  }

  async close(): Promise<void> {
    await this.#appending.idle()
    await this.#clearing
    await this.#file.close()
  }

  async #write(lines: readonly string[]): Promise<readonly PromiseSettledResult<void>[]> {
    await this.#clearing
    const room = this.#maxBytes - this.#size
    let bytes = 0
    const kept: string[] = []
    const outcomes = lines.map((line): PromiseSettledResult<void> => {
      const length = Buffer.byteLength(line)
      if (bytes + length > room) return { status: 'rejected', reason: this.#full() }
      bytes += length
      kept.push(line)
      return { status: 'fulfilled', value: undefined }
    })
    if (kept.length === 0) return outcomes
    try {
      if (this.#broken) await this.#cutTail()
      if (this.#broken) throw Object.assign(new Error(), { code: 'EIO' })
      await writeAll(this.#file, Buffer.from(kept.join('')), this.#size)
      await this.#file.datasync()
      this.#size += bytes
      return outcomes
    } catch (error) {
      this.#broken = true
      const { code } = error as NodeJS.ErrnoException
      const reason = unavailable(`The ledger's journal ${this.#path} cannot be written (${code}).`)
      return lines.map(() => ({ status: 'rejected', reason }))
    }
  }

  // what lies behind must not stand between durable lines: the next write tries again where this fails
  async #cutTail(): Promise<void> {
    try {
      await this.#file.truncate(this.#size)
      await this.#file.sync()
      this.#broken = false
    } catch {
      this.#broken = true
    }
  }

  #full(): SwitchyardError {
    const size = `${this.#maxBytes} bytes`
    return unavailable(`The ledger's database is away and its journal ${this.#path} is full (${size}).`)
  }
}

function unavailable(message: string): SwitchyardError {
  return new SwitchyardError('unavailable', message, { code: 'ledger' })
}

function foreignFile(path: string): SwitchyardError {
  return unavailable(`${path} is no journal of this version of the ledger. Move it away to go on without it.`)
}

// a write that a crash tore has no line's end, and nobody was told that it is durable
async function endOfLines(file: FileHandle, size: number): Promise<number> {
  const text = await readFile(file)
  const end = text.lastIndexOf(0x0a, size) + 1
  if (end < size) {
    await file.truncate(end)
    await file.sync()
  }
  return end
}

// a disk that is nearly full takes a part and calls that a success; the next write is refused
async function writeAll(file: FileHandle, bytes: Buffer, place: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at, place + at)).bytesWritten
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  await directory.sync().finally(() => directory.close())
}
