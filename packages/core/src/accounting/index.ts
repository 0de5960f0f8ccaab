export { type Accounting, type AccountingOptions, createAccounting } from './accounting.ts'
export { createMemoryLedger, type MemoryLedger, type MemoryLedgerOptions } from './memory-ledger.ts'
