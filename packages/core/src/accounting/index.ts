export * from './ledger-store.ts'
export * from './pricing.ts'
