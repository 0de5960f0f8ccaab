export * from './circuit-breaker.ts'
export * from './circuit-breaker-options.ts'
export * from './circuit-snapshot.ts'
export * from './circuit-state.ts'
