import { crc32 } from 'node:zlib'
import type { LedgerRecord } from '@switchyard/core'
import type { LedgerOperation } from '../store/ledger-operation.ts'

/** What a journal's first line says. */
export const journalHeader = 'switchyard ledger journal 1\n'

const bigintMark = '\u0000n'

/** One operation as a line: a checksum, a space, JSON. */
export function journalLine(operation: LedgerOperation): string {
  const { type } = operation
  const told = type === 'close' ? { close: operation.slab } : { record: operation.record }
  const text = JSON.stringify(told, (_, value) => (typeof value === 'bigint' ? `${bigintMark}${value}` : value))
  return `${checksum(text)} ${text}\n`
}

/** The operation of a line without its end; `undefined` where it was torn, or is none. */
export function readJournalLine(line: string): LedgerOperation | undefined {
  const text = line.slice(9)
  if (line[8] !== ' ' || line.slice(0, 8) !== checksum(text)) return undefined
  const told = JSON.parse(text, (_, value) =>
    typeof value === 'string' && value.startsWith(bigintMark) ? BigInt(value.slice(bigintMark.length)) : value,
  ) as { readonly close: string } | { readonly record: LedgerRecord }
  return 'close' in told ? { type: 'close', slab: told.close } : { type: 'record', record: told.record }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}
