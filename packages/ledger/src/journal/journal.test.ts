import { execFile } from 'node:child_process'
import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { charging, newDirectory } from '../ledgers.fixture.ts'
import type { LedgerOperation } from '../store/ledger-operation.ts'
import { Journal } from './journal.ts'
import { journalLine, readJournalLine } from './journal-lines.ts'

const megabyte = 1024 * 1024

async function openJournal(path = join(newDirectory(), 'journal'), maxBytes = megabyte) {
  const journal = await Journal.open(path, maxBytes)
  let isOpen = true
  const close = async (): Promise<void> => {
    if (isOpen) await journal.close()
    isOpen = false
  }
  onTestFinished(close)
  return { journal, path, close }
}

function operation(amount = 5n): LedgerOperation {
  return { type: 'record', record: charging('team', amount, [{ slab: 'slab', amount }]) }
}

describe('a journal', () => {
  it('gives back what was appended, in order, also to the process after', async () => {
    const { journal, path, close } = await openJournal()
    const operations: LedgerOperation[] = [operation(2n ** 62n), { type: 'close', slab: 'slab-1' }, operation()]
    for (const each of operations) await journal.append(each)
    expect((await journal.read(journal.start)).operations).toEqual(operations)
    await close()
    const { journal: next } = await openJournal(path)
    expect(next.isEmpty).toBe(false)
    expect((await next.read(next.start)).operations).toEqual(operations)
  })

  it('lies on the disk by the time an append resolves', async () => {
    const { journal, path } = await openJournal()
    const appended = operation()
    await journal.append(appended)
    expect(readFileSync(path, 'utf8').endsWith(journalLine(appended))).toBe(true)
  })

  it('leaves out a line that a crash tore, wherever it was torn', async () => {
    const { journal, path, close } = await openJournal()
    const kept = operation()
    await journal.append(kept)
    const whole = statSync(path).size
    await journal.append(operation())
    await close()
    const bytes = readFileSync(path)
    for (let cut = whole; cut < bytes.length; cut += 7) {
      writeFileSync(path, bytes.subarray(0, cut))
      const { journal: next, close: closeNext } = await openJournal(path)
      expect(await next.read(next.start)).toMatchObject({ operations: [kept], unreadable: 0 })
      const late = operation()
      await next.append(late)
      expect((await next.read(next.start)).operations).toEqual([kept, late])
      await closeNext()
    }
  })

  it('leaves out a damaged line, and says so', async () => {
    const { journal, path, close } = await openJournal()
    const [first, last] = [operation(), operation()]
    await journal.append(first)
    await close()
    appendFileSync(path, `${journalLine(operation()).replace('"team"', '"tean"')}${journalLine(last)}`)
    const { journal: next } = await openJournal(path)
    expect(await next.read(next.start)).toMatchObject({ operations: [first, last], unreadable: 1 })
  })

  it('takes no more than it may hold, and is usable again when cleared', async () => {
    const one = operation()
    const { journal } = await openJournal(undefined, 40 + 2 * journalLine(one).length)
    const outcomes = await Promise.allSettled([one, one, one].map(each => journal.append(each)))
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(outcomes[2]).toMatchObject({ reason: { kind: 'unavailable', message: expect.stringContaining('is full') } })
    expect(await journal.clear(journal.size, () => {})).toBe(true)
    await journal.append(one)
  })

  it('is not cleared while something came that nobody read', async () => {
    const { journal } = await openJournal()
    await journal.append(operation())
    const { end } = await journal.read(journal.start)
    const late = operation()
    const appending = journal.append(late)
    let taken = false
    expect(await journal.clear(end, () => (taken = true))).toBe(false)
    await appending
    expect(taken).toBe(false)
    expect((await journal.read(end)).operations).toEqual([late])
  })

  it('keeps what is appended while it is being cleared', async () => {
    const { journal } = await openJournal()
    await journal.append(operation())
    const late = operation()
    const appended: Promise<void>[] = []
    await journal.clear(journal.size, () => appended.push(journal.append(late)))
    await Promise.all(appended)
    expect((await journal.read(journal.start)).operations).toEqual([late])
  })

  it('refuses a file that is something else, and leaves it as it is', async () => {
    const path = join(newDirectory(), 'journal')
    const text = 'the diary of somebody else, not to be touched\n'
    writeFileSync(path, text)
    await expect(Journal.open(path, megabyte)).rejects.toThrow('is no journal of this version')
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  it('begins anew where a crash tore its first line', async () => {
    const { path, close } = await openJournal()
    await close()
    truncateSync(path, 5)
    const { journal } = await openJournal(path)
    expect(journal.isEmpty).toBe(true)
  })
})

describe('a disk that has room for a part of a line', () => {
  it('takes none of it, and nobody is told that it is durable', async () => {
    const path = join(newDirectory(), 'journal')
    const script = `
      import { Journal } from ${JSON.stringify(new URL('./journal.ts', import.meta.url).href)}
      const journal = await Journal.open(${JSON.stringify(path)}, ${megabyte})
      const outcomes = []
      for (const length of [100, 3000, 100])
        outcomes.push(await journal.append({ type: 'close', slab: 'x'.repeat(length) }).then(() => 'kept', ({ message }) => message))
      await journal.close()
      console.log(JSON.stringify(outcomes))`
    // in blocks of 512 or 1,024 bytes, as the shell has it
    const limited = `ulimit -f 2; exec "$0" --input-type=module -e "$1"`
    const { stdout } = await promisify(execFile)('sh', ['-c', limited, process.execPath, script])
    expect(JSON.parse(stdout)).toEqual(['kept', expect.stringContaining('cannot be written (EFBIG)'), 'kept'])
    const { journal } = await openJournal(path)
    expect((await journal.read(journal.start)).operations).toEqual(
      [1, 2].map(() => ({ type: 'close', slab: 'x'.repeat(100) })),
    )
  })
})

describe('a line of a journal', () => {
  it('is none where one letter is another', () => {
    const line = journalLine(operation()).slice(0, -1)
    expect(readJournalLine(line)).toBeDefined()
    for (let at = 0; at < line.length; at += 1) {
      const changed = `${line.slice(0, at)}${line[at] === 'x' ? 'y' : 'x'}${line.slice(at + 1)}`
      expect(readJournalLine(changed)).toBeUndefined()
    }
  })
})
