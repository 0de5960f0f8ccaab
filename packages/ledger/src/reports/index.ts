export { type LedgerReader, openLedgerReader } from './ledger-reader.ts'
export * from './usage-report.ts'
export { type UsageSummary, usageSummary } from './usage-summary.ts'
