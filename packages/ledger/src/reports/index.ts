export * from './usage-report.ts'
export * from './usage-summary.ts'
