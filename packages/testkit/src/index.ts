export { runCheck } from './bench.ts'
export type { Bench, ConformanceCheck, ConformanceOptions, ProviderSetup } from './conformance.ts'
export { conformanceChecks } from './conformance-checks.ts'
export { testProvider } from './test-provider.ts'
